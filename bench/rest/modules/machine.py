# SPDX-License-Identifier: MIT
# Stands in for what the port has no hardware for.
import time

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5


def reset():
    raise SystemExit


def reset_cause():
    return PWRON_RESET


def unique_id():
    return b"\x84\x0d\x8e\xd2\x97\x60"


class RTC:
    def datetime(self, _=None):
        t = time.gmtime()
        return t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0


class WDT:
    def __init__(self, timeout=0):
        pass

    def feed(self):
        pass
