# SPDX-License-Identifier: MIT
# What the firmware is and loads. Native modules are bound to it: mismatch()
# looks before any is loaded.

import sys

from micropython import const

_NATIVE = const('_blox_mqtt')
_ARCH = const((
    'no native code', 'x86', 'x64', 'armv6', 'armv6m', 'armv7m', 'armv7em',
    'armv7emsp', 'armv7emdp', 'xtensa', 'xtensawin', 'rv32imc',
))  # fmt: skip

_PLATFORMS = const((
    '', 'x86', 'unix_x64', 'armv6', 'armv6m', 'armv7m', 'armv7em',
    'armv7emsp', 'armv7emdp', 'xtensa', 'esp32', 'esp32c3',
))  # fmt: skip


# What wheels for this device are tagged with: "esp32c3".
def platform():
    arch = getattr(sys.implementation, '_mpy', 0) >> 10 & 15
    return _PLATFORMS[arch] if arch < len(_PLATFORMS) else ''


# sys.implementation._mpy: which .mpy files this firmware loads.
def mpy():
    return getattr(sys.implementation, '_mpy', 0)


# The native-module version this firmware loads: "6.3".
def mpy_version():
    return '%d.%d' % (mpy() & 0xFF, mpy() >> 8 & 3)


# One sentence when the installed native modules are not for this firmware,
# else None. Reads four bytes; loads nothing.
def mismatch():
    mpy = getattr(sys.implementation, '_mpy', 0)
    head = _native_header()
    if head is None:
        return None
    # byte 1: the format's version, byte 2: its sub-version and architecture
    built = '%d.%d' % (head[1], head[2] & 3)
    loads = '%d.%d' % (mpy & 0xFF, (mpy >> 8) & 3)
    arch, own = (head[2] >> 2) & 15, (mpy >> 10) & 15
    if built == loads and (arch == own or 3 <= arch < own <= 8):
        return None
    if arch != own:
        built += ' ' + _arch(arch)
        loads += ' ' + _arch(own)
    return (
        'mpy-blox: built for MicroPython mpy %s, this firmware loads %s; '
        "run 'make deploy-lib', which installs the build for this board"
    ) % (built, loads)


# The first bytes of the native module that would be loaded, or None when it
# is linked into the firmware or not installed.
def _native_header():
    if _linked_in():
        return None
    for folder in sys.path:
        try:
            with open('%s/%s.mpy' % (folder, _NATIVE), 'rb') as f:
                return f.read(4)
        except OSError:
            pass
    return None


def _linked_in():
    path = list(sys.path)
    sys.path.clear()
    try:
        __import__(_NATIVE)
        return True
    except ImportError:
        return False
    finally:
        sys.path.extend(path)


def _arch(number):
    return _ARCH[number] if number < len(_ARCH) else 'chip %d' % number
