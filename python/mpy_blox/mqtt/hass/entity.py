# SPDX-License-Identifier: MIT
# What is done once with an entity, or seldom: loaded for it, and forgotten by
# the next announcement.

from json import dumps

from mpy_blox.mqtt.hass.disco import Announcer, MQTTDiscoverable

_TOGETHER_MS = 200  # entities registered within it: one announcement


# The component, the last part of the topic of its states, whether it takes
# commands.
def about(entity):
    if entity.words:
        words = str(entity.words, 'utf-8').split('\0')
        return words[0], words[2], 'c' in words[1]
    return (
        entity.component_type,
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


def entity_id(entity):
    if not entity.device_index:
        return entity.device_id
    return '%s-%s' % (entity.device_id, entity.device_index)


def begin(entity, device_index, prefix):
    if device_index is None:
        device_index = MQTTDiscoverable._next_index
        MQTTDiscoverable._next_index += 1
    entity.device_index = device_index
    connection = entity.mqtt_conn
    key = connection.name, prefix
    if key not in Announcer.known:
        Announcer.known[key] = Announcer(connection, prefix)
    entity._announcer = Announcer.known[key]


async def register(entity):
    component, _, commands = about(entity)
    if not component:
        raise ValueError(
            'hass: %s says no component_type' % type(entity).__name__
        )
    announcer = entity._announcer
    if entity not in announcer.entities:
        announcer.entities.append(entity)
        announcer.soon(_TOGETHER_MS)
    if commands:
        await entity.subscribe(topic(entity, 'set'))


async def unregister(entity):
    if about(entity)[2]:
        await entity.unsubscribe(topic(entity, 'set'))
    announcer = entity._announcer
    for entities in (announcer.entities, announcer.waiting):
        if entity in entities:
            entities.remove(entity)
            announcer.soon(_TOGETHER_MS)


async def publish_config(entity):
    entity._announcer.soon(_TOGETHER_MS)
