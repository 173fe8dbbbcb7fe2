# SPDX-License-Identifier: MIT
"""A board and a broker: what waits for room, for an answer or for memory."""

import pytest
from lib.mqtt_boards import Program
from lib.script import Script


def test_many_tasks_may_publish_at_once(ready, broker):
    with broker.watch("many/#") as watch:
        with Program(
            ready,
            broker.port,
            "async def one(n):\n"
            "    for i in range(10):\n"
            "        await conn.publish(MQTTMessage('many/%d' % n, i, qos=1))\n"
            "async def user_main():\n"
            "    await asyncio.gather(*[one(n) for n in range(20)])\n"
            "    await conn.disconnect()\n"
            "asyncio.run(conn.connect())\n"
            "asyncio.run(user_main())\n",
        ):
            pass
        for n in range(20):
            watch.wait(lambda t, p: t == "many/%d" % n and p == b"9")
        for n in range(20):
            got = [p for t, p, _ in watch.messages if t == "many/%d" % n]
            assert got == [b"%d" % i for i in range(10)]


def test_more_requests_than_may_be_unanswered_wait(ready, broker):
    """For an answer, and not for ever; others run meanwhile."""
    with broker.watch("many") as watch:
        with Program(
            ready,
            broker.port,
            "async def user_main():\n"
            "    client = conn.mqtt_client\n"
            "    for do in client.subscribe, client.unsubscribe:\n"
            "        await asyncio.gather(*[do('to/%d' % i) for i in range(20)])\n"
            "    for i in range(100):\n"
            "        await conn.publish(\n"
            "            MQTTMessage('many', b'%03d' % i * 100, qos=1), wait=False)\n"
            "    await conn.disconnect()\n"
            "asyncio.run(conn.connect())\n"
            "asyncio.run(user_main())\n",
        ):
            pass
        watch.wait(lambda t, p: p == b"099" * 100)
        assert [p[:3] for _, p, _ in watch.messages] == [
            b"%03d" % i for i in range(100)
        ]


def test_as_many_unanswered_as_may_be_do_not_keep_the_next_connection(ready):
    """It subscribes once an answer has made room."""
    with Script() as script:
        program = Program(
            ready,
            script.port,
            "async def user_main():\n"
            "    await conn.connect()\n"
            "    await conn.subscribe('to', Printer(conn))\n"
            "    for i in range(16):\n"
            "        await conn.publish(MQTTMessage('t', 'm', qos=1), wait=False)\n"
            "    while conn.is_connected:\n"
            "        await asyncio.sleep_ms(10)\n"
            "    await conn.connected()\n"
            "    await conn.disconnect()\n"
            "asyncio.run(user_main())\n",
        )
        script.accept()
        packet = script.packet_of(8)
        script.send(bytes([0x90, 4]) + packet[2:4] + b"\0\0")
        sent = [script.packet_of(3) for _ in range(16)]
        script.hang_up()
        script.accept()
        again = [script.packet_of(3) for _ in range(16)]
        assert [p[5:7] for p in again] == [p[5:7] for p in sent]
        script.send(b"".join(b"\x40\x02" + p[5:7] for p in again))
        packet = script.packet_of(8)
        script.send(bytes([0x90, 4]) + packet[2:4] + b"\0\0")
        script.packet_of(14)
        program.join()


ECHOES = {
    "consumer": """
async def user_main():
    class Echo(MQTTConsumer):
        async def handle_msg(self, msg):
            await conn.publish(MQTTMessage('echo', msg.raw_payload, qos=1))
            if msg.payload == 99:
                over.set()
    over = asyncio.Event()
    await conn.connect()
    await Echo(conn).subscribe('to', qos=1)
    print('ready')
    await asyncio.wait_for(over.wait(), 20)
    await conn.disconnect()
asyncio.run(user_main())
""",
    "consume": """
async def user_main():
    async with MQTT5Client(**config['mqtt']) as client:
        await client.subscribe('to', 1)
        print('ready')
        async for msg in client.consume():
            await client.publish(MQTTMessage('echo', msg.raw_payload, qos=1))
            if msg.payload == 99:
                break
asyncio.run(asyncio.wait_for(user_main(), 20))
""",
}


@pytest.mark.parametrize("who", ECHOES)
def test_who_takes_messages_may_wait_for_the_broker(ready, broker, who):
    """What the broker answers stands behind the messages that wait."""
    with broker.watch("echo") as watch:
        with Program(ready, broker.port, ECHOES[who]) as program:
            program.wait_for("ready")
            client = broker.client()
            for n in range(100):
                client.publish("to", b"%d" % n, 1)
            program.join()
            client.disconnect()
            client.loop_stop()
        assert [p for _, p, _ in watch.messages] == [b"%d" % n for n in range(100)]


def test_nobody_waits_for_ever_when_a_connection_ends_without_memory(ready):
    """There is none from the moment on when its tasks are cancelled."""
    with Script() as script:
        with Program(
            ready,
            script.port,
            "import micropython\n"
            "class NoMemory:\n"
            "    def cancel(self):\n"
            "        micropython.heap_lock()\n"
            "async def wait(client, topic):\n"
            "    try:\n"
            "        await client.subscribe(topic)\n"
            "    except OSError as e:\n"
            "        print('not', topic)\n"
            "async def user_main():\n"
            "    client = MQTT5Client(**config['mqtt'])\n"
            "    await client.connect()\n"
            "    tasks = [asyncio.create_task(wait(client, t)) for t in 'ab']\n"
            "    await asyncio.sleep_ms(50)\n"
            "    client._tasks += (NoMemory(),)\n"
            "    reason = OSError(5)\n"
            "    client._fail(reason)\n"
            "    micropython.heap_unlock()\n"
            "    for task in tasks:\n"
            "        await asyncio.wait_for(task, 5)\n"
            "asyncio.run(user_main())\n",
        ) as program:
            script.accept()
            output = program.join()
        assert "not a" in output and "not b" in output


def test_a_message_waits_until_there_is_memory_to_send_it(ready):
    """Once when it is new, once when a lost connection left it unanswered."""
    with Script() as script:
        with Program(
            ready,
            script.port,
            "class Short:\n"
            "    def __init__(self, session):\n"
            "        self.session = session\n"
            "        self.times = 2\n"
            "    def publish(self, *arguments):\n"
            "        if self.times and arguments[0].topic == 't':\n"
            "            self.times -= 1\n"
            "            raise MemoryError\n"
            "        return self.session.publish(*arguments)\n"
            "    def __getattr__(self, name):\n"
            "        return getattr(self.session, name)\n"
            "async def user_main():\n"
            "    await conn.connect()\n"
            "    client = conn.mqtt_client\n"
            "    client._session = Short(client._session)\n"
            "    msg = MQTTMessage('t', b'x', qos=1)\n"
            "    told = asyncio.create_task(conn.publish(msg))\n"
            "    await asyncio.sleep(0)\n"
            "    await conn.publish(MQTTMessage('t', b'y', qos=1), wait=False)\n"
            "    while not msg.packet_identifier:\n"
            "        await asyncio.sleep_ms(10)\n"
            "    client._session.times = 2\n"
            "    await told\n"
            "    print('arrived')\n"
            "asyncio.run(asyncio.wait_for(user_main(), 30))\n",
            keep_alive_interval=2,
        ) as program:
            script.accept()
            script.packet_of(3)  # online
            sent = [script.packet_of(3)[-1:] for _ in range(2)]
            script.hang_up()
            script.accept()
            script.packet_of(3)
            again = [script.packet_of(3) for _ in range(2)]
            assert sent == [p[-1:] for p in again] == [b"x", b"y"]
            script.send(b"\x40\x02" + again[0][5:7])
            program.wait_for("arrived")
            program.join()
