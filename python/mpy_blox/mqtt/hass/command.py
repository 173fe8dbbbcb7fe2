# SPDX-License-Identifier: MIT
# What entities that take commands have in common.

from mpy_blox.mqtt.hass.disco import logger


# A command that is not one: said, and nothing changes.
def refuse(error):
    logger.warning('%s', error)


# Calls what a user gave, a function or a coroutine function.
async def call(callback, *arguments):
    result = callback(*arguments)
    if hasattr(result, 'send'):
        await result
