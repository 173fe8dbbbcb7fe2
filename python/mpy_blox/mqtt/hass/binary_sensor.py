# SPDX-License-Identifier: MIT
from mpy_blox.mqtt.hass.disco import MQTTDiscoverableState


class MQTTBinarySensor(MQTTDiscoverableState):
    kind = 1

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
        self.var_value = None

    # Takes a new value (on: True) and says it.
    def set_variable(self, var_value):
        self.var_value = 'ON' if var_value is True else 'OFF'
        self.publish_state()

    @property
    def value(self):
        return None if self.var_value is None else self.var_value == 'ON'
