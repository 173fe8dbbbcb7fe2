# SPDX-License-Identifier: MIT
# What a program's own handlers are made of. A device's console is none at rest:
# its root logger writes to standard error itself.

import sys


# formatter: an object with format(record), None for 'INFO:name:message', or
# True for the lines of a terminal, with time and colours.
class Handler:
    level = 0
    formatter = None

    def __init__(self, level=0):
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


# Somebody looks at the root's handlers: its console is one from now on.
def handlers(handlers, formatter):
    console = StreamHandler()
    console.formatter = formatter
    handlers.insert(0, console)


def __getattr__(name):
    __import__('logging.more')
    return getattr(sys.modules['logging.more'], name)
