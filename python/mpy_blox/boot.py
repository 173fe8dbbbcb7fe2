# SPDX-License-Identifier: MIT
# Brings an app-managed device up: settings, network, time, logs, MQTT,
# updates. What is not there yet never holds user_main up for long: bringing
# it up goes on in the background.

import gc
import logging

from micropython import const

logger = logging.getLogger('system')
_has_time = False  # the clock is being kept

_UPDATE_BOOT_TIMEOUT = const(10)  # seconds, as update.boot_timeout
_LIST_TIMEOUT = const(2)  # seconds to wait for an update list
RETRY_ALL = 60  # seconds to the next try after something unforeseen
_RETRY = const(2)  # seconds from the first try to connect to the second


# Everything before the event loop. Returns the configuration, or None when
# the REPL is the place to go; the reason has been logged then.
def begin():
    _console()
    from mpy_blox import firmware, trial, update

    problem = firmware.mismatch()
    if problem:
        if update.on_trial():
            raise RuntimeError(problem)  # the update brought the wrong build
        logger.critical(problem)
        return None
    try:
        trial.boot(app=True)
    except Exception as e:
        logger.error('update: installing failed', exc_info=e)
    config = _settings()
    if config is not None:
        _prepare(config)
    return config


def _console():
    logging.root.setLevel(logging.INFO)
    if not logging.root.handlers:
        console = logging.StreamHandler()
        console.setFormatter(True)
        logging.root.addHandler(console)


# None when the settings cannot be read: the sentence is said and the REPL
# stays within reach, unless they came by an update: then that is undone.
def _settings():
    from mpy_blox import update
    from mpy_blox.config import init_config

    try:
        config = init_config()
        update.on_confirm.append(config['secure'].replace_original)
        return config
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


# Everything user_main can do without, in order. What takes long sets
# user_may_run and carries on. Returns the update channel, or None.
async def bring_up(config, user_may_run):
    joined = await _join_network(config, user_may_run)
    _log_state()
    if not joined:
        return None
    mqtt = config.get('mqtt')
    if not mqtt or not isinstance(mqtt, dict):
        logger.info('no mqtt in settings.json: no broker, no updates')
        return None
    connection = await _connection(user_may_run)
    return await register_updates(config, connection)


# bring_up() raised: short of memory, say. It is tried again, without it there
# is no way to the device. On trial the new set is to blame.
async def failed(exception, user_may_run):
    import asyncio

    from mpy_blox import update

    if update.on_trial():
        from mpy_blox import app

        app.fail('bringing the device up failed, resetting', exception)
    logger.error('bringing the device up failed', exc_info=exception)
    user_may_run.set()
    await asyncio.sleep(RETRY_ALL)


async def _join_network(config, user_may_run):
    from mpy_blox.log_handlers import blox_log_config

    await blox_log_config(config, False)
    if config.get('network.disabled'):
        return False
    from mpy_blox.network import join

    if not await join(config, user_may_run.set):
        return False
    _start_time(config)
    await blox_log_config(config, True)
    return True


def _log_state():
    from mpy_blox.util import log_mem_state, log_vfs_state

    gc.collect()
    log_vfs_state('/')
    log_mem_state()


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
# update.boot_timeout. Returns it, or None.
async def register_updates(config, mqtt_connection):
    channel = config.get('update.channel')
    if not channel:
        return None
    from mpy_blox import update

    if update.managed:
        from mpy_blox.mqtt.watch import Watch as Channel
    else:
        from mpy_blox.mqtt.update import MQTTUpdateChannel as Channel
    auto_update = config.get('update.auto_update', False)
    updates = Channel(channel, auto_update, mqtt_connection)
    await updates.register()
    if auto_update:
        await _possible_update(config, updates)
    return updates


# A broker sends the list it retains at once: when none has come soon there is
# none.
async def _possible_update(config, updates):
    timeout = config.get('update.boot_timeout', _UPDATE_BOOT_TIMEOUT)
    soon = min(_LIST_TIMEOUT, timeout)
    if await _is_done(updates, soon) or updates.updater.state == 'idle':
        return
    await _is_done(updates, timeout - soon)


async def _is_done(updates, timeout):
    import asyncio

    try:
        await asyncio.wait_for(updates.update_done.wait(), timeout)
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
    global _has_time
    if _has_time:
        return
    _has_time = True
    import asyncio

    from mpy_blox.time import sync_ntp
    from mpy_blox.wlan import keep_time

    asyncio.create_task(keep_time(config, sync_ntp(config)))
