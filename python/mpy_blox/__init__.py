# SPDX-License-Identifier: MIT
# Building blocks for ESP32 devices that run MicroPython. Importing this
# imports no block.


# Frees the memory of a module that is used now and then. Its name goes from
# its package by building the dict anew: delattr() leaves a hole, on which
# help(package) crashes MicroPython.
def forget(path):
    import sys

    parent, _, name = path.rpartition('.')
    if sys.modules.pop(path, None):
        names = sys.modules[parent].__dict__
        kept = {k: names[k] for k in names if k != name}
        names.clear()
        names.update(kept)
