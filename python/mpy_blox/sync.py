# SPDX-License-Identifier: MIT
# Sets the clock by NTP, which never blocks for ever. Loaded for it, and
# forgotten.

from logging import getLogger

from micropython import const

logger = getLogger('time')

RETRY = 30  # seconds to the next try after one that failed
_INTERVAL = const(3600)  # seconds between syncs, unless ntp.interval says otherwise


# Asks the server once: at most a second, plus the name look-up.
# Returns True when the clock was set.
def ask(config):
    import ntptime

    ntptime.host = config.get('ntp.host', 'pool.ntp.org')
    try:
        ntptime.settime()
    except (OSError, ValueError, IndexError) as e:
        logger.warning(
            "no time from '%s' (%s); tried again later, check ntp.host "
            "in settings.json",
            ntptime.host,
            e,
        )
        return False
    logger.info("set from '%s'", ntptime.host)
    return True


# For mpy_blox.wlan, which keeps the clock in few bytes: sets it. Returns
# [seconds to the next sync, delay for the next call, config].
def begin(config):
    clock = [0, 0, config]
    again(clock)
    return clock


def again(clock):
    _, delay, config = clock
    clock[0], clock[1] = next_sync(config, ask(config), delay)


# (seconds to the next sync, delay for the next call): longer after each one
# that failed.
def next_sync(config, synced, delay):
    interval = config.get('ntp.interval') or _INTERVAL
    if synced:
        return interval, 0
    delay = max(RETRY, delay * 2)
    return min(delay, interval), delay
