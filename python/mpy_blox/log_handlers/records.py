# SPDX-License-Identifier: MIT
# The last log records, in one ring of bytes that syslog, terminals, the MQTT
# topic and the replay buffer read, each at its own pace (core/log/ring.h).

import asyncio
from logging import Handler, root

from _blox_log import Reader, Ring
from micropython import const

PLAIN = const(0)  # enum form of bind/log/log.c
COLOURED = const(1)
RFC3164 = const(2)
RFC5424 = const(3)
_SIZE = const(4096)  # bytes; half of it is the longest record


class RecordHandler(Handler):
    def __init__(self, size=_SIZE, max_records=0):
        super().__init__()
        self.ring = Ring(size, max_records)
        self.wakes = []  # called when there is a new record
        self.keep = None  # called with what the ring is given

    # Allocates nothing, unless it is to be kept.
    def emit(self, record):
        self.ring.put(record)
        if self.keep:
            self.keep(record)
        for wake in self.wakes:
            wake()

    # Reads records of that level and above, those in the ring included.
    def reader(self, form, level=0, hostname=''):
        return Reader(self.ring, form, level, hostname)


_handler = None


# The device's one, as large as the first who asks wants it.
def records(size=_SIZE, max_records=0):
    global _handler
    if _handler is None:
        _handler = RecordHandler(size, max_records)
        root.addHandler(_handler)
    return _handler


# Calls take(line) for each line of the reader, the first and the coming ones.
# take returns False where it cannot take it now: it is called again a little
# later with the same line.
async def follow(handler, reader, take):
    flag = asyncio.ThreadSafeFlag()
    handler.wakes.append(flag.set)
    try:
        while True:
            line = reader.next()
            if line is None:
                await flag.wait()
                continue
            while take(line) is False:
                await asyncio.sleep_ms(250)
            await asyncio.sleep_ms(0)
    finally:
        handler.wakes.remove(flag.set)


# The number of a level that settings.json gives, by name or number.
def level_of(text, default):
    import logging

    try:
        return int(text)
    except (TypeError, ValueError):
        return getattr(logging, str(text).upper(), default)
