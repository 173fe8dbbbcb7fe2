# SPDX-License-Identifier: MIT
# user_main.py of the device: waits for the package `big`, of the version that
# /rom/wanted names if it is there, and for its trial to end well; then the
# device is at rest.
import asyncio
import gc
import os

import target
from mpy_blox import update


def is_wanted(version):
    if 'wanted' not in os.listdir('/rom'):
        return True
    with open('/rom/wanted') as file:
        return file.read() == version


async def user_main():
    try:
        import big
    except ImportError:
        await asyncio.Event().wait()
    if not is_wanted(big.VERSION):
        await asyncio.Event().wait()
    while update.on_trial():
        await asyncio.sleep_ms(50)
    await asyncio.sleep_ms(500)
    print('big', big.VERSION, big.checksum())
    if 'updated' not in os.listdir('/'):
        # What the update has loaded is in the heap: at rest is the next boot.
        open('/updated', 'w').close()
        update.restart()
    gc.collect()
    print('resident', gc.mem_alloc())
    if 'stack.mpy' in os.listdir('/rom'):
        import stack

        stack.tell()
    target.end()
