# SPDX-License-Identifier: MIT
# An update that found no memory beside the program: what it takes is loaded
# before the program from now on, until a set is installed or there is nothing
# to install. /.blox/early says so, with a byte for each reset made for it.
# Loaded when there is little memory, and forgotten.

import os

from micropython import const
from mpy_blox import update

_EARLY = const('/.blox/early')
_RESETS_MAX = const(3)  # the network may come too late for the first


# Whether what an update takes is loaded before the program.
def is_noted():
    try:
        os.stat(_EARLY)
        return True
    except OSError:
        return False


# Whether a reset by us may help. On trial it would take back what is counted
# against the set.
def may_reset():
    if not update.managed or update.on_trial():
        return False
    return not is_noted() or os.stat(_EARLY)[6] < _RESETS_MAX


# Returns whether it could be noted; resets: one more byte.
def note(resets=''):
    try:
        if '.blox' not in os.listdir('/'):
            os.mkdir('/.blox')
        with open(_EARLY, 'a') as file:
            file.write(resets)
        return True
    except OSError as e:
        logger().error('%s: %s', _EARLY, e)
        return False


def forget():
    if is_noted():
        os.remove(_EARLY)


# Notes it. For what is wanted at once, as what came on cmd in so many files is,
# the device resets: the last of them is found at the next boot. A set on trial
# needs the memory more.
def starve(wanted, files):
    if update.on_trial() or not note():
        return
    if (wanted or files) and may_reset() and note('.'):
        if files:
            os.rename('/.blox/came%d' % (files - 1), '/.blox/cmd')
        logger().info('resetting to update before the program runs')
        update.restart()


def logger():
    import logging

    return logging.getLogger('update')
