# SPDX-License-Identifier: MIT
# The protocol helpers (MQTT 5, chapter 1.5) and the constants' values.
from mpy_blox.mqtt import protocol
from mpy_blox.mqtt.protocol import const
from mpy_blox.mqtt.protocol.exc import (
    ErrorWithMQTTReason,
    MQTTConnectionRefused,
)

VBI = (
    (0, b'\x00'),
    (127, b'\x7f'),
    (128, b'\x80\x01'),
    (16383, b'\xff\x7f'),
    (16384, b'\x80\x80\x01'),
    (268435455, b'\xff\xff\xff\x7f'),
)
for value, encoded in VBI:
    assert protocol.calc_VBI_size(value) == len(encoded), value
    buffer = bytearray(4)
    protocol.encode_VBI(value, buffer)
    assert bytes(buffer[: len(encoded)]) == encoded, (value, buffer)

assert const.CONNECT == 1 and const.PUBLISH == 3 and const.AUTH == 15
assert ErrorWithMQTTReason(0x87).reason_code == 0x87
assert issubclass(MQTTConnectionRefused, ErrorWithMQTTReason)
assert MQTTConnectionRefused(0x86).reason_code == 0x86
print('OK')
