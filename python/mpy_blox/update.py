# SPDX-License-Identifier: MIT
# What an update needs outside the download: which set runs, whether it is
# good, how boots end. confirm(), restart() and all else of that is
# mpy_blox.marks's, which is loaded when asked for.

from mpy_blox.forget import borrow

on_confirm = ()  # called when a set on trial was confirmed and tidied up after
safe_mode = 0  # seconds for which user_main does not run; 0: no safe mode
managed = False  # mpy_blox.app runs the program
has_crashed = False  # and waits for its reset


# A task that ended may be remembered for long by one that waits for its turn:
# so this one is not of a module that is forgotten.
async def prove(seconds):
    import asyncio

    await asyncio.sleep(seconds)
    borrow('marks').proved()


def __getattr__(name):
    return getattr(borrow('marks'), name)
