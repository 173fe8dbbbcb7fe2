# SPDX-License-Identifier: MIT
"""A program that leaves the heap in small pieces, and native modules that need
large ones: on a chip their code lies in the heap, on this host beside it."""

# Half of the heap is free, in pieces of 2 KiB.
USER_MAIN = """\
import asyncio, gc

async def user_main():
    gc.collect()
    held = [None] * 500
    try:
        for i in range(500):
            held[i] = bytearray(1900)
    except MemoryError:
        pass
    for i in range(0, 500, 2):
        held[i] = None
    gc.collect()
    print('user_main one runs,', gc.mem_free(), 'bytes free')
    while True:
        await asyncio.sleep(1)
"""

# Little of the heap is free, in pieces of 300 bytes.
GREEDY = """\
import asyncio, gc

async def user_main():
    held = [None] * 1000
    gc.collect()
    for i in range(1000):
        if i % 16 == 0:
            gc.collect()
        if gc.mem_free() < 24000:
            break
        held[i] = bytearray(300)
    print('user_main one runs,', gc.mem_free(), 'bytes free')
    while True:
        await asyncio.sleep(1)
"""

# In place of a native module: takes a piece as large as its code, then loads
# the module itself.
STAND_IN = """\
import sys
code = bytearray(%d)
del sys.modules[__name__]
sys.path.insert(0, '/native')
try:
    module = __import__(__name__)
finally:
    sys.path.pop(0)
module.code = code
for name in dir(module):
    globals()[name] = getattr(module, name)
"""
# Bytes of code on a chip, about.
CODE = {
    "_blox_ota": 13200,
    "_blox_plan": 15100,
    "_blox_command": 13600,
    "_blox_trial": 4600,
    "_blox_settle": 6400,
    "_blox_install": 11500,
    "_blox_unpack": 14100,
}
HEAP = "200K+0"


def as_on_a_chip(board):
    board.exec(
        "import os\nos.mkdir('/native')\n"
        "for name in %r:\n"
        "    os.rename('/lib/%%s.mpy' %% name, '/native/%%s.mpy' %% name)"
        % sorted(CODE)
    )
    board.put({"/lib/%s.py" % name: STAND_IN % CODE[name] for name in CODE})
