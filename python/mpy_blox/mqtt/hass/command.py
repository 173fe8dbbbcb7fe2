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


# Tells set_cb of a command's value, which the entity has taken as attribute
# name, and says the state: what it was before if set_cb fails.
async def tell(entity, name, before):
    try:
        await call(entity.set_cb, getattr(entity, name))
    except Exception:
        setattr(entity, name, before)
        raise
    finally:
        entity.publish_state()
