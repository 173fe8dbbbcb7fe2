# SPDX-License-Identifier: MIT
# A pin whose first rising edge is kept until somebody looks
# (docs/blocks/latched_input.md).

from asyncio import ThreadSafeFlag

from machine import Pin


class LatchedInput:
    def __init__(self, pin_nr):
        self.pin = Pin(pin_nr, Pin.IN)
        self.tsf = ThreadSafeFlag()
        self.reset()

    # Further edges do nothing until reset().
    def isr(self, pin):
        pin.irq(handler=None)
        self.tsf.set()

    # Waits for the next edge.
    def reset(self):
        self.pin.irq(handler=self.isr, trigger=Pin.IRQ_RISING)

    # await: the edge has come, or was there already.
    def wait(self):
        return self.tsf.wait()
