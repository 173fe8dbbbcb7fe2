# SPDX-License-Identifier: MIT

from mpy_blox.mqtt.client import MQTT5Client  # noqa: F401
