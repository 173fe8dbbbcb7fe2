# SPDX-License-Identifier: MIT
# The part of logging that programs ask for now and then.

import sys
import time
from logging import root
from logging.handler import StreamHandler


class Formatter:
    def __init__(self, fmt=None, datefmt=None, style='%'):
        if style not in '%{':
            raise ValueError("logging: style must be '%' or '{'")
        self.fmt = fmt or '%(levelname)s:%(name)s:%(message)s'
        self.datefmt = datefmt
        self.style = style if fmt else '%'

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
        values = {
            'name': record.name,
            'levelno': record.levelno,
            'levelname': record.levelname,
            'message': record.getMessage(),
            'created': record.created,
        }
        if 'asctime' in self.fmt:
            values['asctime'] = self.formatTime(record, self.datefmt)
        if self.style == '{':
            text = self.fmt.format(**values)
        else:
            text = self.fmt % values
        if record.exc_info:
            text += '\n' + self.formatException(record.exc_info)
        return text


class FileHandler(StreamHandler):
    def __init__(self, filename, mode='a'):
        super().__init__(open(filename, mode))

    def emit(self, record):
        super().emit(record)
        self.stream.flush()

    def close(self):
        self.stream.close()


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


_names = {
    0: 'NOTSET',
    10: 'DEBUG',
    20: 'INFO',
    30: 'WARNING',
    40: 'ERROR',
    50: 'CRITICAL',
}


def addLevelName(level, name):
    _names[level] = name
    root.get_level_name = getLevelName


def getLevelName(level):
    return _names.get(level) or 'Level %s' % level


Logger = type(root)
log = root.log
debug = root.debug
info = root.info
warning = warn = root.warning
error = exception = root.error
critical = root.critical
