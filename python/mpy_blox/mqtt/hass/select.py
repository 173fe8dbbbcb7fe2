# SPDX-License-Identifier: MIT
from _blox_hass_command import command, words
from mpy_blox.mqtt.hass.command import refuse, tell
from mpy_blox.mqtt.hass.disco import MQTTMutableDiscoverable


class MQTTSelect(MQTTMutableDiscoverable):
    kind = 7  # enum blox_hass_kind
    _words = words(kind)

    # options: a list of str. set_cb(option) is called when one is chosen.
    def __init__(
        self,
        name,
        options,
        set_cb,
        mqtt_connection,
        discovery_prefix='homeassistant',
    ):
        super().__init__(
            name, mqtt_connection, discovery_prefix=discovery_prefix
        )
        self.options = options
        self.set_cb = set_cb
        self.state = None

    @property
    def value(self):
        return self.state

    # What is chosen now.
    def select(self, option):
        if option not in self.options:
            raise ValueError(
                'hass: %s has no option %r' % (self.name, option)
            )
        self.state = option
        return self.publish_state()

    async def handle_msg(self, msg):
        try:
            command(self, msg.raw_payload)
        except ValueError as e:
            return refuse(e)
        before, self.state = self.state, str(msg.raw_payload, 'utf-8')
        await tell(self, 'state', before)
