# SPDX-License-Identifier: MIT
# Plain logging: the names and the behaviour of CPython's module, small. Loggers
# and records are native (bind/logger): their calls never raise, whatever the
# memory. What a device at rest has no use for is loaded from logging.more when
# asked for.

import sys
import time

try:
    from _blox_logger import start
except (ImportError, ValueError):  # none, or for another firmware
    from logging.plain import start

CRITICAL = 50
ERROR = 40
WARNING = 30
INFO = 20
DEBUG = 10
NOTSET = 0


# formatter: an object with format(record), None for 'INFO:name:message', or
# True for the lines of a terminal, with time and colours.
class Handler:
    level = NOTSET
    formatter = None

    def __init__(self, level=NOTSET):
        self.level = level

    def setLevel(self, level):
        self.level = level

    def setFormatter(self, formatter):
        self.formatter = formatter

    def format(self, record):
        return record.write(None, self.formatter)[:-1]


class StreamHandler(Handler):
    def __init__(self, stream=None):
        self.stream = stream or sys.stderr

    # Needs no memory where the stream needs none.
    def emit(self, record):
        record.write(self.stream, self.formatter)


# MicroPython counts from 2000 or from 1970.
root = start(
    StreamHandler,
    time.time_ns,
    time.ticks_ms,
    sys.print_exception,
    sys.stderr,
    946684800 if time.gmtime(0)[0] == 2000 else 0,
)
getLogger = root.getLogger


def __getattr__(name):
    __import__('logging.more')
    return getattr(sys.modules['logging.more'], name)
