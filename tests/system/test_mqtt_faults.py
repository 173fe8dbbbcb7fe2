# SPDX-License-Identifier: MIT
"""A board and a real mosquitto over a line that fails, a few times of each
kind; tests/core/mqtt/test_faults.c tries every byte of the engines."""

from lib.lines import FaultLine
from lib.installed import install
from lib.mqtt_boards import Program

# Rounds of three messages each way at QoS 1 and 2; the host says when.
ROUNDS = """
class Rounds(MQTTConsumer):
    async def handle_msg(self, msg):
        if msg.topic == 'go':
            asyncio.create_task(send(msg.payload))
        else:
            print('got', msg.qos, msg.payload)

async def send(n):
    if n < 0:
        ended.set()
        return
    for i in range(3):
        await conn.publish(
            MQTTMessage('up/%d' % (1 + i % 2), 3 * n + i, qos=1 + i % 2))
    print('round', n, 'is over')

async def user_main():
    global ended
    ended = asyncio.Event()
    await conn.connect()
    rounds = Rounds(conn)
    await rounds.subscribe('go', qos=2)
    await rounds.subscribe('down/#', qos=2)
    print('ready')
    await ended.wait()
    await conn.disconnect()

asyncio.run(user_main())
"""

FAULTS = [
    ("cut", "up", 3),
    ("cut", "down", 30),
    ("split", "down", 0),
    ("cut", "up", 40),
    ("hole", "up", 20),
    ("delay", "down", 10),
    ("hole", "down", 33),
    ("split", "up", 0),
]


def test_nothing_is_lost_and_nothing_at_qos_2_comes_twice(
    boards, tmp_path, broker
):
    install(tmp_path / "board")
    board = boards()
    with FaultLine(broker.port) as line, broker.watch("up/#") as watch:
        with Program(
            board, line.port, ROUNDS, extra=True, keep_alive_interval=1
        ) as program:
            program.wait_for("ready")
            client = broker.client()
            for n, fault in enumerate(FAULTS):
                line.fail(*fault)
                for i in range(3):
                    client.publish("down/x", b"%d" % (3 * n + i), 1 + i % 2)
                client.publish("go", b"%d" % n, 2)
                assert line.happened.wait(20), fault
                program.wait_for("round %d is over" % n, timeout=60)
            client.publish("go", b"-1", 2)
            output = program.join()
            client.disconnect()
            client.loop_stop()
    count = 3 * len(FAULTS)
    got = [line.split()[1:] for line in output.splitlines() if "got " in line]
    for qos, topic in ((1, "up/1"), (2, "up/2")):
        wanted = [n for n in range(count) if n % 3 % 2 == qos - 1]
        up = [int(p) for t, p, _ in watch.messages if t == topic]
        down = [int(n) for q, n in got if int(q) == qos]
        assert sorted(set(up)) == wanted and sorted(set(down)) == wanted
        if qos == 2:
            assert up == wanted and down == wanted
