# SPDX-License-Identifier: MIT
"""A board behind a gate, whose program says again and again that it is alive
and what is staged."""

import re

from lib.boards import Board
from lib.brokers import Broker
from lib.lines import Gate
from lib.updates import States, updating

# Says again and again what lies in /.blox, and that it is alive.
USER_MAIN = """\
import asyncio, os

async def user_main():
    beat = 0
    while True:
        print('beat', beat, sorted(os.listdir('/.blox')), 'end')
        beat += 1
        await asyncio.sleep_ms(200)
"""
REMEMBERED = {"boots", "error", "list", "origin", "src"}


class Device:
    """The board, its broker and the gate between them; close() it."""

    def __init__(self, folder, settings=()):
        self.broker = Broker(folder / "broker").start()
        self.gate = Gate(self.broker.port).__enter__()
        self.board = updating(
            lambda **more: Board(folder / "board", **more).start(),
            folder,
            self.broker,
            files={"/user_main.py": USER_MAIN},
            settings={
                "mqtt": {"server": self.broker.host, "port": self.gate.port},
                "update.fetch_timeout": 4,
                "update.boot_timeout": 1,
                **dict(settings),
            },
        )
        self.watch()
        self.board.restart()
        self.mark()
        self.states.wait("idle")
        self.beat()

    def watch(self):
        self.states = States(self.broker.watch("mpypi/nodes/#"), self.board)

    def mark(self):
        """What comes now is of this test."""
        self.console_before = len(self.board.console())
        self.states_before = len(self.states.all())

    def console(self):
        return self.board.console()[self.console_before :]

    def wait(self, state, **more):
        return self.states.wait(state, after=self.states_before, **more)

    def wait_for(self, text, **more):
        self.board.wait_for(text, after=self.console_before, **more)

    def beat(self):
        """Waits for the program's next line; returns the names in /.blox."""
        at = len(self.board.console())
        start = self.board.wait_for("beat ", after=at)
        end = self.board.wait_for(" end", after=start)
        names = self.board.console()[start:end]
        return set(re.findall("'([^']+)'", names))

    def still_runs(self):
        """The program was never interrupted, and nothing is staged."""
        assert self.beat() <= REMEMBERED
        assert "rst:" not in self.console()
        assert "Traceback" not in self.console()

    def close(self):
        self.board.stop()
        self.gate.__exit__()
        self.broker.stop()
