# SPDX-License-Identifier: MIT
# Loggers for a firmware that cannot load the native ones: just enough to say
# so. The same calls; every record is a line on standard error.

import sys


class Logger:
    def __init__(self, name, root=None):
        self.name = name
        self.level = 0
        self.handlers = []
        self.root = root or self

    def setLevel(self, level):
        self.level = level

    def isEnabledFor(self, level):
        return level >= (self.level or self.root.level)

    def addHandler(self, handler):
        self.handlers.append(handler)

    def getLogger(self, name=None):
        return Logger(name, self) if name else self

    def log(self, level, msg, *args, exc_info=None):
        if not self.isEnabledFor(level):
            return
        try:
            sys.stderr.write('%s: %s\n' % (self.name, msg % args if args else msg))
            if isinstance(exc_info, BaseException):
                sys.print_exception(exc_info, sys.stderr)
        except Exception as e:
            sys.print_exception(e, sys.stderr)

    def debug(self, msg, *args, exc_info=None):
        self.log(10, msg, *args, exc_info=exc_info)

    def info(self, msg, *args, exc_info=None):
        self.log(20, msg, *args, exc_info=exc_info)

    def warning(self, msg, *args, exc_info=None):
        self.log(30, msg, *args, exc_info=exc_info)

    def error(self, msg, *args, exc_info=None):
        self.log(40, msg, *args, exc_info=exc_info)

    def critical(self, msg, *args, exc_info=None):
        self.log(50, msg, *args, exc_info=exc_info)

    def exc(self, e, msg, *args):
        self.log(40, msg, *args, exc_info=e)

    warn = warning
    exception = error


def start():
    root = Logger('root')
    root.level = 30
    return root


_LEVELS = {
    'NOTSET': 0,
    'DEBUG': 10,
    'INFO': 20,
    'WARNING': 30,
    'ERROR': 40,
    'CRITICAL': 50,
}


def get_attr(name):
    if name in _LEVELS:
        return _LEVELS[name]
    return getattr(__import__('logging.handler', None, None, True), name)
