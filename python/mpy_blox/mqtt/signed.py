# SPDX-License-Identifier: MIT
# The device's key: where it is kept, what it has accepted, and what follows it
# (PROTOCOL §2, Signature); _blox_verify decides. Loaded when a device that has
# a key connects or gets a list, and forgotten.
#
# The sealed record holds the key, the key that is to follow once the set of
# the list in force is confirmed, and which key it is that lists were accepted
# by. NVS holds a record for each topic: its last serial.

import asyncio
import hashlib
import logging
import os
from binascii import a2b_base64, hexlify

from mpy_blox.config import config
from mpy_blox.forget import borrow

KEY = 'update.public_key'
_NEXT = 'update.next_key'
_ACCEPTS = 'update.key_accepts'  # the fingerprint's first 16 digits
# What precedes a point in the DER of a public key (RFC 5480), so that the
# fingerprint is that of `openssl pkey -pubin -outform DER | sha256sum`.
_DER = b'0Y0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01\x07\x03B\x00'
_NOT_FOUND = -0x1102  # ESP_ERR_NVS_NOT_FOUND
_LISTS = ('list', 'list.new', 'origin', 'todo', 'waits', 'cmd', 'command')

logger = logging.getLogger('update')


# Begins to accept lists by the device's key alone, on these topics. Returns
# why that cannot be, or None.
def begin(topics):
    try:
        secure = _secure()
        key = config[KEY] = secure.get(KEY, config[KEY])
        if secure.get(_ACCEPTS, '') != _short(key):
            _take_in(secure, key, topics)
        elif _NEXT in secure and _settled():
            return confirmed()
    except (ValueError, TypeError, OSError) as e:
        return str(e.args[-1])
    logger.info(
        'update lists must be signed with the key %s', fingerprint(key)
    )


# Whether all of the list in force is there to stay, as when a trial ended by a
# deploy over serial.
def _settled():
    found = borrow('platform').origin()
    return found is not None and found[2]


# SHA-256 of the key's DER, in hex.
def fingerprint(key):
    digest = hashlib.sha256(_DER + a2b_base64(key)).digest()
    return hexlify(digest).decode()


def _short(key):
    try:
        return fingerprint(key)[:16]
    except (ValueError, TypeError):
        return None  # no key; _blox_verify says why


def _secure():
    secure = config.get('secure')
    if secure is None:
        from mpy_blox.config import SecureNVS

        secure = config['secure'] = SecureNVS()
        secure.fill()
    return secure


# A key is new here: what was accepted without it, or by another one, does not
# count any more.
def _take_in(secure, key, topics):
    from _blox_verify import check_key

    check_key(key if isinstance(key, str) else '')
    if not secure.nvs:
        raise OSError('update.public_key: this board has no NVS to keep it in')
    for name in _LISTS:
        try:
            os.remove('/.blox/' + name)
        except OSError:
            pass  # was not there
    for topic in topics:
        try:
            secure.nvs.erase_key(_name(topic))
        except OSError:
            pass  # was not there
    secure.pop(_NEXT, None)
    _set_key(secure, key)


def _set_key(secure, key):
    secure[KEY] = config[KEY] = key
    secure[_ACCEPTS] = _short(key)
    secure.commit()


# Of a topic's record in NVS.
def _name(topic):
    return 's' + hexlify(hashlib.sha256(topic.encode()).digest()[:7]).decode()


def _record(nvs, topic):
    record = bytearray(24)
    try:
        return bytes(record[: nvs.get_blob(_name(topic), record)])
    except OSError as e:
        return b'' if e.args[0] == _NOT_FOUND else b'?'  # no record at all


# Checks the list in the file path, which came on topic. Returns what keep()
# takes, or None when goes_on() is not true any more. Raises ValueError why it
# is refused.
async def verify(path, topic, command, on_trial, goes_on):
    from _blox_verify import Signature

    secure = _secure()
    signature = Signature(
        topic,
        command,
        config[KEY],
        secure.get(_NEXT) if on_trial else None,
        _record(secure.nvs, topic),
    )
    again = True
    while again:
        with open(path, 'rb') as file:
            while signature.read(file):
                await asyncio.sleep_ms(0)
                if not goes_on():
                    return None
        again = signature.end()
    return signature


# Keeps what must be known before a list that was verified is acted on.
def keep(topic, signature, command):
    secure = _secure()
    if _record(secure.nvs, topic) != signature.record:
        try:
            secure.nvs.set_blob(_name(topic), signature.record)
            secure.nvs.commit()
        except OSError as e:
            raise OSError(
                'list: NVS did not take its serial (%s); erase what else is in '
                'NVS' % e
            )
    if command:
        return
    new_key = signature.new_key
    if new_key != secure.get(_NEXT, ''):
        secure[_NEXT] = new_key
        if not new_key:
            del secure[_NEXT]
        secure.commit()


# All that the list in force asks for is there to stay: its key entry comes into
# force, if there is one.
def confirmed():
    secure = _secure()
    key = secure.get(_NEXT)
    if not key:
        return
    try:
        del secure[_NEXT]
        _set_key(secure, key)
    except (ValueError, OSError) as e:
        logger.error('update.public_key: the new key was not kept: %s', e)
    else:
        logger.warning(
            'update lists must be signed with the new key %s', fingerprint(key)
        )
