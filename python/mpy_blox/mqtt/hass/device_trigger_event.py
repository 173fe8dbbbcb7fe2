# SPDX-License-Identifier: MIT
from _blox_hass_kinds import words
from mpy_blox.mqtt.hass.disco import MQTTDiscoverable, logger
from mpy_blox.mqtt.hass.happened import happened


# type and subtype: what Home Assistant offers in its automations,
# 'button_short_press' of 'button_1'.
class MQTTDeviceTriggerEvent(MQTTDiscoverable):
    _words = words(3)  # enum blox_hass_kind

    def __init__(
        self,
        name,
        type,
        subtype,
        mqtt_connection,
        device_index=None,
        discovery_prefix='homeassistant',
    ):
        super().__init__(name, mqtt_connection, device_index, discovery_prefix)
        self.type = type
        self.subtype = subtype

    @property
    def payload_ident(self):
        return '%s/%s' % (self.type, self.subtype)

    async def fire(self):
        logger.info('%s: %s', self, self.payload_ident)
        await happened(self, self.payload_ident)
