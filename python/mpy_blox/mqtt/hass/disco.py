# SPDX-License-Identifier: MIT
# What all entities have in common. What is said to Home Assistant is made in
# _blox_hass (core/hass/entity.h), from the attributes of these classes.

import logging

from _blox_hass import describe, topic
from mpy_blox.mqtt import MQTTConsumer
from mpy_blox.mqtt.hass.announce import announcer

logger = logging.getLogger('mqtt_hass')


# Returned where something was done at once, but may be awaited, or be made a
# task of: it is over already, and costs no memory.
class _Done:
    def send(self, value):
        raise StopIteration

    throw = close = send

    def __iter__(self):
        return _ended


_ended = iter(())
done = _Done()


# A command that is not one: said, and nothing changes.
def refuse(error):
    logger.warning('%s', error)


# Calls what a user gave, a function or a coroutine function.
async def call(callback, *arguments):
    result = callback(*arguments)
    if hasattr(result, 'send'):
        await result


class MQTTDiscoverable(MQTTConsumer):
    kind = 0  # enum blox_hass_kind; 0: a subclass that describes itself
    component_type = None  # 'cover'; needed for kind 0 alone
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
    brightness = 0  # of lights that can be dimmed
    # What a subclass publishes when it says its state itself: a dict or list
    # for JSON, or text. None: not known yet.
    app_state = None
    # The state of a kind that _blox_hass knows: None (not known yet), a bool,
    # a number or text.
    value = None
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
        self.discovery_prefix = discovery_prefix
        if device_index is None:
            device_index = MQTTDiscoverable._next_index
            MQTTDiscoverable._next_index += 1
        self.device_index = device_index
        # The unique_id: dashboards and histories hang on it.
        self.entity_id = self.device_id
        if device_index:
            self.entity_id = '%s-%s' % (self.device_id, device_index)
        self._announcer = announcer(mqtt_connection, discovery_prefix)

    def __str__(self):
        return self.name

    @property
    def device_id(self):
        return self.mqtt_conn.client_id

    @property
    def topic_prefix(self):
        return topic(self, '')[:-1]

    # From now on Home Assistant knows the entity, and it gets its commands.
    async def register(self):
        component, _, commands = describe(self)
        if not component:
            raise ValueError(
                'hass: %s says no component_type' % type(self).__name__
            )
        self._announcer.add(self)
        if commands:
            await self.listen()

    async def listen(self):
        await self.subscribe(topic(self, 'set'))

    # No longer: Home Assistant removes it.
    async def unregister(self):
        if describe(self)[2]:
            await self.unsubscribe(topic(self, 'set'))
        self._announcer.remove(self)

    # Home Assistant is told again, soon.
    async def publish_config(self):
        self._announcer.announce_soon()

    # What happened just now, and is not repeated: sent at QoS 1.
    async def _happened(self, value):
        await self._announcer.publish_event(self, value)


class MQTTDiscoverableState(MQTTDiscoverable):
    has_state = True

    # Says the state as it is now, at once if there is a connection, else when
    # there is one again. It need not be awaited.
    def publish_state(self):
        self._announcer.publish(self)
        return done


class MQTTMutableDiscoverable(MQTTDiscoverableState):
    is_mutable = True
