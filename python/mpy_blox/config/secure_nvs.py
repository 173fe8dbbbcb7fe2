# SPDX-License-Identifier: MIT
# The secure configuration: SecureNVS is a dict that lives in the chip's NVS,
# sealed under the chip's unique id (core/conf/seal.h says what that protects
# from). Changes stay in memory until commit(). On a board without NVS it is an
# empty dict that cannot be committed.
#
# A SecureNVS has, besides what a dict has, the functions below that take one,
# `nvs`, its esp32.NVS or None, and `initialised`: it was read or committed.

import json
from hashlib import sha256

from machine import unique_id
from micropython import const
from mpy_blox.config import SecureNVS
from mpy_blox.forget import borrow

_RECORD = const('rec')
_SIZES = const((512, 4224))  # of a record: most, and the largest


class NotInitialised(Exception):
    pass


# For SecureNVS.__getattr__.
def _member(secure, name):
    if name == 'nvs':
        secure.nvs = _open()
        return secure.nvs
    if name == 'initialised':
        return False
    function = {
        'read': read,
        'fill': fill,
        'commit': commit,
        'erase': erase,
        'replace_original': _replace_original,
    }.get(name)
    if not function:
        raise AttributeError(
            "'SecureNVS' object has no attribute '%s'" % name
        )
    return lambda: function(secure)


# Fills the dict from NVS. Raises NotInitialised when there is nothing, or
# nothing that can be read; the latter is logged.
def read(secure):
    if not fill(secure):
        raise NotInitialised('the device is not provisioned')


# The same, but returns False.
def fill(secure):
    nvs = secure.nvs
    plain = nvs and _record(nvs)
    if nvs and plain is None:
        plain = borrow('config.sealed').read(nvs)
    if plain is None:
        return False
    super(SecureNVS, secure).clear()
    secure.update(plain)
    secure.initialised = True
    return True


# Writes the dict to NVS and reads it back. Raises OSError or ValueError
# with one sentence; then the old record may still be there.
def commit(secure):
    if not secure.nvs:
        raise OSError('this board has no NVS; secrets cannot be kept')
    borrow('config.sealed').write(secure.nvs, secure)
    secure.initialised = True


# clear(): forgets everything, in memory and in NVS. Takes a second or more.
def erase(secure):
    super(SecureNVS, secure).clear()
    secure.initialised = False
    if secure.nvs:
        borrow('config.erase').erase(secure.nvs)


# The set that reads our record is good: the record of the older Mpy-BLOX
# goes. What goes wrong is logged; it is tried again after the next update.
def _replace_original(secure):
    try:
        if secure.nvs:
            borrow('config.sealed').replace_original(secure.nvs)
    except (OSError, ValueError) as e:
        from logging import getLogger

        getLogger('config').error('%s', e)


def _open():
    try:
        from esp32 import NVS
    except ImportError:
        return None
    return NVS('sec_cfg')


# What our record holds if it is in order, by code that leaves the heap again:
# _blox_seal would not. Any other is mpy_blox.config.sealed's.
def _record(nvs):
    record = _blob(nvs, _RECORD, _SIZES)
    if not record or record[0] != 1:
        return None
    key = sha256(unique_id()).digest()
    if _mac(key, record) != record[17:49]:
        return None
    from cryptolib import aes

    text = aes(key, 2, record[1:17]).decrypt(record[49:])
    try:
        plain = json.loads(text[: -text[-1]])
    except ValueError:
        return None
    return plain if isinstance(plain, dict) else None


# HMAC (RFC 2104) as core/conf/seal.h has it.
def _mac(key, record):
    key = sha256(key + b'mac').digest() + bytes(32)
    inner = sha256(bytes(b ^ 0x36 for b in key))
    inner.update(record[:17])
    inner.update(record[49:])
    outer = sha256(bytes(b ^ 0x5C for b in key))
    outer.update(inner.digest())
    return outer.digest()


# A blob, or None. NVS tells no size: the sizes are tried in turn.
def _blob(nvs, key, sizes):
    for size in sizes:
        buffer = bytearray(size)
        try:
            return bytes(buffer[: nvs.get_blob(key, buffer)])
        except OSError:
            pass  # longer than size, or not there
    return None
