# SPDX-License-Identifier: MIT
# mpy_blox.sensor.adc: streams at a timer's rate, and the MCP3202 on a bus of
# this script's own.
import asyncio
import sys

import micropython


class Pin:
    def __init__(self, number):
        self.number = number
        self.level = None

    def __str__(self):
        return 'Pin(%d)' % self.number

    def __call__(self, level):
        self.level = level

    def on(self):
        self.level = 1


# The chip: channel 0 has 1234, channel 1 has 4000.
class SPI:
    MSB = 0
    requests = {
        b'\x01\xa0\x00': 1234,
        b'\x01\xe0\x00': 4000,
        b'\x01\x20\x00': 0,
        b'\x01\x60\x00': 2766,
    }

    def __init__(self, number, **more):
        self.more = more
        self.gone = False
        self.raises = None

    def __str__(self):
        return 'SPI(1)'

    def write_readinto(self, request, buffer):
        assert chip_select.level == 0
        if self.raises:
            raise self.raises
        value = self.requests[request]
        buffer[0] = 0xFF
        buffer[1] = 0xFF if self.gone else 0xE0 | value >> 8
        buffer[2] = value & 255


# Ticks when this script says so: five in a row, as behind something else.
class Timer:
    running = None

    def __init__(self, number):
        self.number = number

    def init(self, freq, callback):
        self.callback = callback
        Timer.running = self

    def deinit(self):
        Timer.running = None

    @classmethod
    async def run(cls):
        while True:
            for _ in range(5):
                if cls.running:
                    cls.running.callback(cls.running)
            await asyncio.sleep_ms(0)


class FakeMachine:
    pass


fake = FakeMachine()
fake.SPI = SPI
fake.Timer = Timer
sys.modules['machine'] = fake

from mpy_blox.sensor.adc import ADC
from mpy_blox.sensor.adc.mcp3202 import MCP3202
from _blox_sampling import Ring, Sampler

chip_select = Pin(5)
chip = MCP3202(Pin(23), Pin(19), Pin(18), chip_select)
assert chip.spi.more['phase'] == 0 and chip.spi.more['polarity'] == 0
assert chip.read(0) == 1234 and chip.read(1) == 4000
assert chip.read(0, differential=True) == 0
assert chip.read(1, differential=True) == 2766
assert chip_select.level == 1
chip.spi.gone = True
try:
    chip.read(0)
    assert False
except OSError as e:
    assert 'mcp3202: ' in e.args[1] and 'SPI(1)' in e.args[1], e
chip.spi.gone = False
chip.spi.raises = OSError(110)
try:
    chip.read(0)
    assert False
except OSError as e:
    assert chip_select.level == 1  # whatever happens
chip.spi.raises = None
assert chip.read(0) == 1234

# A tick in an interrupt allocates nothing.
now = [0]


def ticks_us():
    return now[0]


def nothing():
    pass


ring = Ring(3, 400)
sampler = Sampler(ring, chip.sampler(0), 300, 10000, ticks_us, nothing, nothing)
micropython.heap_lock()
for _ in range(300):
    now[0] += 100
    sampler(None)
micropython.heap_unlock()
assert sampler.collected == 300 and sampler.done and sampler.lost == 0
assert [chip.parse_sample(raw) for raw in ring] == [1234] * 300


class Counter(ADC):
    needed_buffer_length = 2

    def __init__(self):
        self.count = 0
        self.raises = None

    def sample_readinto(self, channel, buffer):
        if self.raises and self.count == 5:
            raise self.raises
        buffer[0], buffer[1] = self.count & 255, self.count >> 8
        self.count += channel

    def parse_sample(self, sample_view):
        return sample_view[0] | sample_view[1] << 8


async def collect(stream):
    values = []
    try:
        async for value in stream:
            values.append(value)
    except Exception as e:
        return values, e
    return values, None


async def main():
    ticking = asyncio.create_task(Timer.run())

    # Every sample once, in order; a ring smaller than the count.
    read = Counter().read_sample_stream
    values, error = await collect(read(1, 10, 100, ring_buf_len=32))
    assert error is None and values == list(range(100)), (values, error)
    stream = Counter().read_sample_stream(2, 10, 7, timer_id=3)
    assert Timer.running.number == 3
    values, error = await collect(stream)
    assert values == [0, 2, 4, 6, 8, 10, 12] and Timer.running is None

    # A program that does not come: what was taken, then the error.
    stream = Counter().read_sample_stream(1, 10, 50, ring_buf_len=8)
    for _ in range(10):
        await asyncio.sleep_ms(0)
    assert Timer.running is None
    values, error = await collect(stream)
    assert values == list(range(7)), values
    assert isinstance(error, RuntimeError)
    assert str(error).startswith('adc: overrun after 7 samples: '), error

    # A program that gives up leaves nothing that runs for long.
    async for value in Counter().read_sample_stream(1, 10, 50, ring_buf_len=8):
        break
    for _ in range(10):
        await asyncio.sleep_ms(0)
    assert Timer.running is None

    # A converter that fails: what was taken, then its error.
    adc = Counter()
    adc.raises = OSError(5)
    values, error = await collect(adc.read_sample_stream(1, 10, 100))
    assert values == [0, 1, 2, 3, 4] and error is adc.raises

    for wrong in ((1, 0, 10), (1, 100, 0), (1, 10000000, 5)):
        try:
            Counter().read_sample_stream(*wrong)
            assert False, wrong
        except ValueError as e:
            assert str(e).startswith('adc: '), e
    ticking.cancel()

    # Ticks that never came.
    ring = Ring(1, 100)
    sampler = Sampler(
        ring, lambda buffer: None, 90, 1000, ticks_us, nothing, nothing
    )
    while not sampler.done:
        now[0] += 1000 if sampler.collected != 20 else 4000
        sampler(None)
    assert sampler.lost == 3 and sampler.collected == 48, sampler.collected


asyncio.run(main())
print('OK')
