# SPDX-License-Identifier: MIT
# HTU21D: temperature and humidity over I2C (docs/blocks/htu21d.md).

from asyncio import Lock, sleep_ms

import _blox_htu21d as _c
from micropython import const

_ADDRESS = const(0x40)
_TEMPERATURE = const(0xF3)
_HUMIDITY = const(0xF5)
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

    # What few programs need is loaded by those: set_resolution(bits),
    # resolution(), set_heater(on), battery_low(), reset().
    def __getattr__(self, name):
        from mpy_blox.sensor import htu21d_more

        function = getattr(htu21d_more, name)
        return lambda *arguments: function(self, *arguments)

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
