# SPDX-License-Identifier: MIT
# The secure configuration: a dict that lives in the chip's NVS, sealed under
# the chip's unique id (core/conf/seal.h says what that protects from).

import json
import os
from logging import getLogger

NAMESPACE = 'sec_cfg'
_RECORD = 'rec'
_ORIGINAL = ('iv', 'payload_s', 'payload')  # as the older Mpy-BLOX wrote it
_SIZES = (512, 4224)  # of a record: most, and the largest

logger = getLogger('config')


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
        plain = self._plain() if self.nvs else None
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
        import _blox_seal

        plain = json.dumps(self).encode()
        record = _blox_seal.seal(plain, _unique_id(), os.urandom(16))
        try:
            self.nvs.set_blob(_RECORD, record)
            self.nvs.commit()
        except OSError as e:
            raise OSError(
                'secure configuration: NVS did not take it (%s); erase what '
                'else is in NVS' % e
            )
        if self._blob(_RECORD, _SIZES) != record:
            raise OSError(
                'secure configuration: NVS reads back otherwise; erase the '
                "flash with 'esptool.py erase_flash' and start anew"
            )
        self.initialised = True

    # Forgets everything, in memory and in NVS.
    def clear(self):
        super().clear()
        self.initialised = False
        if self.nvs:
            for key in (_RECORD,) + _ORIGINAL:
                try:
                    self.nvs.erase_key(key)
                except OSError:
                    pass  # was not there
            self.nvs.commit()

    # The dict in NVS: our record if it holds, else the original's; or None.
    def _plain(self):
        for unseal in (self._unseal, self._unseal_original):
            try:
                text = unseal()
                plain = text and json.loads(text)
                if isinstance(plain, dict):
                    return plain
            except ValueError as e:
                logger.error('%s', e)
        return None

    def _unseal(self):
        record = self._blob(_RECORD, _SIZES)
        if record is None:
            return None
        import _blox_seal

        return _blox_seal.unseal(record, _unique_id())

    def _unseal_original(self):
        iv = self._blob('iv', (16,))
        try:
            size = self.nvs.get_i32('payload_s')
        except OSError:
            return None
        payload = self._blob('payload', (min(max(size, 0) + 16, _SIZES[1]),))
        if iv is None or payload is None:
            return None
        import _blox_seal

        return _blox_seal.unseal_original(iv, payload, _unique_id())

    # A blob, or None. NVS tells no size: the sizes are tried in turn.
    def _blob(self, key, sizes):
        for size in sizes:
            buffer = bytearray(size)
            try:
                return bytes(buffer[: self.nvs.get_blob(key, buffer)])
            except OSError:
                pass  # longer than size, or not there
        return None


def _open():
    try:
        from esp32 import NVS
    except ImportError:
        return None
    return NVS(NAMESPACE)


def _unique_id():
    from machine import unique_id

    return unique_id()
