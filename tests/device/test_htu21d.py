# SPDX-License-Identifier: MIT
# mpy_blox.sensor.htu21d over a bus of this script's own.
import asyncio
from errno import EIO, ENODEV, ETIMEDOUT

from mpy_blox.sensor.htu21d import HTU21D

# Raw values of the data sheet with the CRCs it gives.
TEMPERATURE = b'\x68\x3a\x7c'
HUMIDITY = b'\x4e\x85\x6b'


class Bus:
    def __init__(self):
        self.log = []
        self.answers = []
        self.register = 0x3A  # with reserved bits, which must stay

    def __str__(self):
        return 'I2C(0, scl=22, sda=21, freq=400000)'

    def writeto(self, address, data):
        assert address == 0x40
        self.log.append(bytes(data))
        if data[0] == 0xE6:
            self.register = data[1]
        elif data[0] == 0xE7:
            self.answers.append(bytes((self.register,)))

    def readfrom(self, address, size):
        assert address == 0x40
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert len(answer) == size, (answer, size)
        return answer


class DeadBus(Bus):
    def __init__(self, number):
        super().__init__()
        self.number = number

    def writeto(self, address, data):
        raise OSError(self.number)


def refused(bus, number, *words):
    try:
        asyncio.run(HTU21D(bus).read())
        assert False, words
    except OSError as e:
        assert e.errno == number, e
        for word in words + ('htu21d: ', 'I2C(0, scl=22, sda=21', '0x40'):
            assert word in e.args[1], (e.args[1], word)


async def main():
    bus = Bus()
    sensor = HTU21D(bus)

    # Healthy. Two that read at once take turns.
    bus.answers = [TEMPERATURE, HUMIDITY] * 2
    first, second = await asyncio.gather(sensor.read(), sensor.read())
    assert first == second
    assert abs(first[0] - 24.69) < 0.001 and abs(first[1] - 32.34) < 0.001
    assert bus.log == [b'\xf3', b'\xf5'] * 2

    # Not done yet: it is asked again.
    bus.answers = [OSError(ENODEV), OSError(ENODEV), TEMPERATURE, HUMIDITY]
    assert await sensor.read() == first

    # The user register: reserved bits keep what they are.
    bus.log.clear()
    await sensor.set_resolution(8)
    assert bus.log == [b'\xe7', b'\xe6\x3b'] and await sensor.resolution() == 8
    await sensor.set_resolution(10)
    assert bus.register == 0xBA and await sensor.resolution() == 10
    await sensor.set_heater(True)
    assert bus.register == 0xBE
    await sensor.set_heater(False)
    assert bus.register == 0xBA
    assert not await sensor.battery_low()
    bus.register |= 0x40
    assert await sensor.battery_low()
    try:
        await sensor.set_resolution(9)
        assert False
    except ValueError as e:
        assert str(e) == 'htu21d: a resolution is 12, 11, 10 or 8 bits'
    bus.log.clear()
    await sensor.reset()
    assert bus.log == [b'\xfe']


asyncio.run(main())

# Faults: the right error, in bounded time, and the bus is good afterwards.
refused(DeadBus(ENODEV), ENODEV, 'does not answer')
refused(DeadBus(ETIMEDOUT), ETIMEDOUT, 'does not answer')
bus = Bus()
bus.answers = [OSError(ENODEV)] * 20
refused(bus, ENODEV, 'did not finish a measurement')
bus.answers = [b'\x68\x3b\x7c']
refused(bus, EIO, 'damaged answer')
bus.answers = [b'\0\0\0']
refused(bus, EIO, 'damaged answer')
bus.answers = [TEMPERATURE, HUMIDITY]
assert asyncio.run(HTU21D(bus).read())

# What it has not got is said of the sensor.
try:
    HTU21D(bus).temperature()
    assert False
except AttributeError as e:
    assert str(e) == "'HTU21D' object has no attribute 'temperature'", e
print('OK')
