# SPDX-License-Identifier: MIT
"""A broker that is killed again and again under load: every message at QoS 1
and 2 that publish() took arrives. BLOX_RESTARTS=200 in make long."""

import os
import re

from lib.installed import install
from lib.mqtt_boards import Program

RESTARTS = int(os.environ.get("BLOX_RESTARTS", 4))

LOAD = """
async def load(task):
    global n
    while not stopping:
        n += 1
        number = n
        await conn.publish(
            MQTTMessage('load/%d' % number, 'x' * 50, qos=1 + number % 2))
        await asyncio.sleep_ms(20)

async def beat():
    # as long as it takes for the next wait to be short again
    await asyncio.sleep_ms(2200)
    print('beat')

class Stop(MQTTConsumer):
    async def handle_msg(self, msg):
        global stopping
        stopping = True

async def user_main():
    conn.on_connect.append(lambda c: asyncio.create_task(beat()))
    await conn.connect()
    await conn.subscribe('stop', Stop(conn), qos=1)
    await asyncio.gather(*[load(task) for task in range(10)])
    print('published', n, conn.mqtt_client.queue.count)
    await conn.disconnect()

n = 0
stopping = False
asyncio.run(user_main())
"""


def test_every_promise_is_kept(boards, tmp_path, broker):
    install(tmp_path / "board")
    with Program(boards(), broker.port, LOAD, extra=True) as program:
        for _ in range(RESTARTS):
            program.wait_for("beat", timeout=150)
            broker.process.kill()
            broker.process.wait()
            broker.start()
        program.wait_for("beat", timeout=150)
        broker.publish("stop", b"now", retain=True)
        output = program.join(60)
    published, left = map(int, output.split("published ")[1].split())
    arrived = {
        int(number)
        for number in re.findall(
            r"Received PUBLISH from \S+ \(d\d, q\d, r\d, m\d+, 'load/(\d+)'",
            broker.log_text(),
        )
    }
    assert left == 0 and published > 50 * RESTARTS
    assert arrived == set(range(1, published + 1))
    assert "Traceback" not in output
