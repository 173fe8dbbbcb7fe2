# SPDX-License-Identifier: MIT
"""A download beside what else goes on: a program that listens to everything,
or fills the flash, a slow line, a watchdog."""

import re

import pytest

from lib.lines import Gate, SlowLine
from lib.updates import Publisher, States, noise, updating, user_main


@pytest.fixture
def gate(broker):
    with Gate(broker.port) as gate:
        yield gate


def settings(broker, port, **more):
    mqtt = {"server": broker.host, "port": port}
    mqtt.update(more)
    return {"mqtt": mqtt, "update.boot_timeout": 1}


def started(boards, tmp_path, broker, **more):
    board = updating(boards, tmp_path, broker, **more)
    states = States(broker.watch("mpypi/nodes/#"), board)
    board.restart()
    return board, states


LISTENS = """\
import asyncio
from mpy_blox.mqtt import MQTTConnectionManager, MQTTConsumer

class Everything(MQTTConsumer):
    async def handle_msg(self, msg):
        print('got', msg.topic[:24], len(msg.raw_payload))

async def user_main():
    connection = MQTTConnectionManager.get_connection()
    await Everything(connection).subscribe('mpypi/#')
    await Everything(connection).subscribe('mypypi/#')
    print('user_main one listens')
    while True:
        await asyncio.sleep(1)
"""


def test_a_program_that_subscribes_to_all_packages_itself(boards, tmp_path, broker):
    """The package is larger than the heap, and comes twice."""
    board, states = started(
        boards, tmp_path, broker, files={"/user_main.py": LISTENS}, heap="112K+112K"
    )
    board.wait_for("user_main one listens")
    publisher = Publisher(broker)
    publisher.src("large.bin", noise(400000, 1)).src("small.bin", noise(4000, 2))
    publisher.publish()
    states.wait("confirmed")
    board.wait_for("user_main one listens", after=board.console().rfind("rst:"))
    assert set(states.info()["files"]) == {"large.bin", "small.bin"}
    console = board.console()
    sizes = [int(n) for n in re.findall(r"got mpypi/packages\S* (\d+)", console)]
    assert set(sizes) <= {4000}
    assert "MemoryError" not in console and "Traceback" not in console


FILLS = """\
import asyncio, os

def fill():
    with open('/filler', 'wb') as file:
        try:
            while True:
                file.write(b'x' * 4096)
                file.flush()
        except OSError:
            pass
    print('flash is full')

async def user_main():
    print('user_main one runs')
    while 'pkg-0' not in os.listdir('/.blox'):
        await asyncio.sleep(0.05)
    fill()
    while 'pkg-0' in os.listdir('/.blox'):
        await asyncio.sleep(0.05)
    print('left', os.listdir('/.blox'))
    os.remove('/filler')
    await asyncio.sleep(600)
"""


def test_a_program_that_fills_the_flash_meanwhile(boards, tmp_path, broker, gate):
    board, states = started(
        boards,
        tmp_path,
        broker,
        files={"/user_main.py": FILLS},
        settings=settings(broker, gate.port),
    )
    board.wait_for("user_main one runs")
    states.wait("idle")
    publisher = Publisher(broker).src("user_main.py", user_main("two"))
    publisher.src("data.bin", noise(200000))
    publisher.entries.reverse()
    gate.hold_after(50000)
    publisher.publish()
    gate.wait_held()
    board.wait_for("flash is full")
    gate.release()
    error = states.wait("failed")["error"]
    assert re.match(r"data.bin: no room on flash: it needs \d+ KiB, \d+ KiB are free", error)
    start = board.wait_for("left ")
    left = board.console()[start : board.wait_for("\n", after=start)]
    assert "pkg-" not in left and "todo" not in left
    gate.cut()  # the next connect finds room
    board.wait_for("user_main two runs")


def test_a_slow_line_feeds_keep_alive_watchdog_and_timeout(boards, tmp_path, broker):
    """The package takes several times as long as each of them lasts."""
    with SlowLine(broker.port, 20000) as line:
        more = settings(broker, line.port, keep_alive_interval=2, wdt_timeout=3000)
        more["update.fetch_timeout"] = 2
        board, states = started(boards, tmp_path, broker, settings=more)
        board.wait_for("user_main one runs")
        states.wait("idle")
        mark = len(board.console())
        Publisher(broker).src("data.bin", noise(160000)).publish()
        states.wait("rebooting")
        assert "connection lost" not in board.console()[mark:]
        assert "WDT" not in board.console()[mark:]
        states.wait("confirmed")


def test_user_main_waits_for_an_update_no_longer_than_told(boards, tmp_path, broker, gate):
    board = updating(boards, tmp_path, broker, settings=settings(broker, gate.port))
    Publisher(broker).src("data.bin", noise(100000)).publish()
    gate.hold_after(30000)
    board.restart()
    gate.wait_held()
    mark = len(board.console())
    board.wait_for("user_main one runs", after=mark)
    gate.release()
    board.wait_for("rst:", after=mark)
    board.wait_for("user_main one runs", after=board.console().rfind("rst:"))


def test_an_update_that_is_there_at_boot_goes_first(boards, tmp_path, broker, gate):
    more = settings(broker, gate.port)
    more["update.boot_timeout"] = 600
    board = updating(boards, tmp_path, broker, settings=more)
    Publisher(broker).src("user_main.py", user_main("two")).src("data.bin", noise(90000)).publish()
    gate.hold_after(30000)
    board.restart()
    gate.wait_held()
    gate.release()
    board.wait_for("user_main two runs")
    assert "user_main one runs" not in board.console()
