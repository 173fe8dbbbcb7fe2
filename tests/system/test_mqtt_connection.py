# SPDX-License-Identifier: MIT
"""A board and a real mosquitto: connecting, messages both ways, staying."""

import signal

import pytest
from lib.mqtt_boards import Program

STATUS = "mpypi/nodes/esp32-840d8ed29760/status"


def test_says_online_and_offline(ready, broker):
    with broker.watch("mpypi/#") as watch:
        with Program(
            ready,
            broker.port,
            "asyncio.run(conn.connect())\n"
            "print('up', conn.client_id, conn.is_connected)\n"
            "asyncio.run(conn.disconnect())\n"
            "print('down', conn.is_connected)\n",
        ) as program:
            output = program.join()
        watch.wait(lambda t, p: p == b"offline")
        assert [m[:2] for m in watch.messages] == [
            (STATUS, b"online"),
            (STATUS, b"offline"),
        ]
    assert "up esp32-840d8ed29760 True" in output
    assert "down False" in output
    with broker.watch(STATUS) as watch:
        watch.wait(lambda t, p: p == b"offline")
        assert watch.messages[0][2], "the status is retained"


def test_the_will_says_offline_when_the_power_is_cut(ready, broker):
    with broker.watch("mpypi/#") as watch:
        Program(
            ready,
            broker.port,
            "asyncio.run(conn.connect())\nasyncio.run(asyncio.sleep(60))\n",
        )
        watch.wait(lambda t, p: p == b"online")
        ready.kill()
        watch.wait(lambda t, p: p == b"offline")


def test_a_refused_password_is_one_clear_sentence(ready, brokers):
    broker = brokers(users={"blox": "right"})
    program = Program(
        ready,
        broker.port,
        "try:\n"
        "    asyncio.run(conn.connect())\n"
        "except Exception as e:\n"
        "    print(type(e).__name__, '%02x' % e.reason_code, e)\n"
        "config['mqtt.password'] = 'right'\n"
        "asyncio.run(conn.connect())\n"
        "print('in')\n"
        "asyncio.run(conn.disconnect())\n",
        user="blox",
        password="wrong",
    )
    output = program.join()
    assert (
        "MQTTConnectionRefused 87 mqtt: broker 127.0.0.1:%d refused the "
        "connection: not authorized; check mqtt.username in settings.json and "
        "mqtt.password in provision.json" % broker.port
    ) in output
    assert output.rstrip().endswith("in")


def test_no_broker_is_one_clear_sentence(ready):
    program = Program(
        ready,
        1,
        "for server in ('127.0.0.1', 'nowhere.invalid'):\n"
        "    config['mqtt']['server'] = server\n"
        "    try:\n"
        "        asyncio.run(conn.connect())\n"
        "    except OSError as e:\n"
        "        print(e)\n"
        "del config['mqtt']\n"
        "try:\n"
        "    asyncio.run(conn.connect())\n"
        "except OSError as e:\n"
        "    print(e)\n",
    )
    advice = "check mqtt.server and mqtt.port in settings.json"
    assert program.join().splitlines() == [
        "mqtt: no broker at 127.0.0.1:1 (ECONNREFUSED); " + advice,
        "mqtt: no broker at nowhere.invalid:1 (name not found, or no "
        "network); " + advice,
        "mqtt: settings.json names no broker; add 'mqtt' with 'server'",
    ]


def test_messages_go_both_ways(ready, broker):
    with broker.watch("from/#") as watch:
        with Program(
            ready,
            broker.port,
            """
class Stopper(Printer):
    async def handle_msg(self, msg):
        await super().handle_msg(msg)
        if msg.payload == {'stop': True}:
            stop.set()
        if msg.payload == b'boom':
            raise ValueError('boom')

async def user_main():
    global stop
    stop = asyncio.Event()
    consumer = Stopper(conn)
    await conn.subscribe('to/+/x', consumer, qos=1)
    await consumer.subscribe('to/exact')
    await consumer.subscribe('to/gone')
    await consumer.unsubscribe('to/gone')
    await conn.publish(MQTTMessage('from/1', {'n': 1}, qos=1, retain=True))
    await conn.publish(MQTTMessage('from/2', b'raw'))
    await conn.publish(MQTTMessage('from/3', 'x' * 20000, qos=1))
    await stop.wait()
    await conn.disconnect()

asyncio.run(conn.connect())
asyncio.run(user_main())
""",
        ) as program:
            watch.wait(lambda t, p: t == "from/3")
            broker.publish("to/gone", "never")
            broker.publish("to/a/x", "boom", qos=1)
            broker.publish("to/a/y", "never")
            broker.publish("to/exact", "é".encode(), qos=0)
            broker.publish("to/b/x", b"1" * 8192)
            broker.publish("to/exact", '{"stop": true}')
            output = program.join()
    assert sorted((t, p) for t, p, _ in watch.messages) == [
        ("from/1", b'{"n": 1}'),
        ("from/2", b"raw"),
        ("from/3", b"x" * 20000),
    ]
    assert "got to/a/x b'boom' 1 False" in output
    assert "handling to/a/x failed" in output and "ValueError: boom" in output
    assert "got to/exact b'\\xc3\\xa9' 0 False" in output
    assert "got to/b/x b'%s'" % ("1" * 8192) in output
    assert "never" not in output
    with broker.watch("from/1") as watch:
        watch.wait(lambda t, p: t == "from/1")


def test_retained_messages_come_with_the_subscription(ready, broker):
    broker.publish("kept", "before", retain=True)
    program = Program(
        ready,
        broker.port,
        "async def user_main():\n"
        "    await Printer(conn).subscribe('kept')\n"
        "    await asyncio.sleep(0.3)\n"
        "    await conn.disconnect()\n"
        "asyncio.run(conn.connect())\n"
        "asyncio.run(user_main())\n",
    )
    assert "got kept b'before' 0 True" in program.join()


STAY = """
async def user_main():
    conn.on_connect.append(lambda c: print('connected'))
    conn.on_disconnect.append(lambda c: print('disconnected'))
    await conn.connect(retry=True)
    await conn.subscribe('to/#', Printer(conn), qos=1)
    print('ready')
    n = 0
    while n < 1000:
        n += 1
        await conn.publish(MQTTMessage('from/n', n, qos=1))
        await asyncio.sleep(0.1)

asyncio.run(user_main())
"""


def test_comes_back_when_the_broker_does(ready, broker):
    broker.stop()
    program = Program(ready, broker.port, STAY)
    program.wait_for("no broker at")
    broker.start()
    program.wait_for("ready")
    for _ in range(2):
        broker.restart()
        program.wait_for("disconnected")
        with broker.watch("from/n", "mpypi/#") as watch:
            program.wait_for("connected")
            broker.publish("to/you", "hello again")
            program.wait_for("got to/you b'hello again' 1")
            watch.wait(lambda t, p: t == STATUS and p == b"online")
            first = int(watch.wait(lambda t, p: t == "from/n"))
            watch.wait(lambda t, p: p == b"%d" % (first + 3))


def test_notices_a_broker_that_is_silent(ready, broker):
    program = Program(ready, broker.port, STAY, keep_alive_interval=1)
    program.wait_for("ready")
    broker.process.send_signal(signal.SIGSTOP)
    try:
        program.wait_for("no answer within the keep alive", timeout=6)
        program.wait_for("disconnected")
    finally:
        broker.process.send_signal(signal.SIGCONT)
    program.wait_for("connected", timeout=60)
    broker.publish("to/you", "hello again")
    program.wait_for("got to/you b'hello again'")


def test_comes_back_when_the_wifi_does(ready, broker):
    program = Program(ready, broker.port, STAY, keep_alive_interval=2)
    program.wait_for("ready")
    for _ in range(2):
        ready.control("wifi down")
        program.wait_for("disconnected")
        ready.control("wifi up")
        program.wait_for("connected", timeout=40)
        broker.publish("to/you", "hello again")
        program.wait_for("got to/you b'hello again'")


def test_the_watchdog_resets_a_board_whose_broker_is_silent(ready, broker):
    program = Program(
        ready,
        broker.port,
        "async def user_main():\n"
        "    await conn.connect()\n"
        "    await asyncio.sleep(5)\n"
        "    print('still here')\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(user_main())\n",
        keep_alive_interval=60,
        wdt_timeout=2000,
    )
    program.wait_for("still here")
    broker.process.send_signal(signal.SIGSTOP)
    try:
        program.wait_for("MicroPython", timeout=10)
    finally:
        broker.process.send_signal(signal.SIGCONT)


def test_two_connections_have_their_own_names(ready, broker):
    with broker.watch("from/#", "mpypi/#") as watch:
        with Program(
            ready,
            broker.port,
            "config['mqtt_second'] = dict(config['mqtt'], keep_alive_interval=5)\n"
            "second = MQTTConnectionManager.get_connection('second')\n"
            "assert second is MQTTConnectionManager.get_connection('second')\n"
            "async def main():\n"
            "    await conn.connect()\n"
            "    await second.connect()\n"
            "    await conn.publish(MQTTMessage('from/1', conn.client_id))\n"
            "    await second.publish(MQTTMessage('from/2', second.client_id))\n"
            "    await second.disconnect()\n"
            "    await conn.disconnect()\n"
            "asyncio.run(main())\n",
        ):
            watch.wait(lambda t, p: p == b"esp32-840d8ed29760")
            watch.wait(lambda t, p: p == b"esp32-840d8ed29760-second")
        watch.wait(lambda t, p: p == b"offline")
        assert {t for t, _, _ in watch.messages} == {
            "from/1",
            "from/2",
            STATUS,
        }


def test_the_plain_client_consumes_what_comes(ready, broker):
    program = Program(
        ready,
        broker.port,
        "async def main():\n"
        "    async with MQTT5Client('127.0.0.1', %d, 'me') as client:\n"
        "        await client.subscribe('own/#')\n"
        "        for n in range(40):\n"
        "            await client.publish(MQTTMessage('own/%%d' %% n, n))\n"
        "        async for msg in client.consume():\n"
        "            print(msg.topic, msg.payload)\n"
        "            if msg.payload == 39:\n"
        "                break\n"
        "    try:\n"
        "        await client.publish(MQTTMessage('own/late', 1))\n"
        "    except OSError as e:\n"
        "        print(e)\n"
        "asyncio.run(main())\n" % broker.port,
    )
    lines = program.join().splitlines()
    assert lines[:40] == ["own/%d %d" % (n, n) for n in range(40)]
    assert lines[40] == "mqtt: not connected"


LOADED = """
import sys

def loaded():
    return sorted(m for m in sys.modules if m.startswith('mpy_blox.mqtt'))
"""


def test_what_is_seldom_done_leaves_and_messages_load_nothing(ready, broker):
    """Connecting, subscribing and a refusal have been, for several at once."""
    program = Program(
        ready,
        broker.port,
        LOADED
        + """
async def user_main():
    await conn.connect()
    consumers = [Printer(conn) for _ in range(8)]
    await asyncio.gather(*[c.subscribe('to/me') for c in consumers])
    print('together', [m for m in loaded() if m.endswith('more')])
    try:
        await conn.publish(MQTTMessage('no/#', 1))
    except ValueError as e:
        print(e)
    await asyncio.sleep(0.7)
    print('at rest', loaded())
    print('events', 'asyncio.event' in sys.modules, 'Event' in asyncio.__dict__)
    for qos in (0, 1):
        await conn.publish(MQTTMessage('to/me', qos, qos))
    while not conn.publish_now('to/me', 'now'):
        await asyncio.sleep_ms(10)
    await conn.publish(MQTTMessage('big', 'x' * 20000, 1))
    print('published', loaded())
    await asyncio.sleep(0.5)
    await conn.disconnect()

asyncio.run(user_main())
""",
    )
    lines = program.join().splitlines()
    stays = "['mpy_blox.mqtt', 'mpy_blox.mqtt.consumer', 'mpy_blox.mqtt.protocol', "
    stays += "'mpy_blox.mqtt.protocol.client', 'mpy_blox.mqtt.protocol.exc', "
    stays += "'mpy_blox.mqtt.protocol.message', "
    stays += "'mpy_blox.mqtt.routes']"
    assert "together ['mpy_blox.mqtt.client_more', 'mpy_blox.mqtt.more']" in lines
    assert "at rest " + stays in lines
    assert "events False False" in lines  # they come back for QoS 1
    assert "published " + stays in lines
    assert sum(line.startswith("got to/me") for line in lines) == 3 * 8


@pytest.mark.parametrize("module", ["client_more", "again", "explain"])
def test_comes_back_when_there_was_no_memory_to_connect(ready, broker, module):
    """A module that cannot be loaded for a while ends nothing."""
    program = Program(
        ready,
        broker.port,
        """
import os, sys
PATH = '/lib/mpy_blox/mqtt/%s'
ENDING = '.py' if '%s.py' in os.listdir('/lib/mpy_blox/mqtt') else '.mpy'

async def user_main():
    conn.on_connect.append(lambda c: print('up'))
    conn.on_disconnect.append(lambda c: print('down'))
    await conn.connect()
    await asyncio.sleep(0.6)
    os.rename(PATH + ENDING, '/kept')
    with open(PATH + '.py', 'w') as file:
        file.write("print('no memory')\\nraise MemoryError\\n")
    print('ready')
    await asyncio.sleep(1.5)
    os.remove(PATH + '.py')
    os.rename('/kept', PATH + ENDING)
    print('memory again')
    await asyncio.sleep(60)

asyncio.run(user_main())
"""
        % (module, module),
        keep_alive_interval=2,
    )
    program.wait_for("ready")
    broker.restart()
    program.wait_for("no memory")
    program.wait_for("memory again")
    program.wait_for("up", timeout=60)
