# SPDX-License-Identifier: MIT
# Messages at QoS 1 and 2 that wait without a connection, on flash as well
# (_blox_keep, core/mqtt/keep.h). Loaded when mqtt.queue_persistent is set.

import logging

from _blox_keep import Keep
from _blox_mqtt import MQTTMessage
from micropython import const

logger = logging.getLogger('mqtt')

_RETAIN = const(4)
_OVERHEAD = const(32)  # as in mqtt/__init__.py


class Keeper:
    def __init__(self, messages):
        self._keep = Keep(messages)
        self._numbers = {}  # id of a message: its number on flash
        self._said = False

    # Puts what an earlier boot left into the queue.
    def _restore(self, queue):
        try:
            left = self._keep.load()
        except OSError as e:
            return self._failed(e)
        for number, topic, payload, flags in left:
            msg = MQTTMessage(topic, payload, flags & 3, bool(flags & _RETAIN))
            self._numbers[id(msg)] = number
            size = len(topic) + len(payload) + _OVERHEAD
            queue.add(msg, msg.qos, size, True)
        if left:
            logger.info('%d messages of an earlier boot wait', len(left))

    # Properties are not kept.
    def add(self, msg):
        if msg.qos and id(msg) not in self._numbers:
            flags = msg.qos | (_RETAIN if msg.retain else 0)
            try:
                self._numbers[id(msg)] = self._keep.add(
                    msg.topic, msg.raw_payload, flags
                )
            except (OSError, ValueError, MemoryError) as e:
                self._failed(e)

    # item: the message, or a list that begins with it.
    def done(self, item):
        msg = item[0] if isinstance(item, list) else item
        number = self._numbers.pop(id(msg), None)
        if number is not None:
            try:
                self._keep.done(number)
            except (OSError, MemoryError) as e:
                self._failed(e)

    def _failed(self, e):
        if not self._said:
            self._said = True
            logger.error(
                'messages are not kept over a reset: %s (this is said once)', e
            )
