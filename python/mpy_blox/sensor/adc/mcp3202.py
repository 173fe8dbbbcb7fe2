# SPDX-License-Identifier: MIT
# MCP3202: two channels of 12 bits, over SPI (docs/blocks/mcp3202.md).

import _blox_mcp3202 as _c
from machine import SPI
from mpy_blox.sensor.adc import ADC

# What the chip takes at 2.7 V; a sample then lasts 27 us.
CLOCK_FREQ = 900000


class MCP3202(ADC):
    needed_buffer_length = 3

    def __init__(
        self, chip_din, chip_dout, clk, cs, spi_id=1, baudrate=CLOCK_FREQ
    ):
        cs.on()
        self.cs = cs
        self.spi = SPI(
            spi_id,
            baudrate=baudrate,
            polarity=0,
            phase=0,
            firstbit=SPI.MSB,
            sck=clk,
            mosi=chip_din,
            miso=chip_dout,
        )
        self._inputs = {}
        self._buffer = bytearray(3)

    # 0 to 4095: channel 0 or 1 against VSS; differential: against the other
    # one, and 0 where that is higher.
    def read(self, channel, differential=False):
        self.sampler(channel, differential)(self._buffer)
        return self.parse_sample(self._buffer)

    def sample_readinto(self, channel, buffer):
        self.sampler(channel)(buffer)

    def parse_sample(self, sample_view):
        value = _c.value(sample_view)
        if value < 0:
            raise OSError(
                5,
                'mcp3202: no chip answers on %s with CS %s (the null bit is '
                '1); check its power and DOUT' % (self.spi, self.cs),
            )
        return value

    def sampler(self, channel, differential=False):
        number = (1 if channel else 0) + (2 if differential else 0)
        if number not in self._inputs:
            self._inputs[number] = _c.Input(self.spi, self.cs, number)
        return self._inputs[number]
