# SPDX-License-Identifier: MIT
# Samples at a timer's rate. The timer's callback is C and fills a ring; the
# program empties it. Loaded by the first read_sample_stream().

from asyncio import ThreadSafeFlag
from time import ticks_us

from _blox_sampling import Ring, Sampler
from machine import Timer


class SampleStream:
    def __init__(self, adc, channel, rate, count, timer_id, ring_buf_len):
        self.rate = rate
        self.yielded = 0
        self.flag = ThreadSafeFlag()
        self.ring = Ring(adc.needed_buffer_length, ring_buf_len)
        self.parse = adc.parse_sample
        timer = Timer(timer_id)
        self.stop = timer.deinit
        self.sampler = Sampler(
            self.ring,
            adc.sampler(channel),
            count,
            rate,
            ticks_us,
            self.stop,
            self.flag.set,
        )
        timer.init(freq=rate, callback=self.sampler)

    def __aiter__(self):
        return self

    async def __anext__(self):
        while True:
            for raw in self.ring:
                self.yielded += 1
                return self.parse(raw)
            if self.sampler.done:
                self._end()
            await self.flag.wait()

    # After the last sample that was taken.
    def _end(self):
        sampler = self.sampler
        if sampler.error is not None:
            raise sampler.error
        if sampler.overrun:
            raise RuntimeError(
                'adc: overrun after %d samples: the program took %d; take them '
                'faster, or make ring_buf_len larger than %d'
                % (sampler.collected, self.yielded, self.ring.length)
            )
        if sampler.lost:
            raise RuntimeError(
                'adc: %d ticks of the timer were lost before sample %d; %d '
                'samples a second are too many beside what else runs'
                % (sampler.lost, sampler.collected, self.rate)
            )
        raise StopAsyncIteration
