# SPDX-License-Identifier: MIT
from _blox_hass_command import command, words
from mpy_blox.mqtt.hass.command import refuse, tell
from mpy_blox.mqtt.hass.sensor import MQTTSensor


class MQTTNumber(MQTTSensor):
    kind = 6  # enum blox_hass_kind
    _words = words(kind)
    is_mutable = True

    # range_limit: a range, or (min, max), both included. set_cb(value) is
    # called with each new value.
    def __init__(
        self,
        name,
        unit,
        var_name,
        set_cb,
        mqtt_connection,
        range_limit=None,
        device_class=None,
        entity_category='config',
        display_mode='box',
        step=0.001,
        discovery_prefix='homeassistant',
    ):
        super().__init__(
            name,
            unit,
            var_name,
            mqtt_connection,
            device_class,
            discovery_prefix,
        )
        self.set_cb = set_cb
        self.range_limit = range_limit
        self.entity_category = entity_category
        self.display_mode = display_mode
        self.step = step

    @property
    def min(self):
        limit = self.range_limit
        return limit[0] if limit else None

    @property
    def max(self):
        limit = self.range_limit
        return limit[-1] if limit else None

    async def handle_msg(self, msg):
        try:
            command(self, msg.raw_payload)
        except ValueError as e:
            return refuse(e)
        before = self.var_value
        self.set_variable(float(str(msg.raw_payload, 'utf-8')))
        await tell(self, 'var_value', before)
