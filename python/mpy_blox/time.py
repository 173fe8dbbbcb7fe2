# SPDX-License-Identifier: MIT
# The time of day: ISO 8601 stamps, and NTP.

from machine import RTC
from mpy_blox.sync import ask as sync_ntp
from mpy_blox.sync import next_sync

rtc = RTC()


def isotime():
    year, month, day, _, hour, minute, second, us = rtc.datetime()
    return '%04d-%02d-%02dT%02d:%02d:%02d.%03dZ' % (
        year, month, day, hour, minute, second, us // 1000
    )  # fmt: skip


# Keeps the clock set for as long as it runs.
async def scheduled_sync_task(config, synced=True):
    import asyncio

    delay = 0
    while True:
        pause, delay = next_sync(config, synced, delay)
        await asyncio.sleep(pause)
        synced = sync_ntp(config)
