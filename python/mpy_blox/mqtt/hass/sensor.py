# SPDX-License-Identifier: MIT
from _blox_hass import sensor
from mpy_blox.mqtt.hass.disco import MQTTDiscoverableState


class MQTTSensor(MQTTDiscoverableState):
    _words = sensor()

    def __init__(
        self,
        name,
        unit,
        var_name,
        mqtt_connection,
        device_class=None,
        discovery_prefix='homeassistant',
    ):
        super().__init__(
            name, mqtt_connection, discovery_prefix=discovery_prefix
        )
        self.unit = unit
        self.var_name = var_name
        self.dev_cls = device_class

    # Takes a new value; publish_state() says it. None: not known.
    def set_variable(self, var_value):
        self.var_value = var_value
