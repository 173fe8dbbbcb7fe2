# SPDX-License-Identifier: MIT
# Brings an app-managed device up: settings, network, time, logs, MQTT,
# updates. What is not there yet never holds user_main up for long: bringing
# it up goes on in the background, and this is forgotten at its end.

import gc
import logging
import sys

from micropython import const
from mpy_blox import app, update
from mpy_blox.forget import borrow, forget

logger = logging.getLogger('system')

_UPDATE_BOOT_TIMEOUT = const(10)  # seconds, as update.boot_timeout
_LIST_TIMEOUT = const(2)  # seconds to wait for an update list
RETRY_ALL = 60  # seconds to the next try after something unforeseen
_FORGOTTEN = const(('boot', 'log_handlers', 'network', 'time'))
_RETRY = const(2)  # seconds from the first try to connect to the second


# Everything before the event loop. Returns whether there is more to do: else
# the REPL is the place to go; the reason has been logged then.
def begin():
    _console()
    problem = borrow('platform').mismatch()
    if problem:
        if update.on_trial():
            raise RuntimeError(problem)  # the update brought the wrong build
        logger.critical(problem)
        return False
    try:
        borrow('trial').boot(app=True)
    except Exception as e:
        logger.error('update: installing failed', exc_info=e)
    config = _settings()
    if config is not None:
        _prepare(config)
    return config is not None


def _console():
    logging.root.setLevel(logging.INFO)
    logging.root.format = True


# None when the settings cannot be read: the sentence is said and the REPL
# stays within reach, unless they came by an update: then that is undone.
def _settings():
    try:
        return borrow('config.load').init()
    except ValueError as e:
        if update.on_trial():
            raise
        logger.critical('%s; going to REPL', e)
        return None


def _prepare(config):
    import micropython

    if hasattr(micropython, 'alloc_emergency_exception_buf'):
        micropython.alloc_emergency_exception_buf(
            config.get('emergency_buf_len', 100)
        )
    try:
        import esp

        esp.osdebug(None)
    except ImportError:
        pass  # not an ESP32


# Returns when user_main may run. The device is brought up, and the boot watched.
async def run():
    import asyncio

    from mpy_blox.config import config

    asyncio.get_event_loop().set_exception_handler(app.log_exception)
    user_may_run = asyncio.Event()
    asyncio.create_task(_bring_up(config, user_may_run))
    if update.safe_mode:
        await borrow('ending').stay_safe()
    await user_may_run.wait()
    gc.collect()
    asyncio.create_task(update.watch(_is_online))


def _is_online():
    return app._updates is not None and app._updates.mqtt_conn.is_connected


async def _bring_up(config, user_may_run):
    import asyncio

    while True:
        try:
            await _all(config, user_may_run)
            break
        except Exception as e:
            user_may_run.set()
            _failed(e)
        await asyncio.sleep(RETRY_ALL)
    user_may_run.set()
    for name in _FORGOTTEN:
        forget('mpy_blox.' + name)
    _shrink(sys.modules)


# A dict keeps the room that it once had. As in forget() there is memory to
# build it anew before it is emptied.
def _shrink(names):
    try:
        kept = dict(names)
        spare = kept.copy()
    except MemoryError:
        return
    names.clear()
    spare.clear()
    names.update(kept)
    kept.clear()


# Everything user_main can do without, in order. What takes long sets
# user_may_run and carries on.
async def _all(config, user_may_run):
    early = _load_early(config)
    joined = await _join_network(config, user_may_run)
    _log_state()
    if not joined:
        return
    mqtt = config.get('mqtt')
    if not mqtt or not isinstance(mqtt, dict):
        logger.info('no mqtt in settings.json: no broker, no updates')
        return
    connection = await _connection(user_may_run)
    await register_updates(config, connection, early)


# What an update takes comes before the program, when the program had left it
# too little memory. Returns whether that is so.
def _load_early(config):
    marks = borrow('marks')
    early = marks.there(marks.EARLY) and config.get('update.channel')
    if early:
        logger.info('updates are loaded before the program')
        try:
            borrow('mqtt.news').load_early(config)
        except MemoryError as e:
            logger.error('loading them: %s', e)  # what to do is said later
    return early


# _all() raised: short of memory, say; what is done then takes none. It is tried
# again, without it there is no way to the device. On trial the new set is to
# blame; a boot that has not even the memory to look is left to the trial's
# watchdog.
def _failed(exception):
    try:
        on_trial = update.on_trial()
    except MemoryError:
        on_trial = False
    if on_trial:
        app.fail('bringing the device up failed, resetting', exception)
    logger.error('bringing the device up failed', exc_info=exception)


async def _join_network(config, user_may_run):
    await _log_handlers(config, False)
    if config.get('network.disabled'):
        return False
    from mpy_blox.network import join

    if not await join(config, user_may_run.set):
        return False
    _start_time(config)
    await _log_handlers(config, True)
    return True


# What settings.json asks for: logging.level alone asks for none.
async def _log_handlers(config, network_available):
    keys = [key for key in config if key.startswith('logging.')]
    if keys and keys != ['logging.level']:
        from mpy_blox.log_handlers import blox_log_config

        await blox_log_config(config, network_available)


def _log_state():
    gc.collect()
    platform = borrow('platform')
    platform.log_flash('/')
    platform.log_memory()


# Returns the default connection once it is connected.
async def _connection(user_may_run):
    from mpy_blox.mqtt import MQTTConnectionManager

    connection = MQTTConnectionManager.get_connection()
    try:
        await connection.connect()
    except Exception as e:
        if not isinstance(e, OSError) and not hasattr(e, 'reason_code'):
            raise
        import asyncio

        logger.error('%s', e)
        user_may_run.set()
        await asyncio.sleep(_RETRY)
        await connection.connect(retry=True)
    return connection


# Follows the update channel of the settings, if there is one. With
# update.auto_update it waits until a possible update has begun, at most
# update.boot_timeout. Returns it, or None at rest. A list that is not settled
# is read before user_main runs; early: and the update ends first.
async def register_updates(config, mqtt_connection, early=False):
    channel = config.get('update.channel')
    if not channel:
        return None
    auto_update = config.get('update.auto_update', False)
    if update.managed:
        follow = borrow('mqtt.news').follow
        await follow(mqtt_connection, channel, auto_update)
    else:
        from mpy_blox.mqtt.update import MQTTUpdateChannel

        app._updates = MQTTUpdateChannel(channel, auto_update, mqtt_connection)
        await app._updates.register()
    if auto_update or (update.managed and app._updates.updater):
        await _possible_update(config)
    if early:
        await borrow('ending').end_update()
    if update.managed:
        borrow('mqtt.news').waited(mqtt_connection)
    return app._updates


# A broker sends the list it retains at once: when none has come soon there is
# none.
async def _possible_update(config):
    timeout = config.get('update.boot_timeout', _UPDATE_BOOT_TIMEOUT)
    soon = min(_LIST_TIMEOUT, timeout)
    if await _is_done(soon):
        return
    updater = app._updates.updater
    if updater and updater.state != 'idle':
        await _is_done(timeout - soon)


async def _is_done(timeout):
    import asyncio

    try:
        await asyncio.wait_for(app._updates.update_done.wait(), timeout)
        return True
    except asyncio.TimeoutError:
        return False


# Joins the Wi-Fi and sets the clock: waits at most network.boot_timeout.
# Returns the WLAN when joined, else None.
def start_network(config):
    from mpy_blox.network import connect_wlan

    wlan = connect_wlan(config)
    if wlan:
        _start_time(config)
    return wlan


def _start_time(config):
    from mpy_blox import wlan

    if not wlan.clock:
        wlan.clock = borrow('sync').begin(config)
