# SPDX-License-Identifier: MIT
# A mpy-blox for another firmware or chip says so in one sentence. Runs with
# a made-up module in front of the real one on sys.path.
import os
import sys

from mpy_blox import platform

mpy = sys.implementation._mpy
own_sub, own_arch = (mpy >> 8) & 3, (mpy >> 10) & 15
os.mkdir('/mismatch')
real, linked_in = platform._linked_in, platform._linked_in()
platform._linked_in = lambda: False


def mismatch(version, sub, arch):
    with open('/mismatch/_blox_mqtt.mpy', 'wb') as f:
        f.write(bytes([0x4D, version, sub | arch << 2, 31, 0]))
    sys.path.insert(0, '/mismatch')
    try:
        return platform.mismatch()
    finally:
        sys.path.remove('/mismatch')


assert mismatch(6, own_sub, own_arch) is None
other = mismatch(6, own_sub ^ 1, own_arch)
assert other == (
    'mpy-blox: built for MicroPython mpy 6.%d, this firmware loads 6.%d; '
    "run 'make deploy-lib', which installs the build for this board"
) % (own_sub ^ 1, own_sub), other
foreign = mismatch(6, own_sub, 11 if own_arch != 11 else 10)
assert ('rv32imc' if own_arch != 11 else 'xtensawin') in foreign, foreign
assert 'this firmware loads 6.%d ' % own_sub in foreign, foreign

platform._linked_in = real
path = list(sys.path)
assert (mismatch(6, own_sub ^ 1, own_arch) is None) == linked_in
assert sys.path == path
os.remove('/mismatch/_blox_mqtt.mpy')
os.rmdir('/mismatch')
print('OK')
