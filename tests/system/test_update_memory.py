# SPDX-License-Identifier: MIT
"""Updates beside a program that leaves no piece of the heap large enough for
what an update takes. An update always comes through when the device with its
program stopped has the memory."""

import pytest
from lib.fragments import GREEDY, HEAP, USER_MAIN, as_on_a_chip
from lib.updates import Publisher, States, updating

TOO_LITTLE = (
    "not enough memory for an update beside the program; it is begun after the "
    "next reset"
)
RESETS = "resetting to update before the program runs"
FILES = "import os; print(open('/more.py').read(), os.listdir('/.blox'))"


@pytest.fixture
def device(boards, tmp_path, broker):
    """A function that makes such a device, whose program runs; its states."""

    def make(program=USER_MAIN, **settings):
        board = updating(
            boards,
            tmp_path,
            broker,
            heap=HEAP,
            files={"/user_main.py": program},
            settings={"update.boot_timeout": 1, **settings},
        )
        as_on_a_chip(board)
        states = States(broker.watch("mpypi/nodes/#"), board)
        restart(board)
        states.wait("idle")
        return board, states

    return make


def restart(board):
    at = len(board.console())
    board.restart()
    board.wait_for("user_main one runs", after=at)


def publish(broker, **more):
    Publisher(broker).src("more.py", b"x = 1\n", **more).publish()


def send(broker, board, command):
    broker.publish("mpypi/nodes/%s/cmd" % board.node, command)


def test_an_update_comes_through_beside_a_program_that_leaves_no_memory(
    device, broker
):
    board, states = device(GREEDY)
    # The device looks elsewhere first, for longer than update.boot_timeout.
    publish(broker, topic="mpypi/packages/src/%s")
    board.wait_for(TOO_LITTLE)
    at = board.wait_for(RESETS)
    end = board.wait_for("resetting to install it", after=at)
    assert "user_main one runs" not in board.console()[at:end]
    states.wait("confirmed")
    assert board.console().count(RESETS) == 1
    files = board.exec(FILES, soft_reset=True)
    assert "x = 1" in files
    assert "early" not in files


STUCK = """\
    async def disconnect():
        raise OSError('stuck')
    from mpy_blox.mqtt import MQTTConnectionManager
    MQTTConnectionManager.get_connection().disconnect = disconnect
"""


def test_a_connection_that_does_not_end_keeps_no_reset_away(device, broker):
    program = USER_MAIN.replace("    print(", STUCK + "    print(")
    board, states = device(program)
    publish(broker)
    after = board.wait_for("ERROR update: stuck")
    board.wait_for(RESETS, after=after)
    states.wait("confirmed")


def test_without_auto_update_the_next_boot_reads_the_list_before_the_program(
    device, broker
):
    board, states = device(**{"update.auto_update": False})
    at = len(board.console())
    publish(broker)
    assert states.wait("failed")["error"] == TOO_LITTLE
    restart(board)
    states.wait("available")
    assert RESETS not in board.console()[at:]
    send(broker, board, '{"cmd":"install"}')
    states.wait("confirmed")


def test_a_command_that_finds_no_memory_is_obeyed_after_a_reset(
    device, broker
):
    board, states = device(**{"update.auto_update": False})
    send(broker, board, '{"cmd":"info","id":7}')
    states.watch.wait(
        lambda topic, payload: topic.endswith("/reply")
        and payload == b'{"cmd":"info","id":7,"ok":true}'
    )
    assert board.console().count(RESETS) == 1


def test_a_device_that_never_has_the_memory_stops_resetting(device, broker):
    board, states = device()
    board.put({"/lib/_blox_plan.py": "raise MemoryError('always')\n"})
    restart(board)
    at = len(board.console())
    publish(broker)
    for _ in range(3):
        at = board.wait_for(RESETS, after=at)
    at = board.wait_for("not even before the program; install it over serial", after=at)
    board.wait_for("user_main one runs", after=at)
    seen = len(states.all())
    restart(board)
    assert "not even before" in states.wait("failed", after=seen)["error"]
    assert board.console().count(RESETS) == 3
