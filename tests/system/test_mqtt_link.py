# SPDX-License-Identifier: MIT
"""What a connection does about trouble, and what of it a user reads."""

import time

import pytest
from lib.mqtt_boards import Program
from lib.ports import free_port
from lib.script import Script

RUN = "\nasyncio.run(user_main())\n"


def test_servers_are_tried_in_turn(ready, broker):
    nobody = free_port()
    with Program(
        ready,
        broker.port,
        "config['mqtt'] = {'servers': ['127.0.0.1:%d', 'nowhere.invalid',\n"
        "    '127.0.0.1:%d']}\n"
        "async def user_main():\n"
        "    await conn.connect()\n"
        "    print('at', conn.mqtt_client.port)\n"
        "    await conn.disconnect()\n"
        "    config['mqtt'] = {'servers': ['127.0.0.1:x']}\n"
        "    try:\n"
        "        await conn.connect()\n"
        "    except OSError as e:\n"
        "        print(e)\n" % (nobody, broker.port) + RUN,
    ) as program:
        output = program.join()
    assert "no broker at 127.0.0.1:%d (ECONNREFUSED)" % nobody in output
    assert "no broker at nowhere.invalid:1883 (name not found" in output
    assert "connected to 127.0.0.1:%d" % broker.port in output
    assert "at %d" % broker.port in output
    assert (
        "mqtt: '127.0.0.1:x' in mqtt.servers is no server; write host or "
        "host:port" in output
    )


def test_a_broker_that_has_moved_is_not_followed_but_said(ready, broker):
    """It names another; whom to trust is the settings' to say."""
    with Script() as script, Program(
        ready,
        script.port,
        "config['mqtt'] = {'servers': ['127.0.0.1:%d', '127.0.0.1:%d']}\n"
        "async def user_main():\n"
        "    await conn.connect(retry=True)\n"
        "    print('at', conn.mqtt_client.port)\n"
        "    await conn.disconnect()\n" % (script.port, broker.port) + RUN,
    ) as program:
        moved = bytes.fromhex("1c000b") + b"b.example:1"
        script.accept(b"\x20\x11\0\x9d\x0e" + moved)
        script.hang_up()
        output = program.join()
    assert (
        "127.0.0.1:%d refused the connection: server moved; check mqtt.server "
        "in settings.json" % script.port in output
    )
    assert "at %d" % broker.port in output


OFFLINE = """
async def user_main():
    conn.on_connect.append(lambda c: print('up'))
    await conn.connect()
    print('ready')
    while conn.is_connected:
        await asyncio.sleep_ms(10)
    for n in range(5):
        await conn.publish(MQTTMessage('off/%d' % n, n))
    await conn.publish(MQTTMessage('off/5', 5, qos=1), wait=False)
    first = asyncio.create_task(conn.publish(MQTTMessage('off/6', 6, qos=1)))
    await asyncio.sleep_ms(0)
    first.cancel()
    second = asyncio.create_task(conn.publish(MQTTMessage('off/7', 7, qos=1)))
    await asyncio.sleep_ms(0)
    queue = conn.mqtt_client.queue
    print('waiting', queue.count)
    try:
        await conn.publish(MQTTMessage('off/big', 'x' * 400, qos=1))
    except OSError as e:
        print(e.errno, e.args[1])
    await conn.publish(MQTTMessage('off/8', 8))
    await conn.publish(MQTTMessage('off/9', 9))
    print('dropped', queue.dropped, 'refused', queue.refused)
    await second
    print('second is there')
    await conn.publish(MQTTMessage('off/end', '', qos=1))
    print('left', queue.count, queue.bytes)
    await conn.disconnect()
"""


def test_what_was_published_without_a_connection_goes_out_in_order(
    ready, broker
):
    with Program(
        ready,
        broker.port,
        OFFLINE + RUN,
        queue_messages=9,
        queue_bytes=500,
    ) as program:
        program.wait_for("ready")
        broker.stop()
        program.wait_for("dropped")
        broker.start()
        with broker.watch("off/#") as watch:
            program.wait_for("left", timeout=60)
            watch.wait(lambda t, p: t == "off/end")
        output = program.join()
    got = [int(p) for t, p, _ in watch.messages if p]
    assert got == [n for n in (1, 2, 3, 4, 5, 6, 7, 8, 9) if n in got]
    assert got[-5:] == [5, 6, 7, 8, 9]
    assert "waiting 8" in output
    assert "dropped 1 refused 1" in output
    assert "105 mqtt: no connection, and no room for 439 bytes more: 8 " in output
    assert "raise mqtt.queue_messages or mqtt.queue_bytes" in output
    assert "left 0 0" in output
    assert "again after" in output


def test_a_takeover_is_said_and_not_fought(ready):
    with Script() as script:
        program = Program(
            ready,
            script.port,
            "async def user_main():\n"
            "    await conn.connect()\n"
            "    print('ready')\n"
            "    await asyncio.sleep(60)\n" + RUN,
        )
        script.accept()
        program.wait_for("ready")
        script.send("e0018e")
        program.wait_for(
            "ended the connection: session taken over; another client uses the "
            "client id 'esp32-840d8ed29760'; trying again in "
        )
        script.listener.settimeout(4)
        with pytest.raises(TimeoutError):
            script.accept()


QOS2 = """
class Last(Printer):
    async def handle_msg(self, msg):
        await super().handle_msg(msg)
        if msg.payload == b'last':
            ended.set()

async def user_main():
    global ended
    ended = asyncio.Event()
    await conn.connect()
    await conn.subscribe('to/+', Last(conn), qos=2)
    await conn.subscribe('own', Last(conn), qos=1, no_local=True)
    await conn.publish(MQTTMessage('own', 'not to me', qos=1))
    await asyncio.gather(*[
        conn.publish(MQTTMessage('from/%d' % n, n, qos=2)) for n in range(30)])
    print('sent')
    await ended.wait()
    await conn.disconnect()
"""


def test_qos_2_goes_both_ways(ready, broker):
    with broker.watch("from/#", "own") as watch:
        with Program(ready, broker.port, QOS2 + RUN, extra=True) as program:
            program.wait_for("sent")
            client = broker.client()
            for n in range(20):
                client.publish("to/%d" % n, b"%d" % n, 2)
            client.publish("to/last", b"last", 2).wait_for_publish()
            output = program.join()
            client.disconnect()
            client.loop_stop()
        watch.wait(lambda t, p: t == "from/29")
    assert [int(p) for t, p, _ in watch.messages if t != "own"] == list(range(30))
    for n in range(20):
        assert output.count("got to/%d b'%d' 2 False" % (n, n)) == 1
    assert "not to me" not in output


def test_arguments_that_are_not_right_are_explained(ready, broker):
    output = Program(
        ready,
        broker.port,
        "async def attempt(thing):\n"
        "    try:\n"
        "        await thing\n"
        "    except Exception as e:\n"
        "        print(type(e).__name__, e)\n"
        "async def user_main():\n"
        "    await conn.connect()\n"
        "    for args in (('a/+', 1), ('', 1), (None, 1), ('t', 1, 3),\n"
        "            ('t', 1, 2)):\n"
        "        await attempt(conn.publish(MQTTMessage(*args)))\n"
        "    await attempt(conn.subscribe('a/#/b', Printer(conn)))\n"
        "    await attempt(conn.subscribe('a', Printer(conn), qos=2))\n"
        "    await attempt(conn.subscribe('a', Printer(conn), nolocal=True))\n"
        "    await attempt(conn.subscribe(5, Printer(conn)))\n"
        "    await attempt(conn.subscribe('a', print))\n"
        "    print(conn._subscriptions, conn.mqtt_client.queue.count)\n"
        "    await conn.disconnect()\n" + RUN,
    ).join()
    lines = [line for line in output.splitlines() if "INFO" not in line]
    extras = (
        "ValueError mqtt: QoS 2, properties and subscription options take the "
        "extras; set mqtt.extra to true in settings.json, or give MQTT5Client "
        "extra=True"
    )
    assert lines == [
        "ValueError mqtt: cannot publish to 'a/+': '+' and '#' are for "
        "subscribing",
        "ValueError mqtt: the topic is empty; name one",
        "TypeError mqtt: a topic is a str, not NoneType",
        "ValueError mqtt: QoS 3 for 't'; use 0, 1 or 2",
        extras,
        "ValueError mqtt: 'a/#/b' is no topic filter, or its options are not "
        "known: '+' fills a level, '#' the last one, QoS is 0 to 2",
        extras,
        "ValueError mqtt: subscribe() takes no_local, retain_as_published and "
        "retain_handling (0 to 2), not nolocal",
        "TypeError mqtt: a topic filter is a str, not int",
        "TypeError mqtt: a consumer of a needs handle_msg(msg)",
        "{} 0",
    ]


def test_qos_2_before_the_first_connection_is_kept_and_sent(ready, broker):
    with broker.watch("early") as watch:
        Program(
            ready,
            broker.port,
            "async def user_main():\n"
            "    await conn.publish(\n"
            "        MQTTMessage('early', 'kept', qos=2), wait=False)\n"
            "    await conn.connect()\n"
            "    await conn.publish(MQTTMessage('early', 'and more', qos=2))\n"
            "    await conn.disconnect()\n" + RUN,
        ).join()
        watch.wait(lambda t, p: p == b"and more")
    assert [p for _, p, _ in watch.messages] == [b"kept", b"and more"]


def test_extras_of_another_connection_are_not_its_own(ready, broker):
    """What lacks is said, and not that the broker had not got it."""
    output = Program(
        ready,
        broker.port,
        "import _blox_mqtt_extra\n"
        "async def user_main():\n"
        "    await conn.connect()\n"
        "    try:\n"
        "        await conn.publish(MQTTMessage('t', 'm', qos=2))\n"
        "    except ValueError as e:\n"
        "        print(e)\n"
        "    await conn.disconnect()\n" + RUN,
    ).join()
    assert "mqtt: QoS 2, properties and subscription options take the" in output


def test_a_subscription_that_cannot_be_costs_no_connection(ready, broker):
    """It is made without one, so that nobody is there to be told."""
    output = Program(
        ready,
        broker.port,
        "async def user_main():\n"
        "    await conn.subscribe('a/#/b', Printer(conn))\n"
        "    await conn.subscribe('a', Printer(conn), qos=2)\n"
        "    await conn.connect()\n"
        "    print('connected', conn.is_connected)\n"
        "    await conn.disconnect()\n" + RUN,
    ).join()
    assert "ERROR:mqtt:'a/#/b' is no topic filter" in output.replace(
        "mqtt:mqtt: ", "mqtt:"
    )
    assert "take the extras; set mqtt.extra" in output
    assert "connected True" in output


def test_a_consumer_whose_work_is_cancelled_gets_the_next_message(
    ready, broker
):
    output = Program(
        ready,
        broker.port,
        "async def user_main():\n"
        "    over = asyncio.Event()\n"
        "    class Cancelling(MQTTConsumer):\n"
        "        async def handle_msg(self, msg):\n"
        "            if msg.payload == 2:\n"
        "                return over.set()\n"
        "            work = asyncio.create_task(asyncio.Event().wait())\n"
        "            await asyncio.sleep_ms(0)\n"
        "            work.cancel()\n"
        "            await work\n"
        "    await conn.connect()\n"
        "    await conn.subscribe('a', Cancelling(conn))\n"
        "    for n in range(3):\n"
        "        await conn.publish(MQTTMessage('a', n, 1))\n"
        "    await asyncio.wait_for(over.wait(), 10)\n"
        "    print('all handled')\n"
        "    await conn.disconnect()\n" + RUN,
    ).join()
    assert "ERROR:mqtt:handling a failed" in output
    assert "all handled" in output


def test_a_session_that_goes_on_repeats_what_was_not_acknowledged(ready):
    """Byte by byte: DUP, the same identifier, in order, PUBREL after PUBREC;
    and what is not wanted any more is unsubscribed from."""
    with Script() as script:
        program = Program(
            ready,
            script.port,
            "async def user_main():\n"
            "    await conn.connect()\n"
            "    await conn.subscribe('gone', Printer(conn))\n"
            "    for qos in (1, 2, 2):\n"
            "        await conn.publish(\n"
            "            MQTTMessage('t', 'm', qos=qos), wait=False)\n"
            "    while conn.is_connected:\n"
            "        await asyncio.sleep_ms(10)\n"
            "    await conn.unsubscribe('gone', None)\n"
            "    for c in list(conn._subscriptions['gone'][1]):\n"
            "        await conn.unsubscribe('gone', c)\n"
            "    while conn.mqtt_client.queue.count:\n"
            "        await asyncio.sleep_ms(10)\n"
            "    print('all over')\n"
            "    await conn.disconnect()\n" + RUN,
            extra=True,
        )
        connect = script.accept()
        # its flags: clean start, will, will retain
        assert connect[9] == 0x26
        packet = script.packet_of(8)
        script.send(bytes([0x90, 4]) + packet[2:4] + b"\0\0")
        sent = [script.packet_of(3) for _ in range(3)]
        assert [p[0] for p in sent] == [0x32, 0x34, 0x34]
        ids = [p[5:7] for p in sent]
        script.send(b"\x50\x02" + ids[1])  # PUBREC for the second
        assert script.packet_of(6) == b"\x62\x02" + ids[1]
        script.hang_up()
        connect = script.accept(bytes.fromhex("2003010000"))
        assert connect[9] == 0x24, "no clean start"
        again = [script.packet() for _ in range(4)]
        stale = again.pop()
        assert stale[0] == 0xA2 and stale.endswith(b"gone")
        script.send(bytes([0xB0, 4]) + stale[2:4] + b"\0\0")
        again.remove(b"\x62\x02" + ids[1])
        assert [(p[0], p[5:7]) for p in again] == [
            (0x3A, ids[0]),
            (0x3C, ids[2]),
        ]
        script.send(b"\x40\x02" + ids[0])
        script.send(b"\x70\x02" + ids[1])
        script.send(b"\x50\x02" + ids[2])
        assert script.packet_of(6) == b"\x62\x02" + ids[2]
        script.send(b"\x70\x02" + ids[2])
        program.wait_for("all over")
        program.join()


def test_a_small_message_does_not_wait_for_the_last_ones_answer(ready):
    """Nagle's algorithm would hold the second one up to 40 ms."""
    with Script() as script:
        Program(
            ready,
            script.port,
            "async def user_main():\n"
            "    async with MQTT5Client('127.0.0.1', %d) as client:\n"
            "        while True:\n"
            "            await client.publish(MQTTMessage('t', 'm'))\n"
            "            await client.publish(MQTTMessage('t', 'm'))\n"
            "            await asyncio.sleep_ms(100)\n" % script.port + RUN,
        )
        script.accept()
        gaps = []
        for _ in range(15):
            script.packet_of(3)
            begin = time.monotonic()
            script.packet_of(3)
            gaps.append(time.monotonic() - begin)
        assert sorted(gaps)[7] < 0.02


KEPT = """
async def user_main():
    try:
        await conn.connect()
    except OSError:
        pass
    for n in range({first}, {first} + 3):
        await conn.publish(MQTTMessage('kept/%d' % n, n, qos=1), wait=False)
    print('promised')
    await conn.connect(retry=True)
    while conn.mqtt_client.queue.count:
        await asyncio.sleep_ms(10)
    print('all out')
    await conn.disconnect()
"""


def test_a_power_cut_loses_no_promise_when_the_queue_is_persistent(
    ready, broker
):
    broker.stop()
    program = Program(
        ready, broker.port, KEPT.format(first=0) + RUN, queue_persistent=True
    )
    program.wait_for("promised")
    ready.restart()
    broker.start()
    with broker.watch("kept/#") as watch:
        with Program(
            ready,
            broker.port,
            KEPT.format(first=3) + RUN,
            queue_persistent=True,
        ) as program:
            output = program.join()
        watch.wait(lambda t, p: p == b"5")
    assert "3 messages of an earlier boot wait" in output
    assert [int(p) for _, p, _ in watch.messages] == [0, 1, 2, 3, 4, 5]
    assert "mqtt.queue" not in ready.exec("import os; print(os.listdir('/'))")


def test_a_persistent_queue_without_memory_is_said_and_loses_nothing(ready, broker):
    broker.stop()
    program = Program(
        ready,
        broker.port,
        """
class NoMemory:
    def done(self, number):
        raise MemoryError('none left')

async def user_main():
    try:
        await conn.connect()
    except OSError:
        pass
    told = asyncio.create_task(conn.publish(MQTTMessage('t', 'm', qos=1)))
    await asyncio.sleep(0)
    conn.mqtt_client._keeper._keep = NoMemory()
    print('promised')
    await conn.connect(retry=True)
    await asyncio.wait_for(told, 10)
    await conn.disconnect()
"""
        + RUN,
        queue_persistent=True,
    )
    with program:
        program.wait_for("promised")
        broker.start()
        output = program.join()
    assert "not kept over a reset: none left" in output and "lost" not in output


def test_what_was_promised_goes_out_before_an_orderly_end(ready, broker):
    with broker.watch("end/#") as watch:
        output = Program(
            ready,
            broker.port,
            "async def user_main():\n"
            "    await conn.connect()\n"
            "    for n in range(40):\n"
            "        await conn.publish(\n"
            "            MQTTMessage('end/%d' % n, n, qos=1), wait=False)\n"
            "    last = asyncio.create_task(conn.publish(\n"
            "        MQTTMessage('end/40', 40, qos=1)))\n"
            "    await asyncio.sleep_ms(0)\n"
            "    await conn.disconnect()\n" + RUN,
        ).join()
        watch.wait(lambda t, p: p == b"40")
    assert [int(p) for _, p, _ in watch.messages] == list(range(41))
    assert "not sent" not in output
