# SPDX-License-Identifier: MIT
# What every A/D converter is: samples one by one, or at an exact rate
# (docs/blocks/adc.md).


class ADC:
    needed_buffer_length = 0  # bytes of a raw sample; set by each converter

    # Takes a raw sample into buffer. A timer calls it: allocate nothing.
    def sample_readinto(self, channel, buffer):
        raise NotImplementedError

    # The value of a raw sample.
    def parse_sample(self, sample_view):
        raise NotImplementedError

    # What a timer calls with a buffer. A converter with one in C is faster.
    def sampler(self, channel):
        readinto = self.sample_readinto
        return lambda buffer: readinto(channel, buffer)

    # `async for value in ...`: num_samples values, sample_rate a second. The
    # ring holds a quarter of a second unless ring_buf_len says else.
    def read_sample_stream(
        self, channel, sample_rate, num_samples, timer_id=0, ring_buf_len=None
    ):
        from mpy_blox.sensor.adc.stream import SampleStream

        if ring_buf_len is None:
            fits = max(64, int(sample_rate) // 4)
            ring_buf_len = max(2, min(num_samples + 1, fits))
        return SampleStream(
            self, channel, sample_rate, num_samples, timer_id, ring_buf_len
        )
