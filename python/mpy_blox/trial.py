# SPDX-License-Identifier: MIT
# What an update needs at boot: marks the boot, sees what is to be done. That,
# and what else a boot in order has no use for, is done by mpy_blox.trial_more,
# which is loaded when asked for: install, tidy, watch, ... What stays is
# mpy_blox.update.

import os

import machine
from micropython import const
from mpy_blox import update
from mpy_blox.forget import borrow

marks = borrow('marks')

_READY = const('/.blox/ready')
# In /.blox for good; anything else is left from an update.
_KEPT = const((
    'list', 'origin', 'cmd', 'src', 'error', 'boots', 'journal', 'crash',
    'rolled_back', 'early',
))  # fmt: skip
_KEPT_ON_TRIAL = const(('ready', 'journal.undo', 'journal.confirmed'))


# Call once, early, while the heap is clean: installs what is ready (then it
# does not return: it resets), and tidies up after an update. With app set the
# boot is marked: unless it ends in order (update.leave()) it was a crash.
def boot(app=False):
    update.managed = app
    state = marks.state()
    if state == 'trial':  # the boot has been marked by rescue()
        borrow('trial_more').end_trial_of_deployed()
    elif state in ('undo', 'apply'):
        borrow('trial_more').tell_undone()
    else:
        update.safe_mode = _mark(app)
        if not state and marks.there(_READY):
            borrow('trial_more').install()
    if _is_untidy():
        borrow('trial_more').tidy_up()
    if state in ('undo', 'apply'):
        _mark(app, '')  # what was counted is the undone set's


# Returns for how many seconds this boot is one in safe mode.
def _mark(app, before=None):
    count, _, causes = marks.read_boots()
    if before is not None:
        count += len(causes)
        causes = before
    causes += str(machine.reset_cause())
    if not app:
        marks.write_boots(count + 1)
        return 0
    seconds = 0
    if len(causes) > marks.CRASHES_MAX:
        seconds, kept = borrow('trial_more').judged(causes)
        count += len(causes) - len(kept)
        causes = kept
    marks.write_boots(count, causes)
    return seconds


def _is_untidy():
    try:
        names = [entry[0] for entry in os.ilistdir('/.blox')]
    except OSError:
        return False
    state = marks.state()
    if state not in (None, 'trial'):
        return True
    return any(not _is_kept(name, state) for name in names)


def _is_kept(name, state):
    if name in _KEPT:
        return True
    return state == 'trial' and (
        name in _KEPT_ON_TRIAL or name[0] == 'b' or name.startswith('late.')
    )
