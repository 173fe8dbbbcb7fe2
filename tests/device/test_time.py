# SPDX-License-Identifier: MIT
# Time stamps, and NTP that fails without a fuss.
import asyncio
import io
import logging
import sys

from mpy_blox import sync
from mpy_blox import time as blox_time

out = io.StringIO()
logging.basicConfig(level=logging.INFO, stream=out, force=True)

blox_time.rtc.datetime((2031, 2, 3, 0, 4, 5, 6, 0))
stamp = blox_time.isotime()
assert stamp[:17] == '2031-02-03T04:05:' and stamp[19] == '.', stamp
assert len(stamp) == 24 and stamp[-1] == 'Z', stamp
assert stamp[20:23].isdigit(), stamp


class FakeNTP:
    host = None
    asked = []
    answers = []

    @staticmethod
    def settime():
        FakeNTP.asked.append(FakeNTP.host)
        answer = FakeNTP.answers.pop(0)
        if answer:
            raise answer


sys.modules['ntptime'] = FakeNTP

FakeNTP.answers = [None, OSError(110), OSError(-2)]
assert blox_time.sync_ntp({})
assert not blox_time.sync_ntp({'ntp.host': 'clock.local'})
assert not blox_time.sync_ntp({'ntp.host': 'no such name'})
assert FakeNTP.asked == ['pool.ntp.org', 'clock.local', 'no such name']
assert "no time from 'clock.local'" in out.getvalue(), out.getvalue()


# After a failure it is asked again soon, then at the interval. Waits until it
# was asked so often, and a while longer.
async def tries(config, synced, often):
    FakeNTP.asked = []
    task = asyncio.create_task(blox_time.scheduled_sync_task(config, synced))
    while len(FakeNTP.asked) < often:
        await asyncio.sleep_ms(10)
    await asyncio.sleep_ms(200)
    task.cancel()
    return len(FakeNTP.asked)


sync.RETRY = 0.05
FakeNTP.answers = [OSError(110), OSError(110)] + [None] * 9
assert asyncio.run(tries({'ntp.interval': 1000}, False, 3)) == 3
FakeNTP.answers = [None] * 99
assert asyncio.run(tries({'ntp.interval': 0.1}, True, 3)) >= 3
assert asyncio.run(tries({}, True, 0)) == 0


# An app-managed device asks as its Wi-Fi is looked at, every 2 s; for want of
# memory the next time.
from mpy_blox import wlan


class Wifi:
    @staticmethod
    def isconnected():
        return True


class Fast:
    looks = 0

    @staticmethod
    def sleep_ms(ms):
        assert ms == 2000
        Fast.looks += 1
        return asyncio.sleep_ms(0)


async def looks(count, config):
    FakeNTP.asked = []
    Fast.looks = 0
    wlan.clock = sync.begin(config)
    task = asyncio.create_task(wlan.watch(Wifi, 'home', False))
    while Fast.looks <= count:
        await asyncio.sleep_ms(0)
    task.cancel()
    return len(FakeNTP.asked)


wlan.asyncio = Fast
FakeNTP.answers = [None] * 99
assert asyncio.run(looks(50, {'ntp.interval': 20})) == 1 + 5
sync.RETRY = 10
FakeNTP.answers = [OSError(110), OSError(110), OSError(110), None]
assert asyncio.run(looks(50, {})) == 4
FakeNTP.answers = [None, MemoryError(), MemoryError(), None]
assert asyncio.run(looks(12, {'ntp.interval': 20})) == 4
del sys.modules['ntptime']
print('OK')
