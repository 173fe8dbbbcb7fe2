# SPDX-License-Identifier: MIT
# Plain logging: the names and the behaviour of CPython's module, small.
# A record below its logger's level costs no allocation but its arguments.
# What a device at rest has no use for is loaded from logging.more when asked
# for.

import sys
import time

CRITICAL = 50
ERROR = 40
WARNING = 30
INFO = 20
DEBUG = 10
NOTSET = 0

_names = {}  # of the levels that addLevelName() added
_loggers = {}


def getLevelName(level):
    if level in _names:
        return _names[level]
    if level % 10 == 0 and 0 <= level <= 50:
        names = ('NOTSET', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL')
        return names[level // 10]
    return 'Level %s' % level


class LogRecord:
    def __init__(self, name, level, msg, args=(), exc_info=None):
        self.name = name
        self.levelno = level
        self.levelname = getLevelName(level)
        self.msg = msg
        self.args = args
        self.exc_info = exc_info
        self.created = time.time()

    def getMessage(self):
        msg = self.msg if isinstance(self.msg, str) else str(self.msg)
        if not self.args:
            return msg
        if len(self.args) == 1 and isinstance(self.args[0], dict):
            return msg % self.args[0]
        return msg % self.args


class Handler:
    def __init__(self, level=NOTSET):
        self.level = level
        self.formatter = None

    def setLevel(self, level):
        self.level = level

    def setFormatter(self, formatter):
        self.formatter = formatter

    def format(self, record):
        if not self.formatter:
            self.formatter = __getattr__('Formatter')()
        return self.formatter.format(record)

    def emit(self, record):
        raise NotImplementedError


class StreamHandler(Handler):
    def __init__(self, stream=None):
        super().__init__()
        self.stream = stream or sys.stderr

    def emit(self, record):
        self.stream.write(self.format(record) + '\n')


class Logger:
    def __init__(self, name, level=NOTSET):
        self.name = name
        self.level = level
        self.handlers = []

    def setLevel(self, level):
        self.level = level

    def isEnabledFor(self, level):
        return level >= (self.level or root.level)

    def addHandler(self, handler):
        if handler not in self.handlers:
            self.handlers.append(handler)

    def log(self, level, msg, *args, exc_info=None):
        self._log(level, msg, args, exc_info)

    # Never raises for want of memory, not even on a locked heap, as long as
    # there are no args: a record is lost then, not the program.
    def _log(self, level, msg, args, exc_info):
        if level < (self.level or root.level):
            return
        # True would need sys.exc_info(), which few firmwares have.
        if not isinstance(exc_info, BaseException):
            exc_info = exc_info[1] if isinstance(exc_info, tuple) else None
        try:
            if not root.handlers and not self.handlers:
                root.handlers.append(StreamHandler())
            record = LogRecord(self.name, level, msg, args, exc_info)
            _emit(self.handlers, record)
            if self is not root:
                _emit(root.handlers, record)
        except MemoryError:
            pass

    def debug(self, msg, *args, exc_info=None):
        self._log(DEBUG, msg, args, exc_info)

    def info(self, msg, *args, exc_info=None):
        self._log(INFO, msg, args, exc_info)

    def warning(self, msg, *args, exc_info=None):
        self._log(WARNING, msg, args, exc_info)

    def error(self, msg, *args, exc_info=None):
        self._log(ERROR, msg, args, exc_info)

    def critical(self, msg, *args, exc_info=None):
        self._log(CRITICAL, msg, args, exc_info)

    def exc(self, e, msg, *args):
        self._log(ERROR, msg, args, e)

    warn = warning
    exception = error


# A handler that fails must not take the program down with it.
def _emit(handlers, record):
    for handler in handlers:
        if record.levelno >= handler.level:
            try:
                handler.emit(record)
            except Exception as e:
                sys.print_exception(e, sys.stderr)


root = Logger('root', WARNING)


def getLogger(name=None):
    if not name or name == 'root':
        return root
    if name not in _loggers:
        _loggers[name] = Logger(name)
    return _loggers[name]


# MicroPython asks here for logging.more too, before it looks for a file.
def __getattr__(name):
    if name[0] == '_' or name == 'more':
        raise AttributeError(name)
    __import__('logging.more')
    return getattr(sys.modules['logging.more'], name)
