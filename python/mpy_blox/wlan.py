# SPDX-License-Identifier: MIT
# Looks at the Wi-Fi for as long as the device runs. What is said of it is
# mpy_blox.network's, which is not in memory while all is well.

import asyncio

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
