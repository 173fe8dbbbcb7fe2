# SPDX-License-Identifier: MIT
# What the update brings: a program that needs a library which comes with it.
import asyncio
import logging

import moodlight

log = logging.getLogger('user_main')


async def user_main():
    log.info('two: moodlight %s says %s', moodlight.VERSION, moodlight.mood(0))
    hour = 0
    while True:
        await asyncio.sleep(5)
        hour = (hour + 1) % 24
        log.info('two: %02d:00 is %s', hour, moodlight.mood(hour))
