# SPDX-License-Identifier: MIT
from _blox_hass_command import command, words
from mpy_blox.mqtt.hass.command import refuse, tell
from mpy_blox.mqtt.hass.disco import MQTTMutableDiscoverable


class MQTTText(MQTTMutableDiscoverable):
    kind = 11  # enum blox_hass_kind
    _words = words(kind)
    display_mode = None  # 'password'

    # set_cb(text) is called with each new text.
    def __init__(
        self, name, set_cb, mqtt_connection, discovery_prefix='homeassistant'
    ):
        super().__init__(
            name, mqtt_connection, discovery_prefix=discovery_prefix
        )
        self.set_cb = set_cb
        self.state = ''

    @property
    def value(self):
        return self.state

    async def handle_msg(self, msg):
        try:
            command(self, msg.raw_payload)
        except ValueError as e:
            return refuse(e)
        before, self.state = self.state, str(msg.raw_payload, 'utf-8')
        await tell(self, 'state', before)
