# SPDX-License-Identifier: MIT
# MQTTMessage(topic=None, payload=None, qos=0, retain=False), with attributes
# topic, qos, retain, packet_identifier, raw_payload and payload.

from _blox_mqtt import MQTTMessage  # noqa: F401
