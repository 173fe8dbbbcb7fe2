# SPDX-License-Identifier: MIT
# The secure configuration: a dict that lives in the chip's NVS, sealed under
# the chip's unique id (core/conf/seal.h says what that protects from).

from logging import getLogger

from micropython import const
from mpy_blox.config import forget

_NAMESPACE = const('sec_cfg')


class NotInitialised(Exception):
    pass


# Changes stay in memory until commit(). On a board without NVS it is an
# empty dict that cannot be committed.
class SecureNVS(dict):
    def __init__(self):
        super().__init__()
        self.nvs = _open()
        self.initialised = False

    # Fills the dict from NVS. Raises NotInitialised when there is nothing, or
    # nothing that can be read; the latter is logged.
    def read(self):
        plain = self._do('read')
        if plain is None:
            raise NotInitialised('the device is not provisioned')
        super().clear()
        self.update(plain)
        self.initialised = True

    # Writes the dict to NVS and reads it back. Raises OSError or ValueError
    # with one sentence; then the old record may still be there.
    def commit(self):
        if not self.nvs:
            raise OSError('this board has no NVS; secrets cannot be kept')
        self._do('write', self)
        self.initialised = True

    # Forgets everything, in memory and in NVS. Takes a second or more.
    def clear(self):
        super().clear()
        self.initialised = False
        self._do('erase', module='erase')

    # The set that reads our record is good: the record of the older Mpy-BLOX
    # goes. What goes wrong is logged; it is tried again after the next update.
    def replace_original(self):
        try:
            self._do('replace_original')
        except (OSError, ValueError) as e:
            getLogger('config').error('%s', e)

    def _do(self, what, *args, module='sealed'):
        if not self.nvs:
            return None
        import mpy_blox.config as config

        try:
            __import__('mpy_blox.config.' + module)
            return getattr(getattr(config, module), what)(self.nvs, *args)
        finally:
            forget(module)


def _open():
    try:
        from esp32 import NVS
    except ImportError:
        return None
    return NVS(_NAMESPACE)
