# SPDX-License-Identifier: MIT
# mpy_blox.input, .dsp and .buffer.
import asyncio
import sys

import micropython

from mpy_blox.buffer import PreAllocatedRingBuffer
from mpy_blox.dsp.iir.ema import ExponentialMovingAverage, fixed_point_ema

# ---- The ring

ring = PreAllocatedRingBuffer(2, 4)
assert ring.length == 4 and ring.empty() and not ring.full()
for value in (1, 2, 3):
    ring.head_ptr()[1] = value
    ring.advance_head()
assert ring.full() and not ring.empty() and (ring.head, ring.tail) == (3, 0)
try:
    ring.head_ptr()
    assert False
except RuntimeError as e:
    assert 'full' in str(e) and ring.overruns == 1
ring.advance_head()  # does nothing then
assert [view[1] for view in ring.iter_read()] == [1, 2, 3]
assert ring.empty() and ring.head == ring.tail == 3
# A slot in use is not written; the last one taken leaves nothing that waits.
ring.head_ptr()[1] = 9
ring.advance_head()
view = next(ring.iter_read())
assert view[1] == 9 and ring.empty()
for value in (10, 11):
    ring.head_ptr()[1] = value
    ring.advance_head()
assert ring.full() and view[1] == 9
assert [view[1] for view in ring.iter_read()] == [10, 11]


def passes(ring):
    micropython.heap_lock()
    right = True
    for value in range(50):
        slot = ring.head_ptr()
        slot[0] = value
        ring.advance_head()
        right = right and next(ring)[0] == value
    micropython.heap_unlock()
    return right


assert passes(ring)
for wrong in ((0, 4), (2, 1), (1 << 20, 2)):
    try:
        PreAllocatedRingBuffer(*wrong)
        assert False
    except ValueError:
        pass

# ---- The average

ema = ExponentialMovingAverage(0.25)
assert [ema(8), ema(8), ema(0)] == [2.0, 3.5, 2.625] and ema.state == 2.625
ema = fixed_point_ema(0.25)


def average(ema):
    micropython.heap_lock()
    first = ema(8)
    second = ema(8)
    third = ema(0)
    micropython.heap_unlock()
    return first, second, third


assert average(ema) == (2, 4, 3)
for wrong in (0, -1, 1.1):
    try:
        fixed_point_ema(wrong)
        assert False
    except ValueError as e:
        assert 'alpha' in str(e)

# ---- The latch


class Pin:
    IN = 1
    IRQ_RISING = 4

    def __init__(self, number, mode):
        self.handler = None

    def irq(self, handler=None, trigger=None):
        self.handler = handler

    def edge(self):
        if self.handler:
            self.handler(self)


class FakeMachine:
    pass


fake = FakeMachine()
fake.Pin = Pin
sys.modules['machine'] = fake

from mpy_blox.input.latched_input import LatchedInput


async def waits(latch):
    try:
        await asyncio.wait_for(latch.wait(), 0.02)
        return False
    except asyncio.TimeoutError:
        return True


async def main():
    latch = LatchedInput(4)
    assert await waits(latch)
    latch.pin.edge()
    assert not await waits(latch)  # it was kept
    latch.pin.edge()
    assert await waits(latch)  # the first only
    latch.reset()
    latch.pin.edge()
    latch.pin.edge()
    await latch.wait()
    assert await waits(latch)


asyncio.run(main())
print('OK')
