# SPDX-License-Identifier: MIT
"""The examples of docs/mqtt.md run, one after the other, on a board."""

import json
import re

from lib.boards import ROOT
from lib.installed import install
from lib.mqtt_boards import Program
from test_mqtt_brokers import LACKS

TEXT = (ROOT / "docs/mqtt.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.S)

RUN = """
connection = conn
SERVER, PORT = '127.0.0.1', {port}
async def main():
    await connection.connect()
    await user_main()
    await asyncio.sleep_ms(300)
    await connection.disconnect()
asyncio.run(main())
"""


def block(words):
    (found,) = [b for b in BLOCKS if words in b]
    return found


def program(board, broker, *blocks, **settings):
    code = "connection = conn\n" + "\n".join(map(block, blocks))
    return Program(
        board,
        broker.port,
        code + RUN.format(port=broker.port),
        **settings,
    )


def test_the_examples_run(boards, tmp_path, broker):
    install(tmp_path / "board")
    board = boards()
    settings = {"mqtt": {"server": "127.0.0.1", "port": broker.port}}
    board.put({"/settings.json": json.dumps(settings)})
    first = Program(board, broker.port, block("init_config")).join()
    assert "connected as esp32-840d8ed29760" in first

    with broker.watch("garden/#") as watch:
        program(board, broker, "'garden/temperature'").join()
        program(
            board, broker, "'garden/temperature'", "'garden/ask'", extra=True
        ).join()
        watch.wait(lambda t, p: t == "garden/ask")
    assert [m[:2] for m in watch.messages[:3]] == [
        ("garden/temperature", b"21.5"),
        ("garden/door", b'{"open": true}'),
        ("garden/log", b"started"),
    ]

    broker.publish("garden/shed/door", b'{"open": false}', retain=True)
    output = program(board, broker, "class Door").join()
    assert "garden/shed/door {'open': False} 1 True" in output

    broker.publish("camera/picture", b"p" * 20000, retain=True)
    output = program(board, broker, "class Sink").join()
    assert "picture complete: True" in output
    assert board.read("/picture") == b"p" * 20000

    output = program(board, broker, "on_disconnect").join()
    assert "True" in output and output.rstrip().endswith("lost")

    output = program(
        board, broker, "'garden/temperature'", "client.consume"
    ).join()
    assert "own/x b'hello'" in output


def test_json_is_json():
    for text in re.findall(r"```json\n(.*?)```", TEXT, re.S):
        json.loads(text)


def test_what_a_broker_lacks_is_listed():
    table = TEXT[TEXT.index("## Brokers") :]
    words = {"shared": "shared subscriptions"}
    for family, lacks in LACKS.items():
        (row,) = re.findall(r"^\| %s \| (.*) \|$" % family, table, re.M)
        for feature in lacks:
            assert words[feature] in row
