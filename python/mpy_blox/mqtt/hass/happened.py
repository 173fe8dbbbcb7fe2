# SPDX-License-Identifier: MIT
from _blox_mqtt import MQTTMessage
from mpy_blox.mqtt.hass.disco import _seldom


# What happened just now, and is not repeated: sent at QoS 1. value: a str, or
# bytes with JSON.
async def happened(entity, value):
    if not isinstance(value, bytes):
        value = bytes(
            entity._announcer._payload(entity._words, None, value, None)
        )
    topic = entity.state_topic or _seldom('state_topic', entity)
    await entity.mqtt_conn.publish(MQTTMessage(topic, value, 1))
