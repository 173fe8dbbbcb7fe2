# SPDX-License-Identifier: MIT
# What mpy_blox.update has: loaded when asked for, and forgotten. mpy_blox.trial
# does what is done once at boot, native modules the work.

import os
import sys

from mpy_blox import update
from mpy_blox.forget import borrow

JOURNAL = '/.blox/journal'
BOOTS = '/.blox/boots'
CRASH = '/.blox/crash'
EARLY = '/.blox/early'
CRASHES_MAX = 3


def there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


# The journal's state, or None when there is none.
def state():
    try:
        with open(JOURNAL) as file:
            return file.readline().split()[2]
    except (OSError, IndexError):
        return None


# Whether a new set runs on trial.
def on_trial():
    return state() == 'trial'


def boot_count():
    count, _, causes = read_boots()
    return count + len(causes)


# The file boots: (boots that ended in order, words behind that, a digit for
# each boot since: its reset cause).
def read_boots():
    try:
        with open(BOOTS) as file:
            head, _, causes = file.read().partition('\n')
        words = head.split()
        return int(words[0]), words[1:], causes
    except (OSError, ValueError, IndexError):
        return 0, [], ''


# A full flash is no reason not to boot.
def write_boots(count, causes=''):
    watchdog = read_boots()[1][:1] or ['120']
    try:
        if not there('/.blox'):
            os.mkdir('/.blox')
        with open(BOOTS, 'w') as file:
            file.write('%d %s\n%s' % (count, watchdog[0], causes))
    except OSError as e:
        logger().warning('counting boots failed: %s', e)


# Before every reset that is no crash, and when all is well: takes the mark of
# this boot back, and what was counted.
def leave():
    count, words, causes = read_boots()
    if causes or len(words) > 1:
        write_boots(count + len(causes))


# Resets. A program that resets the device by itself does it with this: a
# machine.reset() in its first minute would count as a crash.
def restart():
    import machine

    leave()
    machine.reset()


# The set on trial is good: keep it. Returns whether there was one.
def confirm():
    leave()
    if not on_trial():
        return False
    os.rename(JOURNAL + '.confirmed', JOURNAL)
    try:
        import asyncio

        asyncio.create_task(_confirmed())
    except Exception:
        pass  # no loop runs: the next boot tidies up
    return True


# Notes the exception that ends this boot. Returns what happens next, to go on
# with a sentence for the log.
def crashed(exception):
    update.has_crashed = True
    try:
        with open(CRASH, 'w') as file:
            sys.print_exception(exception, file)
    except OSError:
        pass  # no room: the log has it
    if not on_trial():
        return ''
    count = len(read_boots()[2])
    if count < CRASHES_MAX:
        return '; crash %d of %d on trial' % (count, CRASHES_MAX)
    return ' and undoing the update'


# A setting of 1 to 99999 seconds, as an int.
def seconds(key, default):
    from mpy_blox.config import config

    value = config.get(key, default)
    if type(value) in (int, float) and 1 <= value < 100000:
        return int(value)
    logger().warning('%s is not a number of seconds; %d counts', key, default)
    return default


# Tidies up, which the next boot does when this is cut. Only then may the next
# update begin to use the staging area.
async def _confirmed():
    import asyncio

    try:
        for _ in borrow('trial_more').tidy():
            await asyncio.sleep_ms(0)
    except Exception as e:
        logger().warning('the next boot tidies up after the update: %s', e)
    if update.managed:
        from mpy_blox.config import config

        borrow('config.secure_nvs')._replace_original(config['secure'])
    for callback in update.on_confirm:
        callback()


# What to await until the boot has proved itself. Outside a trial that is to live
# for update.trial_timeout.
def watch(is_online):
    alive = seconds('update.trial_timeout', 60)
    if on_trial():
        __import__('_blox_trial')  # the program may leave no room for it
        return borrow('trial_more').watch(alive, is_online)
    return update.prove(alive)


def proved():
    if not update.has_crashed:
        leave()


def logger():
    import logging

    return logging.getLogger('update')
