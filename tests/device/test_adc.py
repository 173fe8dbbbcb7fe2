# SPDX-License-Identifier: MIT
# mpy_blox.sensor.adc: streams at a timer's rate, and the MCP3202 on a bus of
# this script's own.
import asyncio
import gc
import sys

import machine
import micropython


class Pin:
    def __init__(self, number):
        self.number = number
        self.level = None
        self.log = []

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


class FakeMachine:
    pass


fake = FakeMachine()
fake.SPI = SPI
fake.Timer = machine.Timer
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


async def collect(adc, *arguments, **more):
    values = []
    try:
        async for value in adc.read_sample_stream(*arguments, **more):
            values.append(value)
    except Exception as e:
        return values, e
    return values, None


async def overrun():
    values = []
    stream = Counter().read_sample_stream(1, 1000, 50, ring_buf_len=8)
    await asyncio.sleep_ms(50)
    try:
        async for value in stream:
            values.append(value)
        assert False
    except RuntimeError as e:
        return values, str(e)


async def main():
    # Every sample once, in order; a ring smaller than the count.
    values, error = await collect(Counter(), 1, 500, 100, ring_buf_len=64)
    assert error is None and values == list(range(100)), (values, error)
    values, error = await collect(Counter(), 2, 200, 7, timer_id=3)
    assert values == [0, 2, 4, 6, 8, 10, 12]

    # A program that does not come: what was taken, then the error.
    values, sentence = await overrun()
    assert values == list(range(7)), values
    assert sentence.startswith('adc: overrun after 7 samples: '), sentence

    # A converter that fails: what was taken, then its error.
    adc = Counter()
    adc.raises = OSError(5)
    values, error = await collect(adc, 1, 500, 100)
    assert values == [0, 1, 2, 3, 4] and error is adc.raises

    for wrong in ((1, 0, 10), (1, 100, 0), (1, 10000000, 5)):
        values, error = await collect(Counter(), *wrong)
        assert isinstance(error, ValueError), (wrong, error)

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
