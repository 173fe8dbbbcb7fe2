# SPDX-License-Identifier: MIT
# What is done once with an entity, and at times with all of them; loaded for
# it, and forgotten when an announcement is over.

import asyncio
import os

from _blox_hass import Text
from micropython import const
from mpy_blox.config import config
from mpy_blox.forget import forget
from mpy_blox.mqtt.hass.disco import MQTTDiscoverable, _Announcer, logger

_TOGETHER_MS = const(200)  # entities registered within it: one announcement
_QUIET = const(50)  # times that: then what is not registered is gone
_SPREAD_MS = const(3000)  # devices that hear of a new Home Assistant

# In one text: a name that stands for itself stays in memory for ever.
_UNSET = (
    'component_type app_disco_config dev_cls entity_category icon state_class'
)


def begin(entity, connection, device_index, prefix):
    if not hasattr(connection, 'on_connect'):
        raise TypeError(
            'hass: %s: %r is no connection; '
            'MQTTConnectionManager.get_connection() is one'
            % (entity, connection)
        )
    entity.mqtt_conn = connection
    if device_index is None:
        device_index = MQTTDiscoverable._next_index
        MQTTDiscoverable._next_index += 1
    entity.device_index = device_index
    for announcer in _Announcer._known:
        if announcer.mqtt_conn is connection and announcer._prefix == prefix:
            break
    else:
        announcer = _Announcer()
        announcer.mqtt_conn = connection
        announcer._prefix = prefix
        announcer._entities = []
        announcer._waiting = []
        announcer._payload = Text()
        connection.on_connect.append(announcer._soon)
        _Announcer._known.append(announcer)
    entity._announcer = announcer


# What an entity does not say itself: an option that is not set, or what is
# made when somebody asks for it.
def attribute(entity, name):
    if name == 'device_id':
        return entity.mqtt_conn.client_id
    if name == 'entity_id':
        device_id, index = entity.device_id, entity.device_index
        return '%s-%s' % (device_id, index) if index else device_id
    if name == 'discovery_prefix':
        return entity._announcer._prefix
    if name == 'topic_prefix':
        return topic(entity, '')[:-1]
    if name == 'publish_config':  # Home Assistant is told again, soon
        return lambda: _publish_config(entity._announcer)
    if name in _UNSET.split(' '):
        return None
    if name == 'has_state' or name == 'is_mutable':
        return False
    if name == 'include_top_level_device_cfg':
        return True
    raise AttributeError(
        "'%s' object has no attribute '%s'" % (type(entity).__name__, name)
    )


# The component, the last part of the topic of its states, whether it takes
# commands.
def about(entity):
    if entity._words:
        words = bytes(entity._words).split(b'\0')
        return str(words[0], 'utf-8'), str(words[2], 'utf-8'), b'c' in words[1]
    return (
        getattr(entity, 'component_type'),
        'state' if entity.has_state else '',
        entity.is_mutable,
    )


def topic(entity, last):
    return '%s/%s/%s/%s' % (
        entity.discovery_prefix,
        about(entity)[0],
        entity.entity_id,
        last,
    )


def state_topic(entity):
    entity.state_topic = topic(entity, about(entity)[1])
    return entity.state_topic


def refuse(entity, value):
    raise ValueError(
        'hass: %s: %r is nothing that a %s has'
        % (entity, value, about(entity)[0])
    )


async def register(entity):
    component, stated, commands = about(entity)
    if not component:
        raise ValueError(
            'hass: %s says no component_type' % type(entity).__name__
        )
    # Home Assistant is told to look for it: value_json.<var_name>.
    if entity.var_name and not _is_name(entity.var_name):
        logger.warning(
            "%s: Home Assistant cannot read var_name '%s'; "
            'write letters, digits and _',
            entity,
            entity.var_name,
        )
    if stated:
        state_topic(entity)  # this may be gone when there is a state
    announcer = entity._announcer
    if entity not in announcer._entities:
        announcer._entities.append(entity)
        announcer._soon(_TOGETHER_MS)
    if commands:
        await entity.subscribe(topic(entity, 'set'))


def _is_name(text):
    for byte in text.encode():  # a str of one character is kept for ever
        if not (48 <= byte <= 57 or 65 <= byte & 0xDF <= 90 or byte == 95):
            return False
    return not 48 <= text.encode()[0] <= 57


async def unregister(entity):
    if about(entity)[2]:
        await entity.unsubscribe(topic(entity, 'set'))
    announcer = entity._announcer
    for entities in (announcer._entities, announcer._waiting):
        if entity in entities:
            entities.remove(entity)
            announcer._soon(_TOGETHER_MS)


async def _publish_config(announcer):
    announcer._soon(_TOGETHER_MS)


# All that is due of an announcer, and states that wait. Raises MemoryError: it
# is due again.
async def announce(announcer):
    connection = announcer.mqtt_conn
    missing = ()
    try:
        while connection.is_connected and (missing or _has_work(announcer)):
            if _has_work(announcer):
                if announcer._due is not None:
                    await _wait(announcer)
                    missing = await _announce(announcer, False)
                await _say(announcer)
            elif await _is_quiet(announcer):
                missing = await _announce(announcer, True)
    except MemoryError:
        if announcer._due is None:
            announcer._due = 0
        raise
    except OSError as e:
        logger.debug('announcing: %s', e)  # the next connection begins again
    except Exception as e:
        logger.error('announcing failed', exc_info=e)
    finally:
        for name in ('documents', 'entity'):
            forget('mpy_blox.mqtt.hass.' + name)
    announcer._task = None


def _has_work(announcer):
    return announcer._due is not None or announcer._waiting


async def _wait(announcer):
    wait = announcer._due
    if not isinstance(wait, int):  # a new connection, perhaps the first
        wait = _TOGETHER_MS
    elif wait < 0:  # not all devices of a house answer in one moment
        wait = int.from_bytes(os.urandom(2), 'little') % _SPREAD_MS
    await asyncio.sleep_ms(wait)
    announcer._due = None


# A program may take a while to register its entities.
async def _is_quiet(announcer):
    for _ in range(_QUIET):
        await asyncio.sleep_ms(_TOGETHER_MS)
        if _has_work(announcer) or not announcer.mqtt_conn.is_connected:
            return False
    return True


# Returns entities of before that are missing, unless they are to be removed.
async def _announce(announcer, remove):
    from mpy_blox.mqtt.hass import documents

    connection, prefix = announcer.mqtt_conn, announcer._prefix
    entities = announcer._entities
    await _listen(connection, prefix + '/status', announcer)
    missing = await documents.announce(
        connection, prefix, entities, config, remove
    )
    announcer._waiting = list(entities)
    return missing


# To Home Assistant's own status. An announcer takes messages at once: without
# other consumers there need be no queues, nor the module that has them.
async def _listen(connection, topic, announcer):
    known = connection._subscriptions
    if announcer in known.get(topic, (0, ()))[1]:
        return
    try:
        client = connection.mqtt_client
        if client._on_message or topic in known:
            await connection.subscribe(topic, announcer)
        else:
            known[topic] = 0, (announcer,)
            client._on_message = announcer.handle_msg
            await client.subscribe(topic)
    except Exception as e:
        if not hasattr(e, 'reason_code'):
            raise
        logger.error('%s; Home Assistant is not told again when it restarts', e)


async def _say(announcer):
    waiting = announcer._waiting
    while waiting and announcer.mqtt_conn.is_connected:
        entity = waiting[0]
        try:
            sent = announcer._send(entity)
        except MemoryError:  # all of them are said again
            raise
        except Exception as e:  # the others' states are not to wait for it
            logger.error('%s: its state cannot be said', entity, exc_info=e)
            sent = True
        if not sent:
            await asyncio.sleep_ms(20)
        elif waiting and waiting[0] is entity:
            waiting.pop(0)
