# SPDX-License-Identifier: MIT
from mpy_blox.mqtt.hass.disco import seldom
from mpy_blox.mqtt.protocol.message import MQTTMessage


# What happened just now, and is not repeated: sent at QoS 1. value: a str, or
# bytes with JSON.
async def happened(entity, value):
    if not isinstance(value, bytes):
        value = bytes(
            entity._announcer.payload(entity.words, None, value, None)
        )
    topic = entity.state_topic or seldom('state_topic', entity)
    await entity.mqtt_conn.publish(MQTTMessage(topic, value, 1))
