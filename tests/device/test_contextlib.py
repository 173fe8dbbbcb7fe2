# SPDX-License-Identifier: MIT
# suppress() swallows what it was told to, and nothing else.
from mpy_blox.contextlib import suppress

done = []
with suppress(ValueError, KeyError):
    done.append(1)
    raise KeyError('swallowed')
with suppress(ValueError):
    done.append(2)
with suppress(Exception):
    raise OSError(2)
try:
    with suppress(ValueError):
        raise KeyError('passed on')
except KeyError:
    done.append(3)
assert done == [1, 2, 3], done
print('OK')
