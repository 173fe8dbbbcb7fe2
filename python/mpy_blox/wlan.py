# SPDX-License-Identifier: MIT
# Looks at the Wi-Fi and at the clock for as long as the device runs. What is
# said and done then is mpy_blox.network's and mpy_blox.sync's, which are not in
# memory meanwhile.

import asyncio

from mpy_blox.forget import borrow

clock = None  # of sync.begin(), once it is to be kept


# To be run as a task. lost: that the Wi-Fi is gone has been said.
async def watch(wlan, ssid, lost):
    link = None
    while True:
        await asyncio.sleep_ms(2000)
        joined = wlan.isconnected()
        if clock:
            clock[0] -= 2
        try:
            if lost or not joined:
                link = borrow('network').changed(
                    link, wlan, ssid, joined, lost
                )
            lost = not joined
            if clock and clock[0] <= 0:
                borrow('sync').again(clock)
        except MemoryError:
            pass  # tried again
