# SPDX-License-Identifier: MIT
# What all entities have in common, and what stays in memory for them. What is
# done once with an entity, or at times (entity.py), and what Home Assistant is
# told (documents.py), is loaded for it and forgotten.

import asyncio
import json
import logging

from mpy_blox.mqtt import MQTTConsumer

logger = logging.getLogger('mqtt_hass')


# Returned where something was done at once, but may be awaited, or be made a
# task of: a coroutine that is over already, and costs no memory.
async def _done():
    pass


_done = _done()
tuple(_done)


# Runs a function of entity.py, which the next announcement forgets.
def _seldom(name, *arguments):
    try:
        from mpy_blox.mqtt.hass import entity
    except MemoryError:  # MicroPython may keep nothing by that name
        import sys

        sys.modules.pop('mpy_blox.mqtt.hass.entity', None)
        raise
    return getattr(entity, name)(*arguments)


# Tells Home Assistant which entities there are, and their states: at first, at
# each new connection, and whenever Home Assistant itself comes back. There is
# one of a connection and a discovery prefix; entity.py makes it, with
# mqtt_conn, _prefix, _entities, _payload (a Text of _blox_hass) and _waiting,
# the entities whose state could not be sent.
class _Announcer:
    _known = []
    _due = None  # what _soon() was called with, None: nothing is due
    _task = None

    # All is announced in so many ms, -1: some time soon; or when there is a
    # connection, which calls this with itself. None: states that wait.
    def _soon(self, due):
        if self._due is None:
            self._due = due
        if not self._task and self.mqtt_conn.is_connected:
            self._task = asyncio.create_task(self._run())

    async def _run(self):
        while self._task:
            try:
                await _seldom('announce', self)
            except MemoryError as e:
                logger.error(
                    'announcing %d entities: %s; trying again in 30 s',
                    len(self._entities),
                    e,
                )
                await asyncio.sleep(30)

    # `online` on <prefix>/status: Home Assistant has started.
    def handle_msg(self, msg):
        if msg.raw_payload == b'online':
            self._soon(-1)

    # Sends the state without waiting. Returns whether nothing is left to do.
    # Allocates nothing once the entity has published before.
    def _send(self, entity):
        payload = entity.app_state
        if payload is None:
            value = entity.value
            if value is None:
                value = entity.var_value
                if value is None and 'var_value' not in entity.__dict__:
                    return True  # nothing has been measured yet
            payload = self._payload(
                entity._words, entity.var_name, value, entity.brightness
            )
            if payload is None:
                _seldom('refuse', entity, value)
        elif not isinstance(payload, (str, bytes)):
            payload = json.dumps(payload)
        return self.mqtt_conn.publish_now(
            entity.state_topic or _seldom('state_topic', entity), payload, True
        )


# Options of any entity: dev_cls (device_class), entity_category, icon; set them
# before register(). A subclass that is no kind of _blox_hass says
# component_type ('cover'), include_top_level_device_cfg = False if it has
# neither a name nor a unique_id, and app_disco_config, a dict of what Home
# Assistant's documentation lists for the component, instead of the options.
class MQTTDiscoverable(MQTTConsumer):
    _words = None  # of its kind; None: a subclass that describes itself
    # What a subclass publishes when it says its state itself: a dict or list
    # for JSON, or text. None: not known yet.
    app_state = None
    # The state of a kind that _blox_hass knows: None (not known yet), a bool,
    # a number or text; of a sensor, what it is and what it is called. The duty
    # of a dimmed light.
    value = None
    var_value = var_name = None
    brightness = None
    state_topic = None  # known once it is registered
    _next_index = 0

    def __init__(
        self,
        name,
        mqtt_connection,
        device_index=None,
        discovery_prefix='homeassistant',
    ):
        self.name = name
        _seldom('begin', self, mqtt_connection, device_index, discovery_prefix)

    def __str__(self):
        return self.name

    # What is seldom asked for: entity_id, topic_prefix, options that are not
    # set, publish_config().
    def __getattr__(self, name):
        return _seldom('attribute', self, name)

    # From now on Home Assistant knows the entity, and it gets its commands.
    def register(self):
        return _seldom('register', self)

    # No longer: Home Assistant removes it.
    def unregister(self):
        return _seldom('unregister', self)


class MQTTDiscoverableState(MQTTDiscoverable):
    has_state = True

    # Says the state as it is now, at once if there is a connection, else when
    # there is one again. It need not be awaited.
    def publish_state(self):
        announcer = self._announcer
        if self not in announcer._waiting and not announcer._send(self):
            announcer._waiting.append(self)
            announcer._soon(None)
        return _done


class MQTTMutableDiscoverable(MQTTDiscoverableState):
    is_mutable = True
