# SPDX-License-Identifier: MIT
# Plain logging: the names and the behaviour of CPython's module, small.
# A record below its logger's level costs no allocation but its arguments.

import sys
import time

CRITICAL = 50
ERROR = 40
WARNING = 30
INFO = 20
DEBUG = 10
NOTSET = 0

_names = {
    CRITICAL: 'CRITICAL',
    ERROR: 'ERROR',
    WARNING: 'WARNING',
    INFO: 'INFO',
    DEBUG: 'DEBUG',
    NOTSET: 'NOTSET',
}
_DEFAULT_FORMAT = '%(levelname)s:%(name)s:%(message)s'
_loggers = {}


def addLevelName(level, name):
    _names[level] = name


def getLevelName(level):
    return _names.get(level) or 'Level %s' % level


class LogRecord:
    def __init__(self, name, level, msg, args=(), exc_info=None):
        self.name = name
        self.levelno = level
        self.levelname = getLevelName(level)
        self.msg = msg
        self.args = args
        self.exc_info = exc_info
        self.created = time.time()
        self.asctime = None

    def getMessage(self):
        msg = self.msg if isinstance(self.msg, str) else str(self.msg)
        if not self.args:
            return msg
        if len(self.args) == 1 and isinstance(self.args[0], dict):
            return msg % self.args[0]
        return msg % self.args


class Formatter:
    def __init__(self, fmt=None, datefmt=None, style='%'):
        if style not in '%{':
            raise ValueError("logging: style must be '%' or '{'")
        self.fmt = fmt or (
            _DEFAULT_FORMAT
            if style == '%'
            else '{levelname}:{name}:{message}'
        )
        self.datefmt = datefmt
        self.style = style

    def usesTime(self):
        return 'asctime' in self.fmt

    def formatTime(self, record, datefmt=None):
        t = time.gmtime(record.created)
        if datefmt and hasattr(time, 'strftime'):
            return time.strftime(datefmt, t)
        return '%04d-%02d-%02dT%02d:%02d:%02dZ' % tuple(t[:6])

    def formatException(self, exc):
        import io

        text = io.StringIO()
        sys.print_exception(exc, text)
        return text.getvalue().rstrip()

    def format(self, record):
        if self.usesTime() and record.asctime is None:
            record.asctime = self.formatTime(record, self.datefmt)
        values = {
            'name': record.name,
            'levelno': record.levelno,
            'levelname': record.levelname,
            'message': record.getMessage(),
            'asctime': record.asctime,
            'created': record.created,
        }
        if self.style == '{':
            text = self.fmt.format(**values)
        else:
            text = self.fmt % values
        if record.exc_info:
            text += '\n' + self.formatException(record.exc_info)
        return text


_default_formatter = Formatter()


class Handler:
    def __init__(self, level=NOTSET):
        self.level = level
        self.formatter = None

    def setLevel(self, level):
        self.level = level

    def setFormatter(self, formatter):
        self.formatter = formatter

    def format(self, record):
        return (self.formatter or _default_formatter).format(record)

    def emit(self, record):
        raise NotImplementedError

    def close(self):
        pass


class StreamHandler(Handler):
    terminator = '\n'

    def __init__(self, stream=None):
        super().__init__()
        self.stream = stream or sys.stderr

    def emit(self, record):
        self.stream.write(self.format(record) + self.terminator)


class FileHandler(StreamHandler):
    def __init__(self, filename, mode='a'):
        super().__init__(open(filename, mode))

    def emit(self, record):
        super().emit(record)
        self.stream.flush()

    def close(self):
        self.stream.close()


class Logger:
    def __init__(self, name, level=NOTSET):
        self.name = name
        self.level = level
        self.handlers = []

    def setLevel(self, level):
        self.level = level

    def getEffectiveLevel(self):
        return self.level or root.level

    def isEnabledFor(self, level):
        return level >= (self.level or root.level)

    def addHandler(self, handler):
        if handler not in self.handlers:
            self.handlers.append(handler)

    def removeHandler(self, handler):
        if handler in self.handlers:
            self.handlers.remove(handler)

    def handle(self, record):
        for handler in self.handlers:
            _emit(handler, record)
        if self is not root:
            for handler in root.handlers:
                _emit(handler, record)

    def log(self, level, msg, *args, exc_info=None):
        if level < (self.level or root.level):
            return
        if exc_info is True or isinstance(exc_info, tuple):
            exc_info = _current(exc_info)
        if not root.handlers and not self.handlers:
            basicConfig()
        self.handle(LogRecord(self.name, level, msg, args, exc_info))

    def debug(self, msg, *args, exc_info=None):
        self.log(DEBUG, msg, *args, exc_info=exc_info)

    def info(self, msg, *args, exc_info=None):
        self.log(INFO, msg, *args, exc_info=exc_info)

    def warning(self, msg, *args, exc_info=None):
        self.log(WARNING, msg, *args, exc_info=exc_info)

    def error(self, msg, *args, exc_info=None):
        self.log(ERROR, msg, *args, exc_info=exc_info)

    def critical(self, msg, *args, exc_info=None):
        self.log(CRITICAL, msg, *args, exc_info=exc_info)

    def exception(self, msg, *args, exc_info=True):
        self.log(ERROR, msg, *args, exc_info=exc_info)

    def exc(self, e, msg, *args):
        self.log(ERROR, msg, *args, exc_info=e)

    warn = warning


def _emit(handler, record):
    # A handler that fails must not take the program down with it.
    if record.levelno < handler.level:
        return
    try:
        handler.emit(record)
    except Exception as e:
        sys.print_exception(e, sys.stderr)


def _current(exc_info):
    # exc_info=True needs sys.exc_info(), which few firmwares have.
    if exc_info is True:
        exc_info = getattr(sys, 'exc_info', tuple)()
    return exc_info[1] if len(exc_info) > 1 else None


root = Logger('root', WARNING)


def getLogger(name=None):
    if not name or name == 'root':
        return root
    logger = _loggers.get(name)
    if logger is None:
        logger = _loggers[name] = Logger(name)
    return logger


def basicConfig(
    level=None,
    filename=None,
    filemode='a',
    stream=None,
    format=None,
    datefmt=None,
    style='%',
    force=False,
):
    if level is not None:
        root.level = level
    if force:
        root.handlers.clear()
    if root.handlers:
        return
    if filename:
        handler = FileHandler(filename, filemode)
    else:
        handler = StreamHandler(stream)
    handler.formatter = Formatter(format, datefmt, style)
    root.handlers.append(handler)


def log(level, msg, *args, exc_info=None):
    root.log(level, msg, *args, exc_info=exc_info)


debug = root.debug
info = root.info
warning = warn = root.warning
error = root.error
critical = root.critical
exception = root.exception
