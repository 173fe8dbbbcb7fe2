# SPDX-License-Identifier: MIT
# HTU21D: temperature and humidity over I2C (docs/blocks/htu21d.md).

from asyncio import Lock, sleep_ms

import _blox_htu21d as _c
from micropython import const

_ADDRESS = const(0x40)
_TEMPERATURE = const(0xF3)
_HUMIDITY = const(0xF5)
_WRITE = const(0xE6)
_READ = const(0xE7)
_RESET = const(0xFE)
_RESET_MS = const(15)
_LATE_MS = const(20)  # on top of what a measurement takes at most


class HTU21D:
    def __init__(self, i2c):
        self.i2c = i2c
        self._register = 2  # the user register after power-on
        self._lock = Lock()

    # (temperature in degrees Celsius, relative humidity in percent)
    async def read(self):
        async with self._lock:
            temperature = await self._measure(_TEMPERATURE)
            humidity = await self._measure(_HUMIDITY)
        return temperature / 100, humidity / 100

    # Bits of humidity: 12, 11, 10 or 8; of temperature then 14, 11, 13 or 12.
    async def set_resolution(self, bits):
        async with self._lock:
            register = _c.with_resolution(self._read_register(), bits)
            if register < 0:
                raise ValueError('htu21d: a resolution is 12, 11, 10 or 8 bits')
            self._write_register(register)

    async def resolution(self):
        async with self._lock:
            return _c.resolution(self._read_register())

    # The heater is for diagnosis: some degrees more, so less humidity.
    async def set_heater(self, on):
        async with self._lock:
            register = self._read_register() & ~4
            self._write_register(register | 4 if on else register)

    # Whether the supply was below 2.25 V at the last measurement.
    async def battery_low(self):
        async with self._lock:
            return bool(self._read_register() & 0x40)

    # Everything as after power-on, but for the heater.
    async def reset(self):
        async with self._lock:
            self._write(bytes((_RESET,)))
            self._register = 2
            await sleep_ms(_RESET_MS)

    # Hundredths. The sensor does not acknowledge before it is done.
    async def _measure(self, command):
        self._write(bytes((command,)))
        await sleep_ms(_c.time(command, self._register))
        late = 0
        while True:
            try:
                answer = self.i2c.readfrom(_ADDRESS, 3)
                break
            except OSError as e:
                if late >= _LATE_MS:
                    self._fail(e, 'did not finish a measurement')
            await sleep_ms(5)
            late += 5
        value = _c.value(command, answer)
        if value is None:
            self._fail(None, 'sent a damaged answer (CRC)')
        return value

    def _read_register(self):
        self._write(bytes((_READ,)))
        try:
            self._register = self.i2c.readfrom(_ADDRESS, 1)[0]
        except OSError as e:
            self._fail(e, 'does not answer')
        return self._register

    def _write_register(self, register):
        self._write(bytes((_WRITE, register)))
        self._register = register

    def _write(self, data):
        try:
            self.i2c.writeto(_ADDRESS, data)
        except OSError as e:
            self._fail(e, 'does not answer')

    def _fail(self, e, what):
        raise OSError(
            e.errno if e else 5,
            'htu21d: the sensor at address 0x40 of %s %s; check its power, '
            'wires and pull-ups' % (self.i2c, what),
        )
