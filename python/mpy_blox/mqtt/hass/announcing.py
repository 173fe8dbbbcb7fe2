# SPDX-License-Identifier: MIT
# Announcements and states that wait; loaded while there are some.

import asyncio
import os

from mpy_blox.config import config
from mpy_blox.forget import forget
from mpy_blox.mqtt.hass import documents
from mpy_blox.mqtt.hass.disco import logger

_AGAIN_MS = 30000  # without memory
_SPREAD_MS = 3000  # devices that hear of a new Home Assistant


async def run(announcer):
    connection = announcer.mqtt_conn
    try:
        while connection.is_connected and (
            announcer.due is not None or announcer.waiting
        ):
            try:
                if announcer.due is not None:
                    await _announce(announcer)
                await _say(announcer)
            except MemoryError as e:
                logger.error(
                    'announcing %d entities: %s; trying again in %d s',
                    len(announcer.entities),
                    e,
                    _AGAIN_MS // 1000,
                    exc_info=e,
                )
                announcer.due = _AGAIN_MS
    except OSError as e:
        logger.debug('announcing: %s', e)  # the next connection begins again
    except Exception as e:
        logger.error('announcing failed', exc_info=e)
    announcer.task = None
    for name in ('announcing', 'documents', 'device', 'entity'):
        forget('mpy_blox.mqtt.hass.' + name)
    forget('mpy_blox.versions')


async def _announce(announcer):
    wait = announcer.due
    if not isinstance(wait, int):
        wait = 0  # there is a new connection
    elif wait < 0:  # not all devices of a house answer in one moment
        wait = int.from_bytes(os.urandom(2), 'little') % _SPREAD_MS
    await asyncio.sleep_ms(wait)
    announcer.due = None
    connection, prefix = announcer.mqtt_conn, announcer.prefix
    status = prefix + '/status'
    if announcer not in connection.subscriptions.get(status, (0, ()))[1]:
        await announcer.subscribe(status)
    await documents.announce(connection, prefix, announcer.entities, config)
    announcer.waiting = list(announcer.entities)


async def _say(announcer):
    waiting = announcer.waiting
    while waiting and announcer.mqtt_conn.is_connected:
        entity = waiting[0]
        try:
            sent = announcer.send(entity)
        except MemoryError:  # all of them are said again
            raise
        except Exception as e:  # the others' states are not to wait for it
            logger.error('%s: its state cannot be said', entity, exc_info=e)
            sent = True
        if not sent:
            await asyncio.sleep_ms(20)
        elif waiting and waiting[0] is entity:
            waiting.pop(0)
