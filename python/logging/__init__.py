# SPDX-License-Identifier: MIT
# Plain logging: the names and the behaviour of CPython's module, small. Loggers
# and records are native (bind/logger): their calls never raise, whatever the
# memory. What a device at rest has no use for comes when asked for, through
# __getattr__: the levels, Handler and StreamHandler (handler.py), and the rest
# (more.py).

try:
    from _blox_logger import getattr as __getattr__, start as root
except (ImportError, ValueError):  # none, or for another firmware
    from logging.plain import get_attr as __getattr__, start as root

root = root()
getLogger = root.getLogger
