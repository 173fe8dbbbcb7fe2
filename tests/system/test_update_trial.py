# SPDX-License-Identifier: MIT
"""Trial, health gate, undo, safe mode: on a whole board."""

import json
import re

import pytest

from lib.boards import ROOT
from lib.installed import install
from lib.updates import Publisher, States, following, own_main, updating, user_main

FAST = {"update.trial_timeout": 1, "update.trial_watchdog": 1}
LONG = {"update.trial_timeout": 600}
APP = "lib/mpy_blox/app.py"
UNDONE = "rescue: the update is undone:"
CRASHED = "the update was undone, it crashed 3 times on trial; the set before it runs"
RAISES = """\
async def user_main():
    print('user_main raises')
    1 / 0
"""
BLOCKS = """\
async def user_main():
    print('user_main blocks')
    while True:
        pass
"""
FILLS = """\
kept = []

async def user_main():
    print('user_main fills')
    while True:
        kept.append(bytearray(16))
"""
RESETS = """\
import machine

async def user_main():
    print('user_main resets')
    machine.reset()
"""


@pytest.fixture
def device(boards, tmp_path, broker):
    """A function: a board that follows the channel and runs user_main one,
    with these settings, and its states."""

    def make(settings=FAST, **more):
        return following(boards, tmp_path, broker, settings=settings, **more)

    return make


def on_trial(device, broker, settings=LONG):
    """A board that has user_main two on trial."""
    board, states = device(settings)
    publisher = Publisher(broker).src("user_main.py", user_main("two"))
    publisher.publish("mpypi/nodes/%s/cmd" % board.node, retain=False)
    board.wait_for("user_main two runs")
    states.wait("trial")
    return board, states


def undone(board, states):
    """Waits for the undo; returns the document that tells of it."""
    after = board.wait_for(UNDONE, timeout=60)
    board.wait_for("user_main one runs", after=after)
    return states.wait("rolled_back")


@pytest.mark.parametrize(
    "app, traceback",
    [
        ("1 / 0\n", "ZeroDivisionError: divide by zero"),
        ("x = [0]\nwhile True:\n    x = x + x\n", "MemoryError: "),
        ("while True:\n    pass\n", ""),
        ("import sys\nsys.exit()\n", ""),
        ("def main_except_reset():\n    pass\n", ""),
    ],
    ids=["raises", "memory", "hangs", "exits", "returns"],
)
def test_a_framework_that_does_not_start_is_undone(
    device, broker, app, traceback
):
    board, states = device()
    Publisher(broker).src(APP, app).delete(APP[:-2] + "mpy").publish()
    document = undone(board, states)
    assert document["error"] == CRASHED
    assert traceback in document["traceback"]


@pytest.mark.parametrize(
    "source, traceback",
    [
        (RAISES, "ZeroDivisionError: divide by zero"),
        (FILLS, "in user_main\nMemoryError:"),
        (BLOCKS, ""),
        (RESETS, ""),
    ],
    ids=["raises", "fills", "blocks", "resets"],
)
def test_a_user_main_that_does_not_live_is_undone(
    device, broker, source, traceback
):
    board, states = device()
    Publisher(broker).src("user_main.py", source).publish()
    document = undone(board, states)
    assert document["error"] == CRASHED
    assert traceback in document["traceback"]
    assert board.console().count("user_main " + source.split("main ")[1][:5]) == 3


def test_the_main_py_of_a_firmware_undoes_an_update(device, broker):
    """It goes before the one on flash, which is not run."""
    board, states = device(static=True, files={
        "/main.py": "print('main.py of the flash')\n"
    })
    Publisher(broker).src("user_main.py", RAISES).publish()
    assert undone(board, states)["error"] == CRASHED
    assert board.console().count("user_main raises") == 3
    assert "of the flash" not in board.console()


def test_a_set_that_failed_is_not_taken_again(device, broker):
    """In whatever list it comes; unless by a command."""
    board, states = device()
    publisher = Publisher(broker).src("user_main.py", RAISES).publish()
    undone(board, states)
    seen, after = len(states.all()), len(board.console())
    publisher.entries.append({"type": "firmware"})
    publisher.publish()
    board.restart()
    assert states.wait("rolled_back", after=seen)["error"] == CRASHED
    board.wait_for("user_main one runs", after=after)
    assert "downloading" not in [d["state"] for d in states.all()[seen:]]
    publisher.publish("mpypi/nodes/%s/cmd" % board.node, retain=False)
    board.wait_for("user_main raises", after=after)


def test_a_program_with_a_main_py_of_its_own_goes_back(
    boards, tmp_path, broker
):
    """It ends in the REPL: the watchdog gets it out of there."""
    files = {"/main.py": own_main(broker), "/thing.py": "VERSION = 1\n"}
    files["/settings.json"] = "{}"
    board = updating(boards, tmp_path, broker, files=files)
    states = States(broker.watch("mpypi/nodes/#"), board)
    board.restart()
    board.wait_for("thing 1")
    Publisher(broker).src("thing.py", "1 / 0\n").publish()
    after = board.wait_for(UNDONE, timeout=60)
    board.wait_for("thing 1", after=after)
    assert states.wait("rolled_back")["error"] == CRASHED


def test_ten_power_cuts_on_trial_undo(device, broker):
    board, states = on_trial(device, broker)
    for _ in range(10):
        assert UNDONE not in board.console()
        after = len(board.console())
        board.control("power-cut")
        board.stop()
        board.start()
        board.wait_for("joining 'net'", after=after)
    assert "power was lost 10 times" in undone(board, states)["error"]


def test_a_rollback_that_power_cuts_ends_well(device, broker):
    files = {"part%d.py" % i: "x = %d\n" % i for i in range(4)}
    board, states = device(LONG)
    publisher = Publisher(broker).src("user_main.py", user_main("two"))
    for path, text in files.items():
        publisher.src(path, text)
    publisher.publish()
    board.wait_for("user_main two runs")
    board.exec("open('/.blox/boots', 'w').write('9 120\\n2222')")
    for operation in range(1, 26, 2):
        board.stop()
        board.options = ["--cut-after", str(operation)]
        try:
            board.start()
            board.process.wait(0.4)
        except Exception:
            pass  # it did not get so far, or was not cut any more
    board.stop()
    board.options = []
    board.start()
    board.wait_for("user_main one runs", after=board.console().rfind("POWERON"))
    states.wait("rolled_back")
    left = board.exec("import os; print([n for n in os.listdir('/') if 'part' in n])")
    assert left.strip() == "[]"


def test_deploying_over_serial_ends_the_trial(device, broker):
    board, states = on_trial(device, broker)
    board.put({"/user_main.py": user_main("three")})
    after = len(board.console())
    board.mpremote("reset", check=False)
    after = board.wait_for("/user_main.py was deployed during the trial", after=after)
    board.wait_for("user_main three runs", after=after)
    states.wait("idle")
    names = board.exec("import os; print(sorted(os.listdir('/.blox')))")
    assert "journal" not in names and "'b0'" not in names


def test_sessions_at_the_repl_are_no_crashes(device, broker):
    board, states = on_trial(device, broker)
    for _ in range(4):
        after = len(board.console())
        assert board.exec("print(6 * 7)") == "42\n"
        board.mpremote("reset", check=False)
        board.wait_for("user_main two runs", after=after)
    assert UNDONE not in board.console()
    assert "crash" not in board.console()


def test_the_watchdog_of_a_trial_leaves_a_session_alone(device, broker):
    board, _ = on_trial(device, broker, dict(LONG, **{"update.trial_watchdog": 1}))
    assert board.exec("import time; time.sleep(2); print('here')", timeout=10) == "here\n"


def test_after_the_trial_a_program_may_block_as_before(device, broker):
    board, states = device(dict(FAST, **{"update.trial_watchdog": 2}))
    blocks = "import time\n" + user_main("two").decode().replace(
        "        await asyncio.sleep(1)",
        "        await asyncio.sleep(2)\n        time.sleep(3)\n        print('blocked')",
    )
    Publisher(broker).src("user_main.py", blocks).publish()
    states.wait("confirmed")
    board.wait_for("blocked")
    assert "watchdog" not in board.console()


def test_without_a_trial_there_is_no_watchdog(device, broker):
    board, _ = device()
    board.put({"/user_main.py": BLOCKS.replace("pass", "return print('done')").replace(
        "    while", "    import time\n    time.sleep(3)\n    while")})
    board.restart()
    board.wait_for("done")
    assert "watchdog" not in board.console()


def test_confirm_ends_the_trial_at_once(device, broker):
    board, states = device(LONG)
    source = user_main("two").decode().replace(
        "    while", "    from mpy_blox import update\n    print(update.confirm(), update.confirm())\n    while")
    Publisher(broker).src("user_main.py", source).publish()
    board.wait_for("True False")
    states.wait("confirmed")


SAFE = "safe mode: user_main crashed again and again: ZeroDivisionError"


def in_safe_mode(device):
    board, states = device({"update.trial_timeout": 60})
    board.put({"/user_main.py": RAISES})
    after = len(board.console())
    board.restart()
    after = board.wait_for("CRITICAL system: " + SAFE, after=after, timeout=40)
    assert board.console().count("user_main raises") == 3
    return board, states, after


def test_safe_mode_says_so_and_an_update_ends_it(device, broker):
    board, states, after = in_safe_mode(device)
    said = states.watch.wait(lambda topic, text: b'"safe mode' in text)
    document = json.loads(said)
    assert document["error"].startswith(SAFE)
    assert "ZeroDivisionError" in document["traceback"]
    info = states.info()
    assert info["boot"]["safe_mode"] is True and document["state"] == "idle"
    Publisher(broker).src("user_main.py", user_main("two")).publish()
    after = board.wait_for("user_main two runs", after=after)
    assert states.info()["boot"]["safe_mode"] is False
    assert board.console().count("CRITICAL system: safe mode") == 1


TRIES = """\
import os, time

async def user_main():
    print('try at %d s' % time.time())
    with open('/tries', 'a') as file:
        file.write('x')
    if os.stat('/tries')[6] < 6:
        1 / 0
    print('user_main lives')
"""


def test_safe_mode_tries_user_main_again_after_ten_minutes_then_twenty(boards, tmp_path):
    """On a board whose time passes where the program waits."""
    install(tmp_path / "board")
    board = boards(options=["--fast"])
    board.put({
        "/main.py": ROOT / "python/main.py",
        "/settings.json": json.dumps({"network.disabled": True}),
        "/user_main.py": TRIES,
    })
    board.restart()
    board.wait_for("user_main lives", timeout=60)
    tries = [int(at) for at in re.findall(r"try at (\d+) s", board.console())]
    waits = [after - before for before, after in zip(tries, tries[1:])]
    assert all(wait < 10 for wait in waits[:2])
    assert [round(wait, -1) for wait in waits[2:]] == [600, 1200, 2400]
    said = re.findall(r"is tried again in (\d+) minutes", board.console())
    assert said == ["10", "20", "40"]


def test_a_deploy_or_a_power_cycle_ends_safe_mode(device, broker):
    board, _ = device({"update.trial_timeout": 60, "update.boot_timeout": 1})
    crashed = "open('/.blox/boots', 'w').write('9 120\\n222')"
    board.put({"/user_main.py": RAISES})
    after = len(board.console())
    board.exec(crashed)
    board.mpremote("reset", check=False)
    after = board.wait_for("CRITICAL system: safe mode", after=after)
    board.restart()
    after = board.wait_for("user_main raises", after=after)
    board.put({"/user_main.py": user_main("three")})
    board.exec(crashed)
    board.mpremote("reset", check=False)
    after = board.wait_for("CRITICAL system: safe mode", after=after)
    assert board.exec("print(6 * 7)") == "42\n"
    board.mpremote("reset", check=False)
    board.wait_for("user_main three runs", after=after)


def test_a_framework_that_does_not_start_outside_a_trial_says_what_to_do(device):
    board, _ = device()
    board.put({"/" + APP: "1 / 0\n"})
    board.restart()
    after = board.wait_for("ZeroDivisionError: divide by zero")
    board.wait_for("mpy_blox does not start; run 'make deploy-lib'", after=after)
    assert board.exec("print(6 * 7)") == "42\n"


def test_an_ordinary_boot_writes_two_small_files(device):
    board, _ = device({"update.trial_timeout": 2})
    counts = "import _board; print(*_board.flash_operations())"
    after = len(board.console())
    lives = "import asyncio\n\nasync def user_main():\n    await asyncio.sleep(3)\n    print('lived')\n"
    board.put({"/user_main.py": lives})
    board.restart()
    board.wait_for("lived", after=after)
    erases, programs = map(int, board.exec(counts).split())
    assert erases <= 1 and programs <= 6, (erases, programs)
