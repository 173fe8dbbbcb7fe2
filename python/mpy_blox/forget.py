# SPDX-License-Identifier: MIT
# Modules that did their part leave the heap.

import sys


# The module's name goes from its package by building the dict anew: delattr()
# leaves a hole, on which help(package) crashes MicroPython.
def forget(path):
    parent, _, name = path.rpartition('.')
    if sys.modules.pop(path, None):
        names = sys.modules[parent].__dict__
        kept = {k: names[k] for k in names if k != name}
        names.clear()
        names.update(kept)


# The module path, loaded for a call or two: it leaves the heap with the last
# reference to it, unless it was there before.
def borrow(path):
    stays = path in sys.modules
    try:
        __import__(path)
        return sys.modules[path]
    finally:
        stays or forget(path)
