# SPDX-License-Identifier: MIT
# Log lines for a console: time, level, logger and message, coloured.

import sys

from mpy_blox.time import isotime


class VTFormatter:
    def format(self, record):
        name = record.name + ': '
        message = record.getMessage()
        if message.startswith(name):  # a sentence that says so itself
            name = ''
        text = '%s %s %s%s' % (isotime(), record.levelname, name, message)
        if record.exc_info:
            text += '\n' + _traceback(record.exc_info)
        colour = _colour(record.levelno)
        return '\x1b[%sm%s\x1b[0m' % (colour, text) if colour else text


def _traceback(exception):
    import io

    text = io.StringIO()
    sys.print_exception(exception, text)
    return text.getvalue().rstrip()


def _colour(level):
    if level >= 40:  # logging.ERROR
        return '31' if level < 50 else '1;31'
    return '33' if level >= 30 else '2' if level <= 10 else None


# By the name that the original gave it.
VTSGRColorFormatter = VTFormatter
