# SPDX-License-Identifier: MIT
# mpy_blox.serial.shift_register, with chips that this script models: bits
# enter at QA and move towards QH'.
import sys


class Chips:
    def __init__(self, count):
        self.shifted = [0] * (8 * count)  # from QA of the first chip on
        self.shown = list(self.shifted)

    def write(self, data):
        for byte in data:
            for bit in range(7, -1, -1):
                self.shifted = [byte >> bit & 1] + self.shifted[:-1]


class Pin:
    def __init__(self, rising=None, falling=None):
        self.level = 0
        self.rising = rising
        self.falling = falling

    def value(self, level):
        before, self.level = self.level, level
        if level and not before and self.rising:
            self.rising()
        if before and not level and self.falling:
            self.falling()

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)


class SPI:
    MSB = 0

    def __init__(self, number, **more):
        assert more['polarity'] == more['phase'] == 0
        self.write = chips.write


class FakeMachine:
    pass


fake = FakeMachine()
fake.SPI = SPI
sys.modules['machine'] = fake

from mpy_blox.serial.shift_register import SN74HC595


def latch():
    chips.shown = list(chips.shifted)


def forget():
    chips.shifted = [0] * len(chips.shifted)


for count in (1, 2, 3, 17):
    chips = Chips(count)
    oe, srclr = Pin(), Pin(falling=forget)
    register = SN74HC595(
        Pin(), Pin(), Pin(rising=latch), count, oe=oe, srclr=srclr
    )
    # One output at a time, whatever the chain's length.
    for output in range(8 * count):
        register.set(output)
        register.show()
        assert chips.shown == [n == output for n in range(8 * count)]
        assert register.get(output)
        register.set(output, False)
    # Bytes, as ever: the last one is the chip at SER.
    register.write(bytes(count - 1) + b'\x81')
    assert chips.shown[:8] == [1, 0, 0, 0, 0, 0, 0, 1]
    assert not any(chips.shown[8:])
    assert register.get(0) and register.get(7) and not register.get(1)
    # One byte more: all move on by a chip.
    register.write(b'\x02')
    assert chips.shown[:8] == [0, 1, 0, 0, 0, 0, 0, 0]
    assert sum(chips.shown) == (1 if count == 1 else 3)
    assert [register.get(n) for n in range(8 * count)] == chips.shown
    register.clear()
    assert not any(chips.shown)
    register.enable(False)
    assert oe.level == 1
    register.enable()
    assert oe.level == 0
    for wrong in (8 * count, -1):
        try:
            register.set(wrong)
            assert False
        except ValueError as e:
            assert 'no such output' in str(e)

# Without the extra pins.
chips = Chips(1)
register = SN74HC595(Pin(), Pin(), Pin(rising=latch))
register.write(b'\xff')
register.clear()
assert not any(chips.shown)
for call, word in (
    (register.enable, 'oe'),
    (lambda: register.write('x'), 'bytes'),
    (lambda: SN74HC595(Pin(), Pin(), Pin(), 0), 'chain_length'),
):
    try:
        call()
        assert False, word
    except ValueError as e:
        assert word in str(e)
print('OK')
