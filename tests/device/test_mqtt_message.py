# SPDX-License-Identifier: MIT
# A message's payload: JSON when it can be, else raw bytes.
from mpy_blox.mqtt.protocol.message import MQTTMessage

message = MQTTMessage('a/b', {'n': 1}, qos=1, retain=True)
assert message.topic == 'a/b' and message.qos == 1 and message.retain
assert message.raw_payload == b'{"n": 1}', message.raw_payload
assert message.payload == {'n': 1}

for payload, raw in (
    ('text', b'text'),
    (b'\x00\xff', b'\x00\xff'),
    (12.5, b'12.5'),
    (True, b'true'),
    ([1, 'a', None], b'[1, "a", null]'),
):
    assert MQTTMessage('t', payload).raw_payload == raw, payload

message = MQTTMessage('t')
message.payload = 'later'
assert message.raw_payload == b'later'
assert message.payload == b'later', 'not JSON: raw bytes'
message.payload = b'[1]'
assert message.payload == [1]
assert message.qos == 0 and not message.retain
assert message.packet_identifier is None
print('OK')
