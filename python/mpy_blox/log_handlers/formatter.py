# SPDX-License-Identifier: MIT
# Log lines for a terminal: time, level, logger and message, coloured.


# The same as `formatter = True` of a handler.
class VTFormatter:
    def format(self, record):
        return record.write(None, True)[:-1]


# By the name that the original gave it.
VTSGRColorFormatter = VTFormatter
