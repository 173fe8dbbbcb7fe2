# SPDX-License-Identifier: MIT
# The time of day: ISO 8601 stamps, and NTP that never blocks for ever.

from logging import getLogger

from machine import RTC

logger = getLogger('time')
rtc = RTC()

RETRY = 30  # seconds to the next try after one that failed
INTERVAL = 3600  # seconds between syncs, unless ntp.interval says otherwise


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

    interval = config.get('ntp.interval') or INTERVAL
    delay = RETRY
    while True:
        await asyncio.sleep(interval if synced else min(delay, interval))
        delay = RETRY if synced else delay * 2
        synced = sync_ntp(config)
