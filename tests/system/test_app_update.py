# SPDX-License-Identifier: MIT
"""Updates and a user_main that is in their way."""

import pytest

from lib.installed import library
from lib.lines import SlowLine
from lib.updates import Publisher, following, updating, user_main

FAILS = """\
import asyncio

async def user_main():
    print('user_main fails')
    await asyncio.sleep_ms(10)
    1 / 0
"""
BIG = bytes(range(256)) * 3072  # 768 KiB


def test_an_update_reaches_a_user_main_that_always_fails(
    boards, broker, tmp_path
):
    """It fails long before the download is over."""
    publisher = Publisher(broker)
    publisher.src("big.bin", BIG).src("user_main.py", user_main("two"))
    publisher.publish()
    board = updating(
        boards,
        tmp_path,
        broker,
        {"/user_main.py": FAILS},
        settings={"update.boot_timeout": 1},
    )
    with SlowLine(broker.port, rate=200_000) as line:
        text = board.read("/settings.json").decode()
        text = text.replace(str(broker.port), str(line.port))
        board.put({"/settings.json": text})
        board.restart()
        after = board.wait_for("user_main fails")
        after = board.wait_for("resetting after the update", after=after)
        board.wait_for("user_main two runs", after=after, timeout=60)
    assert board.console().count("user_main fails") == 1


def test_without_user_main_it_comes_by_the_channel(boards, broker, tmp_path):
    board = updating(boards, tmp_path, broker)
    board.exec("import os; os.remove('/user_main.py')")
    board.restart()
    after = board.wait_for("Missing user_main, staying up for updates")
    Publisher(broker).src("user_main.py", user_main("two")).publish()
    board.wait_for("user_main two runs", after=after, timeout=60)


def test_a_user_main_that_returns_can_be_updated(boards, broker, tmp_path):
    ends = "async def user_main():\n    print('user_main is done')\n"
    board = updating(boards, tmp_path, broker, {"/user_main.py": ends})
    board.restart()
    after = board.wait_for("user_main ended, staying up for updates")
    Publisher(broker).src("user_main.py", user_main("two")).publish()
    board.wait_for("user_main two runs", after=after, timeout=60)


def test_an_empty_channel_does_not_hold_user_main_up(boards, broker, tmp_path):
    board = updating(
        boards, tmp_path, broker, settings={"update.boot_timeout": 60}
    )
    after = len(board.console())
    board.restart()
    after = board.wait_for("mqtt: connected to", after=after)
    board.wait_for("user_main one runs", after=after, timeout=5)


def rolled_back(board, states, words):
    """Waits until the update was undone and user_main one runs again."""
    after = board.wait_for(words, timeout=60)
    after = board.wait_for("user_main one runs", after=after)
    states.wait("rolled_back")
    return after


@pytest.mark.parametrize(
    "path, content, words",
    [
        ("user_main.py", FAILS, "ZeroDivisionError"),
        ("user_main.py", "import not_there\n", "no module named 'not_there'"),
        ("user_main.py", "def user_main(:\n", "SyntaxError"),
        ("settings.json", '{"mqtt": }', "settings.json: line 1"),
        ("lib/mpy_blox/mqtt/__init__.py", "1 / 0\n", "bringing the device up"),
    ],
    ids=["run", "import", "syntax", "settings", "framework"],
)
def test_a_set_that_raises_on_trial_is_undone(
    boards, broker, tmp_path, path, content, words
):
    board, states = following(boards, tmp_path, broker)
    publisher = Publisher(broker).src(path, content)
    if path.startswith("lib/"):
        publisher.delete(path.replace(".py", ".mpy"))
    publisher.publish()
    after = rolled_back(board, states, words)
    console = board.console()[:after]
    assert console.count("crash 1 of 3 on trial") == 1
    assert console.count("crash 2 of 3 on trial") == 1
    assert console.count("undoing the update") == 1


def test_a_build_for_another_firmware_is_undone(boards, broker, tmp_path):
    other = bytearray(library()["/lib/_blox_mqtt.mpy"].read_bytes())
    other[2] = other[2] & ~3 | 2
    board, states = following(boards, tmp_path, broker)
    Publisher(broker).src("lib/_blox_mqtt.mpy", bytes(other)).publish()
    rolled_back(board, states, "built for MicroPython mpy 6.2")
