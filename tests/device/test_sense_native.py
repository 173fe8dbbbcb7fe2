# SPDX-License-Identifier: MIT
# The native modules of sensors and sound alone: the same values on every
# architecture.
import gc

import _blox_htu21d
import _blox_mcp3202
import _blox_sds011
from _blox_ema import Ema
from _blox_sampling import Ring, Sampler
from _blox_sn74hc595 import Chain
from _blox_wav import Head, widen

# The data sheets' examples.
assert _blox_htu21d.value(0xF5, b'\x7c\x82\x97') == 5479
assert _blox_htu21d.value(0xF3, b'\x68\x3a\x7c') == 2469
assert _blox_htu21d.value(0xF3, b'\x68\x3a\x7d') is None
assert _blox_htu21d.value(0xF3, b'\x68') is None
assert [_blox_htu21d.time(0xF3, r) for r in (2, 3, 0x82)] == [50, 13, 25]
assert _blox_htu21d.with_resolution(0x3A, 11) == 0xBB
assert _blox_htu21d.resolution(0xBB) == 11

stream = _blox_sds011.Stream()
report = b'\xaa\xc0\xd4\x04\x3a\x0a\xa1\x60\x1d\xab'
assert stream.feed(b'\xaa' + report + report) == 11
assert stream.next() == (0, 0xA160, 1236, 2618, 0)
assert stream.next() is None and stream.skipped == 1
assert _blox_sds011.command(8, 30, 0xA160)[2:5] == b'\x08\x01\x1e'
assert len(_blox_sds011.command(4, None, 0xFFFF)) == 19

assert _blox_mcp3202.value(b'\xff\xef\xff') == 4095
assert _blox_mcp3202.value(b'\xff\xf0\x00') < 0

chain = Chain(3)
chain.set(8, True)
assert bytes(chain.image) == b'\0\1\0'
chain.shift(b'\x80')
assert chain.get(16) and chain.get(7) and not chain.get(8)

ema = Ema(1 << 13)
assert [ema(x) for x in (65535, -65535, 65535)] == [16384, -4096, 13312]

head = Head()
head.feed(b'RIFF\xff\xff\xff\xffWAVELIST\x03\0\0\0')
assert head.skip == 3
head.skipped()
head.feed(b'\0fmt \x10\0\0\0\1\0\2\0\x44\xac\0\0\x10\xb1\2\0\4\0\x10\0')
assert head.format() is None
head.feed(b'data\xff\xff\xff\xff')
assert head.format() == (1, 2, 44100, 16, 4, 176400, 56, None)
samples = bytearray(b'abcdefghi...')
assert widen(samples, 9, 24) == 12
assert samples == b'\0abc\0def\0ghi'


# Two seconds at 10 kHz, as of a timer: nothing lost, nothing allocated.
class Clock:
    now = 0


def ticks_us():
    return Clock.now & 0x3FFFFFFF


def nothing():
    pass


def sample(buffer):
    buffer[0] = 7


def two_seconds():
    ring = Ring(1, 16)
    sampler = Sampler(ring, sample, 600000, 10000, ticks_us, nothing, nothing)
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(STEPS):
        Clock.now += 100
        sampler(None)
        assert next(ring)[0] == 7
    assert gc.mem_alloc() - before < 64
    assert sampler.lost == 0 and sampler.collected == STEPS


STEPS = 20000
two_seconds()
print('OK')
