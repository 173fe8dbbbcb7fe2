# SPDX-License-Identifier: MIT
# SN74HC595: outputs from shift registers in a chain, over SPI
# (docs/blocks/shift_register.md).

from _blox_sn74hc595 import Chain
from machine import SPI


class SN74HC595:
    # oe and srclr are pins, for those that have them wired.
    def __init__(
        self,
        ser,
        srclk,
        rclk,
        chain_length=1,
        spi_id=1,
        oe=None,
        srclr=None,
        baudrate=1000000,
    ):
        self._chain = Chain(chain_length)
        self.chain_length = chain_length
        self.rclk = rclk
        self.oe = oe
        self.srclr = srclr
        rclk.off()
        if srclr is not None:
            srclr.on()
        self.spi = SPI(
            spi_id,
            baudrate=baudrate,
            polarity=0,
            phase=0,
            firstbit=SPI.MSB,
            sck=srclk,
            mosi=ser,
        )

    # Shifts bytes out and shows them. The first byte goes farthest down the
    # chain; with fewer bytes than chips what was there moves on.
    def write(self, value):
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise ValueError('shift_register: write() takes bytes')
        self._chain.shift(value)
        self._send(value)

    # One output, from 0: QA of the chip at SER, to QH of the last. Takes
    # effect with show().
    def set(self, output, on=True):
        self._chain.set(output, on)

    def get(self, output):
        return self._chain.get(output)

    def show(self):
        self._send(self._chain.image)

    # All outputs low.
    def clear(self):
        self._chain.fill(False)
        if self.srclr is None:
            self.show()
        else:
            self.srclr.off()
            self.srclr.on()
            self._latch()

    # The outputs drive, or (False) are high-impedance.
    def enable(self, on=True):
        if self.oe is None:
            raise ValueError('shift_register: enable() needs the pin oe')
        self.oe.value(0 if on else 1)

    def _send(self, data):
        self.spi.write(data)
        self._latch()

    def _latch(self):
        self.rclk.on()
        self.rclk.off()
