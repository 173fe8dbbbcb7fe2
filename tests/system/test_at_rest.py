# SPDX-License-Identifier: MIT
"""`make size` counts what a device at rest really has loaded."""

import sys

from lib.boards import ROOT
from lib.updates import Publisher, States, updating, user_main

sys.path.append(str(ROOT / "tools"))
from size import AT_REST  # noqa: E402

LOADED = "import sys; print(*sorted(m for m in sys.modules if m[:6] == '_blox_'))"


def boot(board, states):
    """A power cycle; returns when the update channel has nothing to do."""
    seen = len(states.all())
    at = len(board.console())
    board.restart()
    board.wait_for("user_main one runs", after=at)
    states.wait("idle", after=seen)


def test_a_device_that_has_what_its_channel_lists_is_at_rest(
    boards, tmp_path, broker
):
    board = updating(boards, tmp_path, broker)
    states = States(broker.watch("mpypi/nodes/#"), board)
    Publisher(broker).src("user_main.py", user_main("one")).publish()
    boot(board, states)  # reads the list
    boot(board, states)  # tidies up after that
    boot(board, states)
    loaded = board.exec(LOADED).split()
    assert loaded == sorted("_blox_" + name for name in AT_REST)


def test_without_memory_for_the_updater_it_is_loaded_at_the_next_boot(
    boards, tmp_path, broker
):
    board = updating(boards, tmp_path, broker)
    states = States(broker.watch("mpypi/nodes/#"), board)
    boot(board, states)
    board.put({"/lib/_blox_ota.py": "raise MemoryError\n"})
    boot(board, states)
    Publisher(broker).src("more.py", b"x = 1\n").publish()
    board.wait_for("not enough memory for an update beside the program")
    states.wait("failed")
    board.exec("import os; os.remove('/lib/_blox_ota.py')")
    board.restart()
    states.wait("confirmed")
    assert board.read("/more.py") == b"x = 1\n"


def command(identifier):
    return '{"cmd":"info","id":%d}' % identifier


def reply(watch, identifier):
    watch.wait(
        lambda topic, payload: topic.endswith("/reply")
        and b'"id":%d,"ok":true' % identifier in payload
    )


# There is no memory for it before the program, nor the first two times beside it.
THE_FIFTH_TIME = """
import os, sys
with open('/tries', 'a') as file:
    file.write('.')
if os.stat('/tries')[6] < 5:
    raise MemoryError
os.remove('/lib/_blox_ota.py')
del sys.modules['_blox_ota']
from _blox_ota import Updater
"""


def test_a_command_waits_for_memory_when_resets_do_not_help(
    boards, tmp_path, broker
):
    board = updating(boards, tmp_path, broker)
    watch = broker.watch("mpypi/nodes/#")
    states = States(watch, board)
    Publisher(broker).src("user_main.py", user_main("one")).publish()
    boot(board, states)  # reads the list
    boot(board, states)  # tidies up after that
    board.put({"/lib/_blox_ota.py": THE_FIFTH_TIME})
    board.put({"/.blox/early": "..."})  # resets have not helped
    at = len(board.console())
    board.restart()
    board.wait_for("user_main one runs", after=at)
    topic = "mpypi/nodes/%s/cmd" % board.node
    at = failed = len(board.console())
    for identifier in 1, 2:
        broker.publish(topic, command(identifier))
        failed = board.wait_for("not enough memory for an update", after=failed)
    broker.publish(topic, command(3))
    reply(watch, 3)
    assert "Traceback" not in board.console()[at:]
    assert "came" not in board.exec("import os; print(os.listdir('/.blox'))")


def test_a_device_at_rest_that_lost_the_broker_goes_on(
    boards, tmp_path, broker
):
    board = updating(boards, tmp_path, broker)
    states = States(broker.watch("mpypi/nodes/#"), board)
    boot(board, states)
    broker.stop()
    board.wait_for("connection lost")
    broker.start()
    board.wait_for(" again after ")
    states = States(broker.watch("mpypi/nodes/#"), board)
    states.wait("idle")
    Publisher(broker).src("more.py", b"x = 1\n").publish()
    states.wait("confirmed")
    assert board.read("/more.py") == b"x = 1\n"
