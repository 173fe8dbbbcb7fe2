# SPDX-License-Identifier: MIT
# What is remembered of the list in force, for who does without _blox_ota:
# struct blox_origin of core/ota/remember.h. Loaded for a look, and forgotten.

import binascii
from collections import namedtuple

from micropython import const

PATH = '/.blox/origin'  # BLOX_FILE_ORIGIN
_SIZE = const(74)

Origin = namedtuple(
    'Origin', ('list', 'channel', 'ordered', 'settled', 'latest', 'installed')
)


# Returns an Origin, of no list where there is no file yet; None when the file
# is damaged.
def read():
    data = bytes(_SIZE)
    try:
        with open(PATH, 'rb') as file:
            data = file.read()
    except OSError:
        pass
    else:
        data, crc = data[:_SIZE], data[_SIZE:]
        if binascii.crc32(data, _SIZE).to_bytes(4, 'big') != crc:
            return None
    return Origin(
        data[:32], data[32:64], data[64], data[65], data[66:70], data[70:]
    )
