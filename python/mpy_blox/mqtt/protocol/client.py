# SPDX-License-Identifier: MIT

from mpy_blox.mqtt import MQTT5Client  # noqa: F401
