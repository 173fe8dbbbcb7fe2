# SPDX-License-Identifier: MIT
# The sealed record in NVS: ours, and that of the older Mpy-BLOX. Loaded when
# one is written, or ours is not there or not in order; and forgotten.

import json
import os
from logging import getLogger

from machine import unique_id
from micropython import const
from mpy_blox.forget import borrow

_RECORD = const('rec')
_SIZES = const((512, 4224))  # of a record: most, and the largest

logger = getLogger('config')
_blob = borrow('config.secure_nvs')._blob


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


# What is wrong with a record _blox_seal says.
def _unseal(nvs):
    record = _blob(nvs, _RECORD, _SIZES)
    if not record:
        return record
    import _blox_seal

    return _blox_seal.unseal(record, unique_id())


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
