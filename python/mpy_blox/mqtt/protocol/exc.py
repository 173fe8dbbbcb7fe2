# SPDX-License-Identifier: MIT


# What a broker refused; str() is one sentence.
class ErrorWithMQTTReason(Exception):
    def __init__(self, reason_code, sentence=None):
        super().__init__(sentence or 'mqtt: reason 0x%02x' % reason_code)
        self.reason_code = reason_code


class MQTTConnectionRefused(ErrorWithMQTTReason):
    pass
