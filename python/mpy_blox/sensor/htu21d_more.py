# SPDX-License-Identifier: MIT
# The user register and the reset of an HTU21D; loaded by mpy_blox.sensor.htu21d
# when one of these is called.

from asyncio import sleep_ms

import _blox_htu21d as _c
from micropython import const

_ADDRESS = const(0x40)
_WRITE = const(0xE6)
_READ = const(0xE7)
_RESET = const(0xFE)
_RESET_MS = const(15)
_END_OF_BATTERY = const(0x40)
_HEATER = const(4)


def __getattr__(name):
    raise AttributeError("'HTU21D' object has no attribute '%s'" % name)


# Bits of humidity: 12, 11, 10 or 8; of temperature then 14, 11, 13 or 12.
async def set_resolution(self, bits):
    async with self._lock:
        register = _c.with_resolution(_read(self), bits)
        if register < 0:
            raise ValueError('htu21d: a resolution is 12, 11, 10 or 8 bits')
        _write(self, register)


async def resolution(self):
    async with self._lock:
        return _c.resolution(_read(self))


# The heater is for diagnosis: some degrees more, so less humidity.
async def set_heater(self, on):
    async with self._lock:
        register = _read(self) & ~_HEATER
        _write(self, register | _HEATER if on else register)


# Whether the supply was below 2.25 V at the last measurement.
async def battery_low(self):
    async with self._lock:
        return bool(_read(self) & _END_OF_BATTERY)


# Everything as after power-on, but for the heater.
async def reset(self):
    async with self._lock:
        self._write(bytes((_RESET,)))
        self._register = 2
        await sleep_ms(_RESET_MS)


def _read(self):
    self._write(bytes((_READ,)))
    try:
        self._register = self.i2c.readfrom(_ADDRESS, 1)[0]
    except OSError as e:
        self._fail(e, 'does not answer')
    return self._register


def _write(self, register):
    self._write(bytes((_WRITE, register)))
    self._register = register
