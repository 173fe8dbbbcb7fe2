# SPDX-License-Identifier: MIT
# NVS of a stock ESP32's size: in memory, written to a file by commit().
from binascii import hexlify, unhexlify

_FILE = '/.nvs'
_ENTRIES = 4 * 126  # of 32 bytes
_NOT_FOUND = -4354
_FULL = -4357
_TOO_SHORT = -4364
_values = {}  # namespace and key: bytes, or an int


def _load():
    try:
        with open(_FILE) as file:
            for line in file:
                kind, key, value = line[:-1].split(' ')
                _values[key] = int(value) if kind == 'i' else unhexlify(value)
    except OSError:
        pass  # nothing was stored


def _entries():
    count = 0
    for value in _values.values():
        count += 1
        if isinstance(value, bytes):
            count += 1 + (len(value) + 31) // 32
    return count


class NVS:
    def __init__(self, namespace):
        self._prefix = namespace + '.'

    def get_blob(self, key, buffer):
        data = self._get(key, bytes)
        if len(data) > len(buffer):
            raise OSError(_TOO_SHORT)
        buffer[: len(data)] = data
        return len(data)

    def get_i32(self, key):
        return self._get(key, int)

    def set_blob(self, key, data):
        self._set(key, bytes(data))

    def set_i32(self, key, value):
        self._set(key, value)

    def erase_key(self, key):
        if self._prefix + key not in _values:
            raise OSError(_NOT_FOUND)
        del _values[self._prefix + key]

    def commit(self):
        with open(_FILE, 'w') as file:
            for key, value in _values.items():
                if isinstance(value, int):
                    file.write('i %s %d\n' % (key, value))
                else:
                    file.write('b %s %s\n' % (key, hexlify(value).decode()))

    def _get(self, key, kind):
        value = _values.get(self._prefix + key)
        if not isinstance(value, kind):
            raise OSError(_NOT_FOUND)
        return value

    def _set(self, key, value):
        before = _values.get(self._prefix + key)
        _values[self._prefix + key] = value
        if _entries() <= _ENTRIES:
            return
        if before is None:
            del _values[self._prefix + key]
        else:
            _values[self._prefix + key] = before
        raise OSError(_FULL)


_load()
