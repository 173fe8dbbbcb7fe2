# SPDX-License-Identifier: MIT
from _blox_hass_kinds import words
from mpy_blox.mqtt.hass.disco import MQTTDiscoverableState


class MQTTBinarySensor(MQTTDiscoverableState):
    _words = words(1)  # enum blox_hass_kind

    def __init__(
        self,
        name,
        var_name,
        mqtt_connection,
        device_class=None,
        discovery_prefix='homeassistant',
    ):
        super().__init__(
            name, mqtt_connection, discovery_prefix=discovery_prefix
        )
        self.var_name = var_name
        self.dev_cls = device_class

    # Takes a new value (on: True) and says it.
    def set_variable(self, var_value):
        self.var_value = 'ON' if var_value is True else 'OFF'
        self.publish_state()

    @property
    def value(self):
        return self.var_value and self.var_value == 'ON'
