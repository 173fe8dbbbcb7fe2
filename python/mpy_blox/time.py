# SPDX-License-Identifier: MIT
# The time of day: ISO 8601 stamps, and NTP that never blocks for ever.

from logging import getLogger

from machine import RTC
from micropython import const

logger = getLogger('time')
rtc = RTC()

RETRY = 30  # seconds to the next try after one that failed
_INTERVAL = const(3600)  # seconds between syncs, unless ntp.interval says otherwise


def isotime():
    year, month, day, _, hour, minute, second, us = rtc.datetime()
    return '%04d-%02d-%02dT%02d:%02d:%02d.%03dZ' % (
        year, month, day, hour, minute, second, us // 1000
    )  # fmt: skip


# Asks the server once: at most a second, plus the name look-up.
# Returns True when the clock was set.
def sync_ntp(config):
    import ntptime

    ntptime.host = config.get('ntp.host', 'pool.ntp.org')
    try:
        ntptime.settime()
    except (OSError, IndexError) as e:
        logger.warning(
            "no time from '%s' (%s); tried again later, check ntp.host "
            "in settings.json",
            ntptime.host,
            e,
        )
        return False
    logger.info("set from '%s'", ntptime.host)
    return True


# Keeps the clock set for as long as it runs.
async def scheduled_sync_task(config, synced=True):
    import asyncio

    delay = 0
    while True:
        pause, delay = next_sync(config, synced, delay)
        await asyncio.sleep(pause)
        synced = sync_ntp(config)


# For mpy_blox.wlan, which keeps the clock in few bytes: sets it. Returns
# [seconds to the next sync, delay for the next call, config].
def begin(config):
    clock = [0, 0, config]
    sync_again(clock)
    return clock


def sync_again(clock):
    _, delay, config = clock
    clock[0], clock[1] = next_sync(config, sync_ntp(config), delay)


# (seconds to the next sync, delay for the next call): longer after each one
# that failed.
def next_sync(config, synced, delay):
    interval = config.get('ntp.interval') or _INTERVAL
    if synced:
        return interval, 0
    delay = max(RETRY, delay * 2)
    return min(delay, interval), delay
