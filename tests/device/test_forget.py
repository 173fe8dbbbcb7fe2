# SPDX-License-Identifier: MIT
# Modules that are borrowed for a call leave no trace.
import gc
import sys

import mpy_blox
from mpy_blox.forget import borrow, forget

versions = borrow('versions')
assert versions.installed.__name__ == 'installed'
assert 'mpy_blox.versions' not in sys.modules
assert 'versions' not in mpy_blox.__dict__
assert versions.installed() is not None  # it works while somebody has it
borrow('versions')
del versions



# The heap is the same after the second time as after the first, which interned
# names and brought mpy_blox.config.
def rounds(count):
    for _ in range(count):
        borrow('versions').installed()
        borrow('config.secure_nvs')
    gc.collect()
    return gc.mem_alloc()


rounds(1)
assert abs(rounds(5) - rounds(1)) < 100, (rounds(1), rounds(5))

# One that somebody imported stays, until it is forgotten.
from mpy_blox import versions

assert borrow('versions') is versions
assert 'mpy_blox.versions' in sys.modules and 'versions' in mpy_blox.__dict__
forget('mpy_blox.versions')
assert 'mpy_blox.versions' not in sys.modules
forget('mpy_blox.versions')  # twice is nothing

# What cannot be loaded says so, and leaves no half of it.
try:
    borrow('no_such_module')
    assert False
except ImportError as e:
    assert 'no_such_module' in str(e)
assert 'mpy_blox.no_such_module' not in sys.modules
print('OK')
