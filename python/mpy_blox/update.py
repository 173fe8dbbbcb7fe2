# SPDX-License-Identifier: MIT
# What an update needs outside the download: installing at boot what is ready,
# confirming it, tidying up. Small, since it stays; the work is in native
# modules that are loaded when there is some.

import os
import sys

_JOURNAL = '/.blox/journal'
_READY = '/.blox/ready'
_BOOTS = '/.blox/boots'
_CRASH = '/.blox/crash'
_ROLLED_BACK = '/.blox/rolled_back'
_CRASHES_MAX = 3
_LONGEST_MS = 0x7FFFFFFF  # of a watchdog that cannot be stopped: 24 days
# In /.blox for good; anything else is left from an update.
_KEPT = (
    'list', 'origin', 'src', 'error', 'boots', 'journal', 'crash',
    'rolled_back',
)  # fmt: skip
_KEPT_ON_TRIAL = ('ready', 'journal.undo', 'journal.confirmed')
_PLATFORMS = (
    '', 'x86', 'unix_x64', 'armv6', 'armv6m', 'armv7m', 'armv7em',
    'armv7emsp', 'armv7emdp', 'xtensa', 'esp32', 'esp32c3',
)  # fmt: skip

on_confirm = []  # called when a set on trial was confirmed and tidied up after
safe_mode = 0  # seconds for which user_main does not run; 0: no safe mode
managed = False  # mpy_blox.app runs the program
_has_crashed = False  # and waits for its reset


def _there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


# The journal's state, or None when there is none.
def _state():
    try:
        with open(_JOURNAL) as file:
            return file.readline().split()[2]
    except (OSError, IndexError):
        return None


# Whether a new set runs on trial.
def on_trial():
    return _state() == 'trial'


# Whether a power cut in the middle of an update can be mended: by the main.py
# in place, or by one that imported mpy_blox.rescue.
def rescue_installed():
    if 'mpy_blox.rescue' in sys.modules:
        return True
    try:
        with open('/main.py') as file:
            return any(line.startswith('RESCUE = ') for line in file)
    except OSError:
        return False


# What wheels for this device are tagged with: "esp32c3".
def platform():
    arch = getattr(sys.implementation, '_mpy', 0) >> 10 & 15
    return _PLATFORMS[arch] if arch < len(_PLATFORMS) else ''


# The native-module version this firmware loads: "6.3".
def mpy_version():
    mpy = getattr(sys.implementation, '_mpy', 0)
    return '%d.%d' % (mpy & 0xFF, mpy >> 8 & 3)


# Call once, early, while the heap is clean: installs what is ready (then it
# does not return: it resets), and tidies up after an update. With app set the
# boot is marked: unless it ends in order (leave()) it was a crash.
def boot(app=False):
    global managed, safe_mode
    managed = app
    state = _state()
    if state == 'trial':  # the boot has been marked by rescue()
        _end_trial_of_deployed()
    elif state in ('undo', 'apply'):
        _tell_undone()
    else:
        safe_mode = _mark(app)
        if not state and _there(_READY):
            _install()
    if _is_untidy():
        try:
            for _ in _tidy():
                pass
        except Exception as e:
            _logger().error('tidying up after the update failed: %s', e)
    if state in ('undo', 'apply'):
        _mark(app)


def boot_count():
    count, _, causes = _boots()
    return count + len(causes)


# The file boots: (boots that ended in order, words behind that, a digit for
# each boot since: its reset cause).
def _boots():
    try:
        with open(_BOOTS) as file:
            head, _, causes = file.read().partition('\n')
        words = head.split()
        return int(words[0]), words[1:], causes
    except (OSError, ValueError, IndexError):
        return 0, [], ''


# A full flash is no reason not to boot.
def _write_boots(count, causes=''):
    watchdog = _boots()[1][:1] or ['120']
    try:
        if not _there('/.blox'):
            os.mkdir('/.blox')
        with open(_BOOTS, 'w') as file:
            file.write('%d %s\n%s' % (count, watchdog[0], causes))
    except OSError as e:
        _logger().warning('counting boots failed: %s', e)


# Returns for how many seconds this boot is one in safe mode.
def _mark(app):
    import machine

    count, _, causes = _boots()
    if _state() in ('undo', 'apply'):
        causes = ''  # of the set that was undone
    causes += str(machine.reset_cause())
    if not app:
        _write_boots(count + 1)
        return 0
    seconds = 0
    if len(causes) > _CRASHES_MAX:
        from _blox_trial import judge

        seconds, kept = judge(causes)
        count += len(causes) - len(kept)
        causes = kept
    _write_boots(count, causes)
    return seconds


# Before every reset that is no crash, and when all is well: takes the mark of
# this boot back, and what was counted.
def leave():
    count, words, causes = _boots()
    if causes or len(words) > 1:
        _write_boots(count + len(causes))


# Resets. A program that resets the device by itself does it with this: a
# machine.reset() in its first minute would count as a crash.
def restart():
    import machine

    leave()
    machine.reset()


# Ends safe mode for one try of user_main.
def retry():
    import machine

    count, _, causes = _boots()
    _write_boots(count, causes + 'r')
    machine.reset()


# The set on trial is good: keep it. Returns whether there was one.
def confirm():
    leave()
    if not on_trial():
        return False
    os.rename(_JOURNAL + '.confirmed', _JOURNAL)
    try:
        import asyncio

        asyncio.create_task(_confirmed())
    except Exception:
        pass  # no loop runs: the next boot tidies up
    return True


# Notes the exception that ends this boot. Returns what happens next, to go on
# with a sentence for the log.
def crashed(exception):
    global _has_crashed
    _has_crashed = True
    try:
        with open(_CRASH, 'w') as file:
            sys.print_exception(exception, file)
    except OSError:
        pass  # no room: the log has it
    if not on_trial():
        return ''
    count = len(_boots()[2])
    if count < _CRASHES_MAX:
        return '; crash %d of %d on trial' % (count, _CRASHES_MAX)
    return ' and undoing the update'


# Seconds from a crash to the reset.
def pause():
    return 1 if on_trial() else 1 << min(len(_boots()[2]), 3) - 1


# One sentence, without its full stop.
def safe_mode_reason():
    said = traceback().split('\n')[-1]
    return 'user_main crashed again and again' + (said and ': ' + said)


# The last lines of the traceback that brought safe mode or, with rolled_back,
# undid the last set; '' when there is none.
def traceback(rolled_back=False):
    try:
        with open(_ROLLED_BACK if rolled_back else _CRASH) as file:
            lines = file.read()[-400:].rstrip().split('\n')
    except (OSError, ValueError):
        return ''
    return '\n'.join(lines[-3:])


# Until the boot has proved itself. Outside a trial that is to live for
# update.trial_timeout; on trial the broker must have been reached as well, and
# a watchdog catches a program that blocks.
async def watch(is_online):
    import asyncio

    alive = seconds('update.trial_timeout', 60)
    if not on_trial():
        await asyncio.sleep(alive)
        if not _has_crashed:
            leave()
        return
    import machine
    import time

    from _blox_trial import Trial

    limit = seconds('update.trial_watchdog', 120) * 1000
    watchdog = machine.WDT(timeout=limit)
    trial = Trial(alive * 1000)
    pause = min(1000, limit // 4)
    while on_trial() and not _has_crashed:
        watchdog.feed()
        passed = trial.tick(time.ticks_ms(), bool(is_online()))
        if passed:
            confirm()
        elif passed is False:
            e = OSError('the new set did not reach the broker')
            _logger().critical('%s, resetting%s', e, crashed(e))
            machine.reset()
        await asyncio.sleep_ms(pause)
    if _has_crashed:
        return
    # Once started it runs on: so slowly that nothing is too long for it.
    from mpy_blox.config import config

    mqtt = config.get('mqtt')
    if not (isinstance(mqtt, dict) and mqtt.get('wdt_timeout')):
        watchdog = machine.WDT(timeout=_LONGEST_MS)
        while True:
            watchdog.feed()
            await asyncio.sleep(3600)


# A setting of 1 to 99999 seconds, as an int.
def seconds(key, default):
    from mpy_blox.config import config

    value = config.get(key, default)
    if type(value) in (int, float) and 1 <= value < 100000:
        return int(value)
    _logger().warning('%s is not a number of seconds; %d counts', key, default)
    return default


# How long rescue() lets a new set run that does not feed the watchdog.
def set_watchdog():
    count, words, causes = _boots()
    limit = seconds('update.trial_watchdog', 120)
    if words[:1] != [str(limit)]:
        with open(_BOOTS, 'w') as file:
            file.write('%d %d\n%s' % (count, limit, causes))


# Somebody at the serial line has put other files in the place of the set's:
# that is what shall run, so there is nothing to try any more.
def _end_trial_of_deployed():
    if 'repl' not in _boots()[1]:
        return
    from _blox_trial import changed

    path = changed()
    if path:
        _logger().warning('%s was deployed during the trial, which ends', path)
        os.rename(_JOURNAL + '.confirmed', _JOURNAL)
        leave()


def _tell_undone():
    said = traceback().split('\n')[-1]
    _logger().error(
        'the update was undone%s', ', after ' + said if said else ''
    )


# Tidies up, which the next boot does when this is cut. Only then may the next
# update begin to use the staging area.
async def _confirmed():
    import asyncio

    try:
        for _ in _tidy():
            await asyncio.sleep_ms(0)
    except Exception as e:
        _logger().error('tidying up after the update failed: %s', e)
    for callback in on_confirm:
        callback()


# failure: why what is ready could not be installed.
def _tidy(failure=None):
    from _blox_settle import Settle

    settle = Settle(failure)
    while settle.step():
        yield


def _is_untidy():
    try:
        names = [entry[0] for entry in os.ilistdir('/.blox')]
    except OSError:
        return False
    state = _state()
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
        if safe_mode:
            raise OSError('the device crashed while installing it')
        from _blox_install import Installer

        installer = Installer(platform())
        result = True
        while result:
            result = installer.step(_compiler_says)
    except Exception as e:
        sentence = str(e.args[-1]) if e.args else ''
        if isinstance(e, MemoryError):
            sentence = 'not enough memory to unpack it; ' + sentence
        _logger().error('%s', sentence)
        installer = None
        gc.collect()
        for _ in _tidy(sentence):
            pass
        return
    if result is False:
        _logger().info('%d files ready, resetting', installer.files)
        restart()


# Returns None when the file compiles, else what the compiler said.
def _compiler_says(path):
    try:
        with open(path) as file:
            compile(file.read(), path, 'exec')
    except (SyntaxError, ValueError, MemoryError) as e:
        return '%s: %s' % (type(e).__name__, e)


def _logger():
    import logging

    return logging.getLogger('update')
