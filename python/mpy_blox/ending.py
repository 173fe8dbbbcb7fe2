# SPDX-License-Identifier: MIT
# What follows user_main, or keeps it from running. Loaded for that, and
# forgotten.

import asyncio
import logging
import machine
import sys

from mpy_blox import app, update
from mpy_blox.forget import borrow

logger = logging.getLogger('system')
marks = borrow('marks')


# After user_main, which ended so.
async def after(exception):
    from mpy_blox.config import config

    said = 'user_main ended'
    if _is_missing(exception):
        said = 'Missing user_main'
    elif exception:
        await _end_after(exception)
    if (
        config.get('mqtt')
        and config.get('update.channel')
        and not config.get('network.disabled')
    ):
        logger.info('%s, staying up for updates (Ctrl-C: REPL)', said)
        await asyncio.Event().wait()
    logger.info('%s, going to REPL', said)


# Else user_main is there, what it imports is not.
def _is_missing(exception):
    return isinstance(exception, ImportError) and str(exception).endswith(
        "'user_main'"
    )


# A user_main that fails whenever it runs must not keep the update away that
# mends it: the network gets some seconds, more each time, and an update that
# is on its way ends first.
async def _end_after(exception):
    if _is_updating():
        logger.critical('resetting after the update', exc_info=exception)
        await end_update()
    seconds = pause()
    said = 'the program ended, resetting in %d s' % seconds
    if _is_plain(exception):
        said += "; begin user_main with 'async def user_main()'"
    say(said, exception)
    await asyncio.sleep(seconds)
    await end_update()
    machine.reset()


# Whether user_main gave nothing to wait for: it is a function like any other.
def _is_plain(exception):
    user_main = getattr(sys.modules.get('user_main'), 'user_main', None)
    nothing = isinstance(exception, TypeError) and 'NoneType' in str(exception)
    return nothing and type(user_main) is type(_is_plain)


def say(sentence, exception):
    sentence += marks.crashed(exception)
    logger.critical(sentence, exc_info=exception)


# Seconds from a crash to the reset.
def pause():
    causes = marks.read_boots()[2]
    return 1 if marks.on_trial() else 1 << min(len(causes), 3) - 1


async def end_update():
    while _is_updating():
        await asyncio.sleep_ms(200)


def _is_updating():
    updates = app._updates
    return (
        updates
        and updates.updater
        and updates.updater.state in ('downloading', 'installing')
        and updates.mqtt_conn.is_connected
    )


# Safe mode: all but user_main. After a while that is tried once more; an
# update, a deploy or a power cycle ends it at once.
async def stay_safe():
    logger.critical(
        'safe mode: %s; user_main is tried again in %d minutes',
        borrow('trial_more').safe_mode_reason(),
        update.safe_mode // 60,
    )
    await asyncio.sleep(update.safe_mode)
    await end_update()
    count, _, causes = marks.read_boots()
    marks.write_boots(count, causes + 'r')
    machine.reset()


# The way to the REPL.
def leave():
    if marks.on_trial():
        raise RuntimeError('the new set ended without the broker')
    marks.leave()
