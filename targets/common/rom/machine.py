# SPDX-License-Identifier: MIT
# What the library asks of `machine`, on an emulated target.
import time

import target

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

reset = target.reset


# The host says why it started this run: a byte it changes in the image.
def reset_cause():
    import run

    return getattr(run, 'RESET_CAUSE', HARD_RESET)


def unique_id():
    return b'\x02\xb1\x0c\x00\x00\x01'


# Bites as a reset does; the host sees to a run that hangs.
class WDT:
    def __init__(self, id=0, timeout=5000):
        self.timeout = timeout

    def feed(self):
        pass


class RTC:
    _ahead = 0  # seconds

    def datetime(self, new=None):
        if new:
            year, month, day, _, hour, minute, second, _ = new
            moment = time.mktime((year, month, day, hour, minute, second, 0, 0))
            RTC._ahead = moment - time.time()
        now = time.gmtime(time.time() + RTC._ahead)
        us = time.ticks_us() % 1000000
        return now[0], now[1], now[2], now[6], now[3], now[4], now[5], us
