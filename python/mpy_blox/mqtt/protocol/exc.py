# SPDX-License-Identifier: MIT

from micropython import const

# Why there is no connection: enum mqtt_link_cause (core/mqtt/link.h).
NO_NETWORK = const(0)
NO_NAME = const(1)
NO_ANSWER = const(2)
TLS = const(3)
REFUSED = const(4)
ENDED = const(5)
SILENT = const(6)
CLOSED = const(7)
BROKEN = const(8)


# What a broker refused; str() is one sentence.
class ErrorWithMQTTReason(Exception):
    def __init__(self, reason_code, sentence=None):
        super().__init__(sentence or 'mqtt: reason 0x%02x' % reason_code)
        self.reason_code = reason_code


class MQTTConnectionRefused(ErrorWithMQTTReason):
    cause = REFUSED


# No connection, or one that was lost; str() is one sentence.
class MQTTConnectionError(OSError):
    def __init__(self, cause, sentence, reason_code=0):
        super().__init__(sentence)
        self.cause = cause
        self.reason_code = reason_code
