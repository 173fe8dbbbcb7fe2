# SPDX-License-Identifier: MIT
# The part of logging that programs ask for now and then.

import logging
from logging import Formatter, StreamHandler, root


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


def addLevelName(level, name):
    logging._names[level] = name


log = root.log
debug = root.debug
info = root.info
warning = warn = root.warning
error = exception = root.error
critical = root.critical
