# SPDX-License-Identifier: MIT
# The secure configuration: SecureNVS is a dict that lives in the chip's NVS,
# sealed under the chip's unique id (core/conf/seal.h says what that protects
# from). Changes stay in memory until commit(). On a board without NVS it is an
# empty dict that cannot be committed.
#
# A SecureNVS has, besides what a dict has, the functions below that take one,
# `nvs`, its esp32.NVS or None, and `initialised`: it was read or committed.

from mpy_blox.config import SecureNVS
from mpy_blox.forget import borrow


class NotInitialised(Exception):
    pass


# For SecureNVS.__getattr__.
def member(secure, name):
    if name == 'nvs':
        secure.nvs = _open()
        return secure.nvs
    if name == 'initialised':
        return False
    if name not in ('read', 'fill', 'commit', 'erase', 'replace_original'):
        raise AttributeError(
            "'SecureNVS' object has no attribute '%s'" % name
        )
    function = globals()[name]
    return lambda: function(secure)


# Fills the dict from NVS. Raises NotInitialised when there is nothing, or
# nothing that can be read; the latter is logged.
def read(secure):
    if not fill(secure):
        raise NotInitialised('the device is not provisioned')


# The same, but returns False.
def fill(secure):
    plain = _do(secure, 'read')
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
    _do(secure, 'write', secure)
    secure.initialised = True


# clear(): forgets everything, in memory and in NVS. Takes a second or more.
def erase(secure):
    super(SecureNVS, secure).clear()
    secure.initialised = False
    if secure.nvs:
        borrow('config.erase').erase(secure.nvs)


# The set that reads our record is good: the record of the older Mpy-BLOX
# goes. What goes wrong is logged; it is tried again after the next update.
def replace_original(secure):
    try:
        _do(secure, 'replace_original')
    except (OSError, ValueError) as e:
        from logging import getLogger

        getLogger('config').error('%s', e)


def _do(secure, what, *args):
    if secure.nvs:
        sealed = borrow('config.sealed')
        return getattr(sealed, what)(secure.nvs, *args)


def _open():
    try:
        from esp32 import NVS
    except ImportError:
        return None
    return NVS('sec_cfg')
