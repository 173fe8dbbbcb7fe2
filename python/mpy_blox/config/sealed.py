# SPDX-License-Identifier: MIT
# The sealed record in NVS: ours, and that of the older Mpy-BLOX. Loaded when
# it is read or written, and forgotten.

import json
import os
from hashlib import sha256
from logging import getLogger

from machine import unique_id
from micropython import const

_RECORD = const('rec')
_SIZES = const((512, 4224))  # of a record: most, and the largest

logger = getLogger('config')


# The dict in NVS: our record if it holds, else the original's; or None.
def read(nvs):
    for unseal in (_unseal, _unseal_original):
        plain = _dict(nvs, unseal)
        if plain is not None:
            return plain
    return None


# Seals a dict under a fresh iv, writes it and reads it back.
def write(nvs, plain):
    import _blox_seal

    record = _blox_seal.seal(
        json.dumps(plain).encode(), unique_id(), os.urandom(16)
    )
    try:
        nvs.set_blob(_RECORD, record)
        nvs.commit()
    except OSError as e:
        raise OSError(
            "secure configuration: NVS did not take it (%s); erase what else "
            "is in NVS, or run 'make unprovision'" % e
        )
    if _blob(nvs, _RECORD, _SIZES) != record:
        raise OSError(
            'secure configuration: NVS reads back otherwise; erase the flash '
            "with 'esptool.py erase_flash' and start anew"
        )


# The older record goes, for ours serves; ours is made of it when there is none
# yet. While neither can be read nothing is touched. payload_s goes last: it
# says that there is more to do.
def replace_original(nvs):
    try:
        nvs.get_i32('payload_s')
    except OSError:
        return
    if _dict(nvs, _unseal) is None:
        plain = _dict(nvs, _unseal_original)
        if plain is None:
            return
        write(nvs, plain)
    for key in ('payload', 'iv', 'payload_s'):
        try:
            nvs.erase_key(key)
        except OSError:
            pass  # went when this was cut
    nvs.commit()


# What one of the records holds, or None; why not is logged.
def _dict(nvs, unseal):
    try:
        text = unseal(nvs)
        plain = text and json.loads(text)
        return plain if isinstance(plain, dict) else None
    except ValueError as e:
        logger.error('%s', e)


# A record in order is opened here, by code that leaves the heap again. Any
# other is _blox_seal's, which says what is wrong with it.
def _unseal(nvs):
    record = _blob(nvs, _RECORD, _SIZES)
    if not record:
        return record
    key = sha256(unique_id()).digest()
    if record[0] != 1 or _mac(key, record) != record[17:49]:
        import _blox_seal

        return _blox_seal.unseal(record, unique_id())
    from cryptolib import aes

    plain = aes(key, 2, record[1:17]).decrypt(record[49:])
    return plain[: -plain[-1]]


# HMAC (RFC 2104) as core/conf/seal.h has it.
def _mac(key, record):
    key = sha256(key + b'mac').digest() + bytes(32)
    inner = sha256(bytes(b ^ 0x36 for b in key))
    inner.update(record[:17])
    inner.update(record[49:])
    outer = sha256(bytes(b ^ 0x5C for b in key))
    outer.update(inner.digest())
    return outer.digest()


def _unseal_original(nvs):
    try:
        size = nvs.get_i32('payload_s')
    except OSError:
        return None
    iv = _blob(nvs, 'iv', (16,))
    payload = _blob(nvs, 'payload', (min(max(size, 0) + 16, _SIZES[1]),))
    if iv is None or payload is None:
        return None
    import _blox_seal

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
