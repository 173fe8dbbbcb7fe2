# SPDX-License-Identifier: MIT
# An update that found no memory beside the program: what it takes is loaded
# before the program from now on, until a set is installed or there is nothing
# to install. /.blox/early says so, with a byte for each reset made for it.
# Loaded when there is little memory, and forgotten.

import os

from micropython import const
from mpy_blox import update
from mpy_blox.forget import borrow

marks = borrow('marks')

_RESETS_MAX = const(3)  # the network may come too late for the first


# Whether a reset by us may help. On trial it would take back what is counted
# against the set.
def may_reset():
    if not update.managed or marks.on_trial():
        return False
    return not marks.there(marks.EARLY) or os.stat(marks.EARLY)[6] < _RESETS_MAX


# Returns whether it could be noted; resets: one more byte.
def note(resets=''):
    try:
        if not marks.there('/.blox'):
            os.mkdir('/.blox')
        with open(marks.EARLY, 'a') as file:
            file.write(resets)
        return True
    except OSError as e:
        marks.logger().error('%s: %s', marks.EARLY, e)
        return False


def forget():
    if marks.there(marks.EARLY):
        os.remove(marks.EARLY)


# A set on trial needs the memory more.
def note_starved():
    return not marks.on_trial() and note()


# Notes it. For what is wanted at once, as what came on cmd in so many files is,
# the device resets: the last of them is found at the next boot.
def starve(wanted, files):
    if not note_starved():
        return
    if (wanted or files) and may_reset() and note('.'):
        if files:
            os.rename('/.blox/came%d' % (files - 1), '/.blox/cmd')
        marks.logger().info('resetting to update before the program runs')
        marks.restart()
