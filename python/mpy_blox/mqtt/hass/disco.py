# SPDX-License-Identifier: MIT
# What all entities have in common, and what stays in memory for them. What is
# done once with an entity (entity.py), and what Home Assistant is told at times
# (announcing.py), is loaded for it and forgotten.

import asyncio
import logging

from _blox_hass import State
from mpy_blox.mqtt import MQTTConsumer

logger = logging.getLogger('mqtt_hass')

# Returned where something was done at once, but may be awaited, or be made a
# task of: a generator that is over already, and costs no memory.
done = (_ for _ in ())
tuple(done)


# Runs a function of entity.py, which the next announcement forgets.
def seldom(name, *arguments):
    from mpy_blox.mqtt.hass import entity

    return getattr(entity, name)(*arguments)


# Tells Home Assistant which entities there are, and their states: at first, at
# each new connection, and whenever Home Assistant itself comes back. There is
# one of a connection and a discovery prefix.
class Announcer(MQTTConsumer):
    known = {}

    def __init__(self, connection, prefix):
        super().__init__(connection)
        self.prefix = prefix
        self.entities = []
        self.waiting = []  # entities whose state could not be sent
        self.due = None  # what soon() was called with, None: nothing is due
        self.task = None
        self.payload = State()
        connection.on_connect.append(self.soon)

    # All is announced in so many ms, -1: some time soon; or when there is a
    # connection, which calls this with itself. None: states that wait.
    def soon(self, due):
        if self.due is None:
            self.due = due
        if not self.task and self.mqtt_conn.is_connected:
            from mpy_blox.mqtt.hass import announcing

            self.task = asyncio.create_task(announcing.run(self))

    # `online` on <prefix>/status: Home Assistant has started.
    async def handle_msg(self, msg):
        if msg.raw_payload == b'online':
            self.soon(-1)

    # Sends the state without waiting. Returns whether nothing is left to do.
    # Allocates nothing once the entity has published before.
    def send(self, entity):
        payload = entity.app_state
        if payload is None:
            value = entity.value
            if value is None:
                value = entity.var_value
                if value is None:
                    return True  # nothing has been measured yet
            payload = self.payload(
                entity.words, entity.var_name, value, entity.brightness
            )
        elif not isinstance(payload, (str, bytes)):
            payload = seldom('dumps', payload)
        return self.mqtt_conn.publish_now(
            entity.state_topic or seldom('state_topic', entity), payload, True
        )


class MQTTDiscoverable(MQTTConsumer):
    words = None  # of its kind; None: a subclass that describes itself
    component_type = None  # 'cover'; needed without words alone
    include_top_level_device_cfg = True  # it has a name and a unique_id
    has_state = False
    is_mutable = False
    # A dict of what Home Assistant's documentation lists for the component:
    # a subclass says it instead of the options below.
    app_disco_config = None
    # Options of any entity; set them before register().
    dev_cls = None  # device_class
    entity_category = None
    icon = None
    # What a subclass publishes when it says its state itself: a dict or list
    # for JSON, or text. None: not known yet.
    app_state = None
    # The state of a kind that _blox_hass knows: None (not known yet), a bool,
    # a number or text; of a sensor, what it is and what it is called. The duty
    # of a dimmed light.
    value = None
    var_value = var_name = None
    brightness = None
    state_topic = None  # known once there was a state
    _next_index = 0

    def __init__(
        self,
        name,
        mqtt_connection,
        device_index=None,
        discovery_prefix='homeassistant',
    ):
        super().__init__(mqtt_connection)
        self.name = name
        seldom('begin', self, device_index, discovery_prefix)

    def __str__(self):
        return self.name

    @property
    def device_id(self):
        return self.mqtt_conn.client_id

    # The unique_id: dashboards and histories hang on it.
    @property
    def entity_id(self):
        return seldom('entity_id', self)

    @property
    def discovery_prefix(self):
        return self._announcer.prefix

    @property
    def topic_prefix(self):
        return seldom('topic', self, '')[:-1]

    # From now on Home Assistant knows the entity, and it gets its commands.
    def register(self):
        return seldom('register', self)

    # No longer: Home Assistant removes it.
    def unregister(self):
        return seldom('unregister', self)

    # Home Assistant is told again, soon.
    def publish_config(self):
        return seldom('publish_config', self)


class MQTTDiscoverableState(MQTTDiscoverable):
    has_state = True

    # Says the state as it is now, at once if there is a connection, else when
    # there is one again. It need not be awaited.
    def publish_state(self):
        announcer = self._announcer
        if self not in announcer.waiting and not announcer.send(self):
            announcer.waiting.append(self)
            announcer.soon(None)
        return done


class MQTTMutableDiscoverable(MQTTDiscoverableState):
    is_mutable = True
