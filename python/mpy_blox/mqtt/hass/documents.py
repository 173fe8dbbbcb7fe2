# SPDX-License-Identifier: MIT
# One announcement; loaded for it, and forgotten. It follows the setting
# hass.device_discovery: true, one document for all entities (Home Assistant
# 2024.11 and later), or false, one for each, as older ones need it.
#
# What was announced is remembered in a file, so that what is gone is removed
# from Home Assistant, and so that entities keep their history when the form
# changes. A device without that file may have run the original, which
# announced each entity for itself.

import json

from _blox_hass import Text
from _blox_mqtt import MQTTMessage
from micropython import const
from mpy_blox.forget import borrow
from mpy_blox.mqtt.hass.disco import logger
from mpy_blox.mqtt.hass.entity import about, topic

_ANNOUNCED = const('/.hass')
_MIGRATE = const(b'{"migrate_discovery":true}')


# Entities of before are taken back only with remove: maybe they are just not
# registered yet. Returns those that are left.
async def announce(connection, prefix, entities, settings, remove):
    grouped = settings.get('hass.device_discovery', True)
    form = 'device' if grouped else 'entity'
    platform = borrow('platform')
    version = platform.installed().get('mpy-blox', 'unknown')
    device = platform.describe(connection, settings, version)
    now = [(entity.entity_id, about(entity)[0]) for entity in entities]
    entities = [entity for entity in entities if _can_be_told(entity)]
    before, gone = _compare(prefix, now)
    missing = ()
    if not remove:
        missing, gone = gone, ()
    if not (now or gone):
        return missing
    # Also when the power is cut before Home Assistant was told of all, the
    # next announcement knows what may be there: entities, and either form.
    either = form if before == form else 'none'
    _remember(prefix, either, now + list(gone) + list(missing))
    tell = _tell_device if grouped else _tell_each
    device_topic = '%s/device/%s/config' % (prefix, device[0])
    await tell(connection, device, device_topic, entities, gone, before)
    for entity_id, component in gone:
        single = '%s/%s/%s/config' % (prefix, component, entity_id)
        await _retain(connection, single, b'')
    error = _remember(prefix, either if missing else form, now + list(missing))
    if error:
        logger.warning(
            '%s cannot be written: %s; an entity that a later program lacks '
            'may stay in Home Assistant',
            _ANNOUNCED,
            error,
        )
    return missing


# One document for all. Those of each alone say first that it comes, and then
# are gone, unless this form is the one of before.
async def _tell_device(connection, device, at, entities, gone, before):
    singles = ()
    if before != 'device':
        singles = [topic(entity, 'config') for entity in entities]
    for single in singles:
        await _retain(connection, single, _MIGRATE)
    config = _document(device, entities, gone)
    await _retain(connection, at, config)
    del config
    for single in singles:
        await _retain(connection, single, b'')


# The same the other way round.
async def _tell_each(connection, device, at, entities, gone, before):
    migrate = before not in ('entity', None)
    if migrate:
        await _retain(connection, at, _MIGRATE)
    for entity in entities:
        config = bytes(Text()(device, _items(entity), True))
        await _retain(connection, topic(entity, 'config'), config)
    if migrate:
        await _retain(connection, at, b'')


# What core/hass/entity.h says of an entity, in its order: what any entity has,
# what the words of its kind ask for (core/hass/kind.h: '$' and a letter, '#' and
# a letter for JSON, '^'), and what a subclass says.
_SPANS = (
    'discovery_prefix entity_id component_type name dev_cls entity_category'
    ' icon var_name unit state_class min max step display_mode options type'
    ' subtype app_disco_config'
)
_COMPONENT = const(2)
_ANY = const(7)
_SAID = const(17)
_OTHER = b'\0\0state\0\0\0'  # words of a subclass that describes itself


def _items(entity):
    words = bytes(entity._words or _OTHER)
    items = []
    for at, name in enumerate(_SPANS.split(' ')):
        item = None
        if at == _COMPONENT:
            item = about(entity)[0]
        # getattr() keeps a name for ever: none that is of no use.
        elif at < _ANY or at == _SAID or b'$%c' % (97 + at) in words:
            item = getattr(entity, name, None)
        elif b'#%c' % (97 + at) in words:
            item = getattr(entity, name, None)
            if item is not None:
                item = _json(name, item)
        if at == _SAID and item is not None:
            if not isinstance(item, dict):
                raise ValueError('%s is no dict' % name)
            item = _json(name, item)[1:-1]
        elif not isinstance(item, (str, bytes, type(None))):
            item = str(item)
        items.append(item)
    flags = 0
    if not entity._words:
        flags = (
            entity.has_state
            + 2 * entity.is_mutable
            + 4 * (not getattr(entity, 'include_top_level_device_cfg'))
        )
    items.append(words)
    items.append(getattr(entity, 'brightness_scale') if b'^' in words else 0)
    items.append(flags)
    return items


def _json(name, value):
    text = json.dumps(value)
    try:
        json.loads(text)  # dumps() writes any object
    except ValueError:
        raise ValueError('%s has something that is no JSON' % name)
    return text


# One that cannot must not keep the others back.
def _can_be_told(entity):
    try:
        _items(entity)
        return True
    except MemoryError:
        raise
    except Exception as e:
        logger.error('%s cannot be announced: %s', entity, e)
        return False


# Of all entities: memory is wanted in one piece for the document alone.
def _document(device, entities, gone):
    size = sum(len(piece) for piece in _pieces(device, entities, gone))
    config = bytearray(size)
    at = 0
    for piece in _pieces(device, entities, gone):
        config[at : at + len(piece)] = piece
        at += len(piece)
    return config


def _pieces(device, entities, gone):
    text = Text()
    yield text(device, None, False)
    comma = 1  # not before the first
    for items in _all(entities, gone):
        yield text(device, items, False)[comma:]
        comma = 0
    yield b'}}'


def _all(entities, gone):
    for entity in entities:
        yield _items(entity)
    for entity_id, component in gone:
        yield [None, entity_id, component] + [None] * 16 + [0, 0]


async def _retain(connection, topic, payload):
    await connection.publish(MQTTMessage(topic, payload, 1, True))


# Returns the form of the last announcement, None when there was none, and
# (unique_id, component) of entities that are gone since.
def _compare(prefix, now):
    try:
        with open(_ANNOUNCED) as file:
            before, _, known_prefix = file.readline().strip().partition(' ')
            pairs = [tuple(line.strip().split(' ')) for line in file]
    except OSError:
        return None, []
    if known_prefix != prefix:
        return None, []
    return before, [pair for pair in pairs if pair not in now]


# Written when it changes, that is after an update. Returns why it cannot be.
def _remember(prefix, form, now):
    lines = [form + ' ' + prefix]
    lines.extend('%s %s' % pair for pair in now)
    text = '\n'.join(lines)
    try:
        with open(_ANNOUNCED) as file:
            if file.read() == text:
                return None
    except OSError:
        pass
    try:
        borrow('util').rewrite_file(_ANNOUNCED, text)
    except OSError as e:
        return e
