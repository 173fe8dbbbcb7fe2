# SPDX-License-Identifier: MIT
# Stands in for NVS: a file for each key, so that no heap holds it.
import os


class NVS:
    def __init__(self, namespace):
        pass

    def get_blob(self, key, buffer):
        data = self._read(key)
        if len(data) > len(buffer):
            raise OSError(-4364)
        buffer[: len(data)] = data
        return len(data)

    def get_i32(self, key):
        return int(self._read(key))

    def set_blob(self, key, data):
        self._write(key, data)

    def set_i32(self, key, value):
        self._write(key, str(value).encode())

    def erase_key(self, key):
        try:
            os.remove("/nvs." + key)
        except OSError:
            raise OSError(-4354)

    def commit(self):
        pass

    def _read(self, key):
        try:
            with open("/nvs." + key, "rb") as file:
                return file.read()
        except OSError:
            raise OSError(-4354)

    def _write(self, key, data):
        with open("/nvs." + key, "wb") as file:
            file.write(data)
