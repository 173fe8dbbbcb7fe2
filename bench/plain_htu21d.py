# SPDX-License-Identifier: MIT
# The peer of mpy_blox.sensor.htu21d: the same driver in Python alone.

from asyncio import Lock, sleep_ms

from micropython import const

_ADDRESS = const(0x40)
_TEMPERATURE = const(0xF3)
_HUMIDITY = const(0xF5)
_WRITE = const(0xE6)
_READ = const(0xE7)
_RESET = const(0xFE)
_RESET_MS = const(15)
_LATE_MS = const(20)
_BITS = (12, 8, 10, 11)
_TEMPERATURE_MS = (50, 13, 25, 7)
_HUMIDITY_MS = (16, 3, 5, 8)


def crc(data):
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value << 1 ^ 0x131 if value & 0x80 else value << 1
    return value


class HTU21D:
    def __init__(self, i2c):
        self.i2c = i2c
        self._register = 2
        self._lock = Lock()

    async def read(self):
        async with self._lock:
            temperature = await self._measure(_TEMPERATURE, _TEMPERATURE_MS)
            humidity = await self._measure(_HUMIDITY, _HUMIDITY_MS)
        return -46.85 + 175.72 * temperature / 65536, (
            -6 + 125 * humidity / 65536
        )

    async def set_resolution(self, bits):
        async with self._lock:
            register = self._read_register()
            if bits not in _BITS:
                raise ValueError('htu21d: a resolution is 12, 11, 10 or 8 bits')
            n = _BITS.index(bits)
            self._write_register(register & 0x7E | n >> 1 << 7 | n & 1)

    async def resolution(self):
        async with self._lock:
            self._read_register()
            return _BITS[self._choice()]

    async def set_heater(self, on):
        async with self._lock:
            register = self._read_register() & ~4
            self._write_register(register | 4 if on else register)

    async def battery_low(self):
        async with self._lock:
            return bool(self._read_register() & 0x40)

    async def reset(self):
        async with self._lock:
            self._write(bytes((_RESET,)))
            self._register = 2
            await sleep_ms(_RESET_MS)

    def _choice(self):
        return self._register >> 6 & 2 | self._register & 1

    async def _measure(self, command, times):
        self._write(bytes((command,)))
        await sleep_ms(times[self._choice()])
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
        if crc(answer) or not any(answer):
            self._fail(None, 'sent a damaged answer (CRC)')
        return (answer[0] << 8 | answer[1]) & 0xFFFC

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
