# SPDX-License-Identifier: MIT
# mpy_blox.sensor.nova_pm on a serial line of this script's own.
import asyncio
import io
import sys
from errno import ETIMEDOUT

from mpy_blox.sensor import nova_pm
from mpy_blox.sensor.nova_pm import NovaPM


def frame(kind, data):
    data = bytes(data)
    return b'\xaa' + bytes((kind,)) + data + bytes((sum(data) & 255, 0xAB))


REPORT = frame(0xC0, (0xD4, 0x04, 0x3A, 0x0A, 0xA1, 0x60))


# Answers each command by what replies(command, data) gives.
class Uart(io.IOBase):
    def __init__(self, incoming=b'', replies=None):
        self.incoming = incoming
        self.replies = replies
        self.log = []
        self.set_up = None

    def __str__(self):
        return 'UART(1, baudrate=9600, tx=15, rx=4)'

    def init(self, baud, timeout=0):
        self.set_up = (baud, timeout)

    def deinit(self):
        self.set_up = None

    def ioctl(self, request, flags):
        if request == 3:
            return flags & (1 if self.incoming else 0)
        return -1

    def read(self, size):
        data, self.incoming = self.incoming[:size], self.incoming[size:]
        return data or None

    def write(self, data):
        assert len(data) == 19 and data[:2] == b'\xaa\xb4', data
        assert sum(data[2:17]) & 255 == data[17] and data[18] == 0xAB, data
        self.log.append(data[2:17])
        if self.replies:
            self.incoming += self.replies(data[2], data[3:17])


class Sensor:
    def __init__(self):
        self.values = {2: 0, 6: 1, 8: 0}
        self.id = b'\xa1\x60'

    def __call__(self, command, data):
        if command == 4:
            return REPORT
        if command == 5:
            self.id = data[10:12]
            return frame(0xC5, b'\x05\0\0\0' + self.id)
        if command == 7:
            return frame(0xC5, b'\x07\x0f\x07\x0a' + self.id)
        if data[0]:
            self.values[command] = data[1]
        state = bytes((command, data[0], self.values[command], 0))
        return frame(0xC5, state + self.id)


async def refused(coroutine, kind, *words):
    try:
        await coroutine
        assert False, words
    except kind as e:
        for word in words:
            assert word in str(e), (e, word)
        return e


async def main():
    # A report in noise, in pieces, behind a half one and a damaged one.
    uart = Uart(b'\xaa\xc0\x01' + REPORT[:9] + b'\0\xff\xaa' + REPORT * 2)
    sensor = NovaPM(uart)
    sensor.start()
    assert uart.set_up == (9600, 0)
    assert await sensor.read() == (123.6, 261.8)
    assert await sensor.read() == (123.6, 261.8)

    # Every command.
    uart.replies = Sensor()
    assert await sensor.query() == (123.6, 261.8)
    assert await sensor.is_active() and await sensor.is_working()
    await sensor.set_active(False)
    assert not await sensor.is_active()
    await sensor.sleep()
    assert not await sensor.is_working()
    await sensor.work()
    assert await sensor.is_working()
    await sensor.set_working_period(5)
    assert await sensor.working_period() == 5
    await sensor.set_working_period(0)
    assert await sensor.firmware_version() == (2015, 7, 10)
    await sensor.set_device_id(0xA001)
    assert sensor.device_id == 0xA001
    await sensor.query()
    assert uart.log[-1][-2:] == b'\xa0\x01'
    for wrong in (31, -1):
        await refused(sensor.set_working_period(wrong), ValueError, '0 to 30')

    # A report in between is no reply, and a command is given twice.
    told = []

    def late(command, data):
        told.append(command)
        return REPORT + (Sensor()(command, data) if len(told) == 2 else b'')

    uart.replies = late
    assert await sensor.firmware_version() == (2015, 7, 10)
    assert told == [7, 7]

    # Silence, and noise, end in bounded time.
    for name, noise, word in (
        ('silent', b'', 'line is silent'),
        ('noise', b'\xaa\xc0' * 40, 'bytes of noise'),
    ):
        sensor = NovaPM(Uart(noise))
        sensor.start()
        e = await refused(
            sensor.firmware_version(),
            OSError,
            'nova_pm: the sensor on UART(1, ',
            'did not reply',
            word,
        )
        assert e.errno == ETIMEDOUT, name
    sensor.stop()
    assert sensor.uart.set_up is None
    await refused(sensor.read(), RuntimeError, 'start()')


asyncio.run(main())
print('OK')
