# SPDX-License-Identifier: MIT
# What an update needs at few boots, and on trial: installs what is ready,
# tidies up, watches a new set; and tells of a crash. Loaded when asked for,
# and forgotten.

import os

import machine
from micropython import const
from mpy_blox import update
from mpy_blox.forget import borrow

marks = borrow('marks')

_ROLLED_BACK = const('/.blox/rolled_back')
_LONGEST_MS = const(0x7FFFFFFF)  # of a watchdog that cannot be stopped: 24 days


# On trial it takes more than to live for some seconds: the broker must have
# been reached, and a watchdog catches a program that blocks.
async def watch(alive, is_online):
    import asyncio
    import time

    from _blox_trial import Trial

    limit = marks.seconds('update.trial_watchdog', 120) * 1000
    watchdog = machine.WDT(timeout=limit)
    trial = Trial(alive * 1000)
    period = min(1000, limit // 4)
    while marks.on_trial() and not update.has_crashed:
        watchdog.feed()
        passed = trial.tick(time.ticks_ms(), bool(is_online()))
        if passed:
            marks.confirm()
        elif passed is False:
            e = OSError('the new set did not reach the broker')
            marks.logger().critical('%s, resetting%s', e, marks.crashed(e))
            machine.reset()
        await asyncio.sleep_ms(period)
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
def end_trial_of_deployed():
    if 'repl' not in marks.read_boots()[1]:
        return
    from _blox_trial import changed

    path = changed()
    if path:
        marks.logger().warning(
            '%s was deployed during the trial, which ends', path
        )
        os.rename(marks.JOURNAL + '.confirmed', marks.JOURNAL)
        marks.leave()


# (seconds of safe mode, the causes that still count) after so many of them.
def judged(causes):
    from _blox_trial import judge

    return judge(causes)


# One sentence, without its full stop.
def safe_mode_reason():
    said = traceback().split('\n')[-1]
    return 'user_main crashed again and again' + (said and ': ' + said)


# The last lines of the traceback that brought safe mode or, with rolled_back,
# undid the last set; '' when there is none.
def traceback(rolled_back=False):
    try:
        with open(_ROLLED_BACK if rolled_back else marks.CRASH) as file:
            lines = file.read()[-400:].rstrip().split('\n')
    except (OSError, ValueError):
        return ''
    return '\n'.join(lines[-3:])


def tell_undone():
    said = traceback().split('\n')[-1]
    marks.logger().error(
        'the update was undone%s', ', after ' + said if said else ''
    )


# failure: why what is ready could not be installed.
def tidy(failure=None):
    from _blox_settle import Settle

    settle = Settle(failure)
    while settle.step():
        yield


def tidy_up():
    try:
        for _ in tidy():
            pass
    except Exception as e:
        marks.logger().error('tidying up after the update failed: %s', e)


# Resets when the set is committed. One that cannot be installed is said,
# remembered and cleared away.
def install():
    import gc

    gc.collect()
    try:
        if update.safe_mode:
            raise OSError('the device crashed while installing it')
        from _blox_install import Installer

        platform = borrow('platform')
        installer = Installer(platform.tag(), platform.loadable())
        result = True
        while result:
            result = installer.step(_compiler_says)
    except Exception as e:
        sentence = str(e.args[-1]) if e.args else ''
        if isinstance(e, MemoryError):
            sentence = 'not enough memory to unpack it; ' + sentence
        marks.logger().error('%s', sentence)
        installer = None
        gc.collect()
        for _ in tidy(sentence):
            pass
        return
    if result is None:
        marks.logger().warning(
            'the update is not whole any more, as after a power cut; its '
            'packages are fetched again'
        )
    else:
        marks.logger().info('%d files ready, resetting', installer.files)
        marks.restart()


# Returns None when the file compiles, else what the compiler said.
def _compiler_says(path):
    try:
        with open(path) as file:
            compile(file.read(), path, 'exec')
    except (SyntaxError, ValueError, MemoryError) as e:
        return '%s: %s' % (type(e).__name__, e)
