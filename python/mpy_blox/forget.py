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
