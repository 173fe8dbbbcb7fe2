# SPDX-License-Identifier: MIT
from mpy_blox.mqtt.hass.disco import MQTTDiscoverable, logger


# type and subtype: what Home Assistant offers in its automations,
# 'button_short_press' of 'button_1'.
class MQTTDeviceTriggerEvent(MQTTDiscoverable):
    kind = 3

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
        await self._happened(None)
