# SPDX-License-Identifier: MIT
# Modules that did their part leave the heap.

import sys


# The module's name goes from its package by building the dict anew: delattr()
# leaves a hole, on which help(package) crashes MicroPython. The memory for that
# is there before anything is taken away: without it all stays as it is, but
# that the next import loads the module again. What it took is freed at once: a
# module without constants has a pointer to what lies behind it in the heap,
# which would stay for that, and all modules that it names.
def forget(path):
    sys.modules.pop(path, None)
    parent, _, name = path.rpartition('.')
    package = sys.modules.get(parent)
    names = package.__dict__ if package else ()
    if name in names:
        kept = {k: names[k] for k in names if k != name}
        spare = kept.copy()
        names.clear()
        spare.clear()
        names.update(kept)
        kept.clear()


# A module of mpy_blox, 'mqtt.about', loaded for a call or two: it leaves the heap
# with the last reference to it, unless it was there before.
def borrow(name):
    path = 'mpy_blox.' + name
    stays = path in sys.modules
    try:
        __import__(path)
        return sys.modules[path]
    finally:
        stays or forget(path)


_lent = ()  # modules that leave soon


# A function of a module that is loaded for it, as a method of self. The module
# leaves a little later: what needs it once often does so again.
def lend(function, self, module):
    global _lent
    if module not in _lent:
        if not _lent:
            from asyncio import create_task

            create_task(_take_back())
        _lent += (module,)
    return lambda *args, **kw: function(self, *args, **kw)


# asyncio's events leave as well: the firmware has them at hand for who asks.
async def _take_back():
    global _lent
    import asyncio

    await asyncio.sleep_ms(500)
    try:
        while _lent:
            forget(_lent[0].__name__)
            _lent = _lent[1:]
    finally:
        _lent = ()  # without memory to forget them: who lends again takes back
    asyncio.__dict__.pop('Event', None)
    forget('asyncio.event')
