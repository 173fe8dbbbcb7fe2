# SPDX-License-Identifier: MIT

from micropython import const

# _cause: why there is no connection, enum mqtt_link_cause (core/mqtt/link.h).
_REFUSED = const(4)


# What a broker refused; str() is one sentence.
class ErrorWithMQTTReason(Exception):
    def __init__(self, reason_code, sentence=None):
        super().__init__(sentence or 'mqtt: reason 0x%02x' % reason_code)
        self.reason_code = reason_code


class MQTTConnectionRefused(ErrorWithMQTTReason):
    _cause = _REFUSED


# No connection, or one that was lost; str() is one sentence.
class MQTTConnectionError(OSError):
    def __init__(self, cause, sentence, reason_code=0):
        super().__init__(sentence)
        self._cause = cause
        self.reason_code = reason_code
