# SPDX-License-Identifier: MIT
# What a device is: the packages in it, the list that they came by, how Home
# Assistant shows it. Loaded for one of them, and forgotten.

import binascii
import os

from micropython import const

_ORIGIN = '/.blox/origin'  # BLOX_FILE_ORIGIN
_SIZE = const(74)


# {name: version} of the packages in /lib: a dist-info directory with METADATA
# each.
def installed():
    versions = {}
    try:
        for entry in os.ilistdir('/lib'):
            if entry[0].endswith('.dist-info'):
                _add_version(versions, '/lib/%s/METADATA' % entry[0])
    except OSError:
        pass
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
    data = bytes(_SIZE)
    try:
        with open(_ORIGIN, 'rb') as file:
            data = file.read()
    except OSError:
        pass
    else:
        data, crc = data[:_SIZE], data[_SIZE:]
        if binascii.crc32(data, _SIZE).to_bytes(4, 'big') != crc:
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
