# SPDX-License-Identifier: MIT
# What an update needs outside the download: installing at boot what is ready,
# confirming it, tidying up. Small, since it stays; the work is in native
# modules that are loaded when there is some.

import os
import sys

_JOURNAL = '/.blox/journal'
_READY = '/.blox/ready'
_BOOTS = '/.blox/boots'
_CRASHES = '/.blox/crashes'  # of the set on trial
_CRASHES_MAX = 3
# In /.blox for good; anything else is left from an update.
_KEPT = ('list', 'origin', 'src', 'error', 'boots', 'journal')
_KEPT_ON_TRIAL = ('ready', 'journal.undo', 'journal.confirmed', 'crashes')
_PLATFORMS = (
    '', 'x86', 'unix_x64', 'armv6', 'armv6m', 'armv7m', 'armv7em',
    'armv7emsp', 'armv7emdp', 'xtensa', 'esp32', 'esp32c3',
)  # fmt: skip

on_confirm = []  # called when a set on trial was confirmed and tidied up after


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
# does not return: it resets), and tidies up after an update.
def boot():
    _count(_BOOTS)  # a full flash is no reason not to boot
    if not _state() and _there(_READY):
        _install()
    if _is_untidy():
        try:
            for _ in _tidy():
                pass
        except Exception as e:
            _logger().error('tidying up after the update failed: %s', e)


def boot_count():
    return _counted(_BOOTS)


def _counted(path):
    try:
        with open(path) as file:
            return int(file.read())
    except (OSError, ValueError):
        return 0


# Returns the count, one more than before; 0 when it cannot be kept.
def _count(path):
    count = _counted(path) + 1
    try:
        if not _there('/.blox'):
            os.mkdir('/.blox')
        with open(path, 'w') as file:
            file.write(str(count))
        return count
    except OSError:
        return 0


# The set on trial is good: keep it. Returns whether there was one.
def confirm():
    if not on_trial():
        return False
    import asyncio

    os.rename(_JOURNAL + '.confirmed', _JOURNAL)
    asyncio.create_task(_confirmed())
    return True


# The set on trial has crashed. At the third time, or when that cannot be
# counted, the next boot brings the set before it back. Returns what is done,
# to go on with a sentence for the log; '' when nothing is on trial.
def crashed():
    if not on_trial():
        return ''
    count = _count(_CRASHES)
    if 0 < count < _CRASHES_MAX:
        return '; crash %d of %d on trial' % (count, _CRASHES_MAX)
    os.rename(_JOURNAL + '.undo', _JOURNAL)
    return ' and undoing the update'


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
        import machine

        _logger().info('%d files ready, resetting', installer.files)
        machine.reset()


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
