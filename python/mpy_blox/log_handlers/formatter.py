# SPDX-License-Identifier: MIT
# Log lines for a console: time, level, logger and message, coloured.

from logging import CRITICAL, DEBUG, ERROR, WARNING, Formatter
from mpy_blox.time import isotime


class VTFormatter(Formatter):
    def __init__(
        self, fmt='{asctime} {levelname} {name}: {message}', style='{'
    ):
        super().__init__(fmt, style=style)

    def formatTime(self, record, datefmt=None):
        return isotime()

    def format(self, record):
        text = super().format(record)
        colour = self.colour(record.levelno)
        return '\x1b[%sm%s\x1b[0m' % (colour, text) if colour else text

    def colour(self, level):
        if level >= CRITICAL:
            return '1;31'
        if level >= ERROR:
            return '31'
        if level >= WARNING:
            return '33'
        return '2' if level <= DEBUG else None
