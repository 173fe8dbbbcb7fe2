# SPDX-License-Identifier: MIT
# What an update needs at boot, and on trial: marks the boot, installs what is
# ready, tidies up, watches a new set. Forgotten once the device is up; what
# stays is mpy_blox.update.

import os

import machine
from mpy_blox import update

_READY = '/.blox/ready'
_ROLLED_BACK = '/.blox/rolled_back'
_LONGEST_MS = 0x7FFFFFFF  # of a watchdog that cannot be stopped: 24 days
# In /.blox for good; anything else is left from an update.
_KEPT = (
    'list', 'origin', 'cmd', 'src', 'error', 'boots', 'journal', 'crash',
    'rolled_back', 'early',
)  # fmt: skip
_KEPT_ON_TRIAL = ('ready', 'journal.undo', 'journal.confirmed')


# Call once, early, while the heap is clean: installs what is ready (then it
# does not return: it resets), and tidies up after an update. With app set the
# boot is marked: unless it ends in order (update.leave()) it was a crash.
def boot(app=False):
    update.managed = app
    state = update.state()
    if state == 'trial':  # the boot has been marked by rescue()
        _end_trial_of_deployed()
    elif state in ('undo', 'apply'):
        _tell_undone()
    else:
        update.safe_mode = _mark(app)
        if not state and update.there(_READY):
            _install()
    if _is_untidy():
        try:
            for _ in tidy():
                pass
        except Exception as e:
            update.logger().error('tidying up after the update failed: %s', e)
    if state in ('undo', 'apply'):
        _mark(app, '')  # what was counted is the undone set's


# Returns for how many seconds this boot is one in safe mode.
def _mark(app, before=None):
    count, _, causes = update.boots()
    if before is not None:
        count += len(causes)
        causes = before
    causes += str(machine.reset_cause())
    if not app:
        update.write_boots(count + 1)
        return 0
    seconds = 0
    if len(causes) > update.CRASHES_MAX:
        from _blox_trial import judge

        seconds, kept = judge(causes)
        count += len(causes) - len(kept)
        causes = kept
    update.write_boots(count, causes)
    return seconds


# Ends safe mode for one try of user_main.
def retry():
    count, _, causes = update.boots()
    update.write_boots(count, causes + 'r')
    machine.reset()


# Seconds from a crash to the reset.
def pause():
    return 1 if update.on_trial() else 1 << min(len(update.boots()[2]), 3) - 1


# On trial it takes more than to live for some seconds: the broker must have
# been reached, and a watchdog catches a program that blocks.
async def watch(alive, is_online):
    import asyncio
    import time

    from _blox_trial import Trial

    limit = update.seconds('update.trial_watchdog', 120) * 1000
    watchdog = machine.WDT(timeout=limit)
    trial = Trial(alive * 1000)
    pause = min(1000, limit // 4)
    while update.on_trial() and not update.has_crashed:
        watchdog.feed()
        passed = trial.tick(time.ticks_ms(), bool(is_online()))
        if passed:
            update.confirm()
        elif passed is False:
            e = OSError('the new set did not reach the broker')
            update.logger().critical('%s, resetting%s', e, update.crashed(e))
            machine.reset()
        await asyncio.sleep_ms(pause)
    if update.has_crashed:
        return
    # Once started it runs on: so slowly that nothing is too long for it.
    from mpy_blox.config import config

    mqtt = config.get('mqtt')
    if not (isinstance(mqtt, dict) and mqtt.get('wdt_timeout')):
        watchdog = machine.WDT(timeout=_LONGEST_MS)
        while True:
            watchdog.feed()
            await asyncio.sleep(3600)


# Somebody at the serial line has put other files in the place of the set's:
# that is what shall run, so there is nothing to try any more.
def _end_trial_of_deployed():
    if 'repl' not in update.boots()[1]:
        return
    from _blox_trial import changed

    path = changed()
    if path:
        update.logger().warning(
            '%s was deployed during the trial, which ends', path
        )
        os.rename(update.JOURNAL + '.confirmed', update.JOURNAL)
        update.leave()


# One sentence, without its full stop.
def safe_mode_reason():
    said = traceback().split('\n')[-1]
    return 'user_main crashed again and again' + (said and ': ' + said)


# The last lines of the traceback that brought safe mode or, with rolled_back,
# undid the last set; '' when there is none.
def traceback(rolled_back=False):
    try:
        with open(_ROLLED_BACK if rolled_back else update.CRASH) as file:
            lines = file.read()[-400:].rstrip().split('\n')
    except (OSError, ValueError):
        return ''
    return '\n'.join(lines[-3:])


def _tell_undone():
    said = traceback().split('\n')[-1]
    update.logger().error(
        'the update was undone%s', ', after ' + said if said else ''
    )


# failure: why what is ready could not be installed.
def tidy(failure=None):
    from _blox_settle import Settle

    settle = Settle(failure)
    while settle.step():
        yield


def _is_untidy():
    try:
        names = [entry[0] for entry in os.ilistdir('/.blox')]
    except OSError:
        return False
    state = update.state()
    if state not in (None, 'trial'):
        return True
    return any(not _is_kept(name, state) for name in names)


def _is_kept(name, state):
    if name in _KEPT:
        return True
    return state == 'trial' and (
        name in _KEPT_ON_TRIAL or name[0] == 'b' or name.startswith('late.')
    )


# Resets when the set is committed. One that cannot be installed is said,
# remembered and cleared away.
def _install():
    import gc

    gc.collect()
    try:
        if update.safe_mode:
            raise OSError('the device crashed while installing it')
        from _blox_install import Installer
        from mpy_blox import firmware

        installer = Installer(firmware.platform(), firmware.mpy())
        result = True
        while result:
            result = installer.step(_compiler_says)
    except Exception as e:
        sentence = str(e.args[-1]) if e.args else ''
        if isinstance(e, MemoryError):
            sentence = 'not enough memory to unpack it; ' + sentence
        update.logger().error('%s', sentence)
        installer = None
        gc.collect()
        for _ in tidy(sentence):
            pass
        return
    if result is False:
        update.logger().info('%d files ready, resetting', installer.files)
        update.restart()


# Returns None when the file compiles, else what the compiler said.
def _compiler_says(path):
    try:
        with open(path) as file:
            compile(file.read(), path, 'exec')
    except (SyntaxError, ValueError, MemoryError) as e:
        return '%s: %s' % (type(e).__name__, e)
