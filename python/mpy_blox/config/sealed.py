# SPDX-License-Identifier: MIT
# The sealed record in NVS: ours, and that of the older Mpy-BLOX. Loaded when
# it is read or written, and forgotten.

import json
import os
from logging import getLogger

import _blox_seal
from machine import unique_id

_RECORD = 'rec'
_ORIGINAL = ('iv', 'payload_s', 'payload')  # as the older Mpy-BLOX wrote it
_SIZES = (512, 4224)  # of a record: most, and the largest

logger = getLogger('config')


# The dict in NVS: our record if it holds, else the original's; or None.
def read(nvs):
    for unseal in (_unseal, _unseal_original):
        try:
            text = unseal(nvs)
            plain = text and json.loads(text)
            if isinstance(plain, dict):
                return plain
        except ValueError as e:
            logger.error('%s', e)
    return None


# Seals a dict under a fresh iv, writes it and reads it back.
def write(nvs, plain):
    record = _blox_seal.seal(
        json.dumps(plain).encode(), unique_id(), os.urandom(16)
    )
    try:
        nvs.set_blob(_RECORD, record)
        nvs.commit()
    except OSError as e:
        raise OSError(
            'secure configuration: NVS did not take it (%s); erase what else '
            'is in NVS' % e
        )
    if _blob(nvs, _RECORD, _SIZES) != record:
        raise OSError(
            'secure configuration: NVS reads back otherwise; erase the flash '
            "with 'esptool.py erase_flash' and start anew"
        )


def erase(nvs):
    for key in (_RECORD,) + _ORIGINAL:
        try:
            nvs.erase_key(key)
        except OSError:
            pass  # was not there
    nvs.commit()


def _unseal(nvs):
    record = _blob(nvs, _RECORD, _SIZES)
    return record and _blox_seal.unseal(record, unique_id())


def _unseal_original(nvs):
    try:
        size = nvs.get_i32('payload_s')
    except OSError:
        return None
    iv = _blob(nvs, 'iv', (16,))
    payload = _blob(nvs, 'payload', (min(max(size, 0) + 16, _SIZES[1]),))
    if iv is None or payload is None:
        return None
    return _blox_seal.unseal_original(iv, payload, unique_id())


# A blob, or None. NVS tells no size: the sizes are tried in turn.
def _blob(nvs, key, sizes):
    for size in sizes:
        buffer = bytearray(size)
        try:
            return bytes(buffer[: nvs.get_blob(key, buffer)])
        except OSError:
            pass  # longer than size, or not there
    return None
