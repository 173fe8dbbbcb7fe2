# SPDX-License-Identifier: MIT
"""What the system tests share: boards and brokers that end with their test."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from lib.boards import Board  # noqa: E402
from lib.brokers import Broker  # noqa: E402
from lib.installed import install  # noqa: E402


@pytest.fixture
def boards(tmp_path):
    """A function that makes and starts boards: boards(name="a", **Board's)."""
    made = []

    def make(name="board", **more):
        board = Board(tmp_path / name, **more)
        made.append(board)
        return board.start()

    make.made = made
    yield make
    for board in made:
        board.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test's report ends with what its boards printed last."""
    report = (yield).get_result()
    if report.when == "call" and report.failed and "boards" in item.fixturenames:
        for board in item.funcargs["boards"].made:
            title = "Console of %s" % board.directory.name
            said = board.console() if board.log.exists() else "(never on)"
            report.sections.append((title, said[-4000:]))


@pytest.fixture
def board(boards):
    """A started board with an empty flash of 2 MiB."""
    return boards()


@pytest.fixture
def ready(boards, tmp_path):
    """A started board with the library on it."""
    install(tmp_path / "board")
    return boards()


@pytest.fixture(scope="module")
def shared_board(tmp_path_factory):
    """A started board that the tests of a file share: they only look."""
    board = Board(tmp_path_factory.mktemp("shared"))
    board.start()
    yield board
    board.stop()


@pytest.fixture
def brokers(tmp_path):
    """A function that makes and starts brokers: brokers(name="a", **Broker's)."""
    made = []

    def make(name="broker", **more):
        broker = Broker(tmp_path / name, **more)
        made.append(broker)
        return broker.start()

    yield make
    for broker in made:
        broker.stop()


@pytest.fixture
def broker(brokers):
    """A started mosquitto that anybody may connect to."""
    return brokers()
