# SPDX-License-Identifier: MIT
from mpy_blox.mqtt.hass.on_off_toggle import MQTTOnOffTogglable


class MQTTSwitch(MQTTOnOffTogglable):
    pass
