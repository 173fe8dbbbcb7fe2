#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A day in a simulated kitchen: examples/kitchen on a virtual board, with
--fast. Prints what the program prints, and leaves build/kitchen/trace.vcd."""

import pathlib
import shutil
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / 'tests/system'))

from lib.boards import Board  # noqa: E402
from lib.installed import install  # noqa: E402

KITCHEN = TOP / 'examples/kitchen'
DAY = """
import asyncio, logging, user_main
logging.basicConfig(level=logging.INFO, format='%(asctime)s %(message)s')
async def day():
    asyncio.create_task(user_main.user_main())
    await asyncio.sleep(24 * 3600 - 1)
asyncio.run(day())
"""


def day(folder, options=()):
    """Plays the day on a board in folder; returns what it printed."""
    install(folder)
    words = ['--fast', '--scenario', str(KITCHEN / 'kitchen.json')]
    with Board(folder, options=words + list(options)) as board:
        board.put({'/user_main.py': KITCHEN / 'user_main.py'})
        return board.exec(DAY)


def main():
    folder = TOP / 'build/kitchen'
    shutil.rmtree(folder, ignore_errors=True)
    print(day(folder, ['--vcd', str(folder / 'trace.vcd')]), end='')


if __name__ == '__main__':
    main()
