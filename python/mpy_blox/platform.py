# SPDX-License-Identifier: MIT
# What a device is: its firmware, room, the packages in it, the list that they
# came by, how Home Assistant shows it. Loaded for one of them, and forgotten.

import os
import sys

from micropython import const

_ORIGIN = const('/.blox/origin')  # BLOX_FILE_ORIGIN
_ORIGIN_SIZE = const(74)
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
def tag():
    arch = loadable() >> 10 & 15
    return _PLATFORMS[arch] if arch < len(_PLATFORMS) else ''


# sys.implementation._mpy: which .mpy files this firmware loads.
def loadable():
    return getattr(sys.implementation, '_mpy', 0)


# The native-module version this firmware loads: "6.3".
def mpy_version():
    return '%d.%d' % (loadable() & 0xFF, loadable() >> 8 & 3)


# One sentence when the installed native modules are not for this firmware,
# else None. Reads four bytes; loads nothing.
def mismatch():
    mpy = loadable()
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


# Modules of the firmware that go before those on flash, "asyncio main mpy_blox".
# Empty where the library is not linked in: then it cannot be told.
def frozen():
    if not _linked_in():
        return ''
    from _blox_plan import frozen

    return frozen()


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


# Two lines of the log; those of mpy_blox.util.
def log_flash(path):
    block, _, blocks, free = os.statvfs(path)[:4]
    _room_logger().info(
        'Flash at %s: %d of %d KiB free',
        path,
        free * block // 1024 if free < blocks else 0,
        blocks * block // 1024,
    )


def log_memory():
    import gc

    free, used = gc.mem_free(), gc.mem_alloc()
    _room_logger().info('Memory: %d of %d bytes free', free, free + used)


def _room_logger():
    import logging

    return logging.getLogger('util')


# {name: version} of the packages in /lib: a dist-info directory with METADATA
# each. Where the firmware's own library runs, that one's.
def installed():
    versions = {}
    try:
        for entry in os.ilistdir('/lib'):
            if entry[0].endswith('.dist-info'):
                _add_version(versions, '/lib/%s/METADATA' % entry[0])
    except OSError:
        pass
    if 'mpy_blox' in frozen().split():
        from frozen_names import VERSION

        versions['mpy-blox'] = VERSION
        sys.modules.pop('frozen_names')
    return versions


def _add_version(versions, path):
    name = version = None
    try:
        with open(path) as file:
            for line in file:
                key, _, value = line.strip().partition(':')
                if not key:
                    break
                if key.lower() == 'name':
                    name = name or value.strip()
                elif key.lower() == 'version':
                    version = version or value.strip()
    except OSError:
        return  # a removal that was cut
    if name and version:
        versions[name] = version


# What is remembered of the list in force, for who does without _blox_ota:
# struct blox_origin of core/ota/remember.h. Returns (list, channel, settled,
# latest, installed), of no list where there is no file yet; None when the file
# is damaged.
def origin():
    import binascii

    data = bytes(_ORIGIN_SIZE)
    try:
        with open(_ORIGIN, 'rb') as file:
            data = file.read()
    except OSError:
        pass
    else:
        data, crc = data[:_ORIGIN_SIZE], data[_ORIGIN_SIZE:]
        if binascii.crc32(data, _ORIGIN_SIZE).to_bytes(4, 'big') != crc:
            return None
    return data[:32], data[32:64], data[65], data[66:70], data[70:]


# For Home Assistant: id, name, model, version, firmware, area, topic of its
# availability.
def describe(connection, settings, version):
    uname = os.uname()
    return (
        connection.client_id,
        settings.get('hostname', uname[0]),
        uname[4],
        version,
        uname[2],
        settings.get('device.suggested_area'),
        connection._status_topic(),
    )
