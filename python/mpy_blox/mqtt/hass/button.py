# SPDX-License-Identifier: MIT
from _blox_hass_command import command, words
from mpy_blox.mqtt.hass.command import call, refuse
from mpy_blox.mqtt.hass.disco import MQTTDiscoverable


class MQTTButton(MQTTDiscoverable):
    kind = 2  # enum blox_hass_kind
    _words = words(kind)
    is_mutable = True
    entity_category = 'config'

    # press_cb() is called when it is pressed.
    def __init__(
        self,
        name,
        press_cb,
        mqtt_connection,
        discovery_prefix='homeassistant',
    ):
        super().__init__(
            name, mqtt_connection, discovery_prefix=discovery_prefix
        )
        self.press_cb = press_cb

    async def handle_msg(self, msg):
        try:
            command(self, msg.raw_payload)
        except ValueError as e:
            return refuse(e)
        await call(self.press_cb)
