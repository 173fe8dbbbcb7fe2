# SPDX-License-Identifier: MIT
# An app-managed device: what brings it up (mpy_blox.boot) is loaded, run and
# forgotten; this stays while user_main runs.

import gc
from logging import getLogger

from micropython import const
from mpy_blox.forget import forget

logger = getLogger('system')
_updates = None  # the channel that is followed
_FORGOTTEN = const((
    'boot', 'firmware', 'log_handlers', 'network', 'time', 'trial',
    'trial_more', 'util',
))  # fmt: skip


# The last line of /main.py: an exception is logged and the device resets. On
# trial it is a crash of the new set.
def main_except_reset():
    try:
        main()
    except Exception as e:
        fail('the program ended, resetting', e)


def fail(sentence, exception):
    try:
        say(sentence, exception)
    finally:
        import machine

        machine.reset()


def say(sentence, exception):
    from mpy_blox import update

    sentence += update.crashed(exception)
    logger.critical(sentence, exc_info=exception)


def main():
    global asyncio
    from mpy_blox import boot, update

    config = boot.begin()
    del boot
    import asyncio  # not before: installing an update needs the heap

    if config is not None:
        asyncio.get_event_loop().set_exception_handler(_log_exception)
        asyncio.run(_run(config))
    if update.on_trial():
        raise RuntimeError('the new set ended without the broker')
    update.leave()


def _log_exception(loop, context):
    logger.error(context['message'], exc_info=context['exception'])


# start_network(config) and register_updates(config, mqtt_connection), for
# programs that bring a main.py of their own.
def __getattr__(name):
    if name not in ('start_network', 'register_updates'):
        raise AttributeError(name)
    from mpy_blox import boot

    return getattr(boot, name)


async def _run(config):
    from mpy_blox import update

    user_may_run = asyncio.Event()
    asyncio.create_task(_bring_up(config, user_may_run))
    if update.safe_mode:
        from mpy_blox import trial

        await trial.stay_safe(lambda: _updates)
    await user_may_run.wait()
    gc.collect()
    asyncio.create_task(update.watch(_is_online))
    try:
        ended = await _user_main()
    except Exception as e:
        from mpy_blox import trial

        await trial.end_after(e, _updates)
    if (
        config.get('mqtt')
        and config.get('update.channel')
        and not config.get('network.disabled')
    ):
        logger.info('%s, staying up for updates (Ctrl-C: REPL)', ended)
        await asyncio.Event().wait()
    logger.info('%s, going to REPL', ended)


def _is_online():
    return _updates is not None and _updates.mqtt_conn.is_connected


async def _bring_up(config, user_may_run):
    global _updates
    from mpy_blox import boot

    while True:
        try:
            _updates = await boot.bring_up(config, user_may_run)
            break
        except Exception as e:
            await boot.failed(e, user_may_run)
    del boot
    # What only booting needs leaves the heap with the last reference to it.
    for name in _FORGOTTEN:
        forget('mpy_blox.' + name)
    user_may_run.set()


# Returns how it ended, in a few words.
async def _user_main():
    try:
        from user_main import user_main
    except ImportError as e:
        if not str(e).endswith("'user_main'"):
            raise  # it is there, what it imports is not
        return 'Missing user_main'
    await user_main()
    return 'user_main ended'
