# SPDX-License-Identifier: MIT
from _blox_hass_kinds import words
from mpy_blox.mqtt.hass.disco import MQTTDiscoverableState
from mpy_blox.mqtt.hass.happened import happened


class MQTTEvent(MQTTDiscoverableState):
    _words = words(4)  # enum blox_hass_kind

    # options: the types of event there are, a list of str.
    def __init__(
        self,
        name,
        options,
        mqtt_connection,
        device_class=None,
        discovery_prefix='homeassistant',
    ):
        super().__init__(
            name, mqtt_connection, discovery_prefix=discovery_prefix
        )
        self.options = options
        self.dev_cls = device_class

    # It happened: event_type is one of options, attributes a dict.
    async def fire(self, event_type, attributes=None):
        if event_type not in self.options:
            raise ValueError(
                'hass: %s has no event %r' % (self.name, event_type)
            )
        if not attributes:
            return await happened(self, event_type)
        import json

        document = dict(attributes)
        document['event_type'] = event_type
        await happened(self, json.dumps(document).encode())
