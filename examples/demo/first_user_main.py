# SPDX-License-Identifier: MIT
# What the demo's board runs before the update.
import asyncio
import logging

log = logging.getLogger('user_main')


async def user_main():
    log.info('one: the first program, nothing but a heartbeat')
    while True:
        await asyncio.sleep(5)
        log.info('one: still here')
