# SPDX-License-Identifier: MIT
# Looks at the Wi-Fi and sets the clock for as long as the device runs. What is
# said and done then is mpy_blox.network's and mpy_blox.time's, which are not in
# memory meanwhile.

import asyncio
import sys

from mpy_blox.forget import forget


def watch(wlan, ssid, lost):
    asyncio.create_task(_watch(wlan, ssid, lost))


async def _watch(wlan, ssid, lost):
    link = None
    while True:
        await asyncio.sleep_ms(2000)
        joined = wlan.isconnected()
        if lost or not joined:
            from mpy_blox import network

            link = network.changed(link, wlan, ssid, joined, lost)
            del network
            forget('mpy_blox.network')
        lost = not joined


# Keeps the clock set for as long as it runs. Here, for mpy_blox.time would
# stay with it.
async def keep_time(config, synced):
    delay = 0
    while True:
        pause, delay = _time('next_sync', config, synced, delay)
        await asyncio.sleep(pause)
        synced = _time('sync_ntp', config)


# Calls a function of that module, which stays if a program uses it.
def _time(name, *arguments):
    stays = 'mpy_blox.time' in sys.modules
    from mpy_blox import time

    try:
        return getattr(time, name)(*arguments)
    finally:
        if not stays:
            forget('mpy_blox.time')
