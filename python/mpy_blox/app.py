# SPDX-License-Identifier: MIT
# Boots an app-managed device: settings, network, time, logs, MQTT, updates,
# then user_main. What is not there yet never holds user_main up for long:
# bringing it up goes on in the background.

import asyncio
import gc
import logging
import sys

import mpy_blox

logger = logging.getLogger('system')

UPDATE_BOOT_TIMEOUT = 10  # seconds, unless update.boot_timeout says otherwise
TRIAL_TIMEOUT = 60  # seconds, unless update.trial_timeout says otherwise
RETRY_LIMIT = 60  # seconds between two tries to connect, at most


# The last line of /main.py: an exception is logged and the device resets.
def main_except_reset():
    try:
        main()
    except Exception as e:
        try:
            logger.critical('the program ended, resetting', exc_info=e)
        finally:
            import machine

            machine.reset()


def main():
    _console()
    problem = mpy_blox.firmware_mismatch()
    if problem:
        return _without_natives(problem)
    from mpy_blox import update

    update.boot()
    config = _settings()
    if config is None:
        return
    _prepare(config)
    asyncio.run(_run(config))


# Wi-Fi and time for programs that bring a main.py of their own: waits at
# most network.boot_timeout. Returns the WLAN when joined, else None.
def start_network(config):
    from mpy_blox.network import connect_wlan

    wlan = connect_wlan(config)
    if wlan:
        _start_time(config)
    return wlan


# Follows the update channel of the settings, if there is one. With
# update.auto_update it waits until a possible update has begun, at most
# update.boot_timeout.
async def register_updates(config, mqtt_connection):
    channel = config.get('update.channel')
    if not channel:
        return None
    from mpy_blox.mqtt.update import MQTTUpdateChannel

    auto_update = config.get('update.auto_update', False)
    updates = MQTTUpdateChannel(channel, auto_update, mqtt_connection)
    await updates.register()
    if auto_update:
        await _possible_update(config, updates)
    return updates


async def _possible_update(config, updates):
    timeout = config.get('update.boot_timeout', UPDATE_BOOT_TIMEOUT)
    try:
        await asyncio.wait_for(updates.update_done.wait(), timeout)
    except asyncio.TimeoutError:
        pass


# ---- before the event loop --------------------------------------------------


def _console():
    from mpy_blox.log_handlers.formatter import VTFormatter

    logging.basicConfig(level=logging.INFO)
    logging.root.handlers[0].setFormatter(VTFormatter())


# A mpy-blox for another firmware: no block works. During a trial the rescue
# in main.py undoes the update that brought it, for it counts this as a crash.
def _without_natives(problem):
    logger.critical(problem)
    from mpy_blox import update

    if update.on_trial():
        raise RuntimeError(problem)


# None when the settings cannot be read: the sentence is said and the REPL
# stays within reach, unless they came by an update: then that is undone.
def _settings():
    from mpy_blox.config import init_config

    try:
        return init_config()
    except ValueError as e:
        from mpy_blox import update

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
    asyncio.get_event_loop().set_exception_handler(_log_exception)
    try:
        import esp

        esp.osdebug(None)
    except ImportError:
        pass  # not an ESP32


def _log_exception(loop, context):
    logger.error(context['message'], exc_info=context['exception'])


# ---- in the event loop ------------------------------------------------------


async def _run(config):
    device = Device(config)
    asyncio.create_task(device.bring_up())
    await device.user_may_run.wait()
    _log_state()
    ended = await _user_main(device)
    if device.follows_channel():
        logger.info('%s, staying up for updates (Ctrl-C: REPL)', ended)
        await asyncio.Event().wait()
    logger.info('%s, going to REPL', ended)


def _log_state():
    from mpy_blox.util import log_mem_state, log_vfs_state

    gc.collect()
    log_vfs_state('/')
    log_mem_state()


async def _user_main(device):
    from mpy_blox import update

    if update.on_trial():
        asyncio.create_task(_health_gate(device))
    try:
        from user_main import user_main
    except ImportError as e:
        if not str(e).endswith("'user_main'"):
            raise  # it is there, what it imports is not
        return 'Missing user_main'
    await user_main()
    return 'user_main ended'


# The new set is good once the broker was reached and user_main lived long
# enough: an exception of user_main resets before this gets here.
async def _health_gate(device):
    from mpy_blox import update

    await asyncio.sleep(
        device.config.get('update.trial_timeout', TRIAL_TIMEOUT)
    )
    await device.connected.wait()
    update.confirm()


class Device:
    def __init__(self, config):
        self.config = config
        self.user_may_run = asyncio.Event()
        self.connected = asyncio.Event()

    def follows_channel(self):
        get = self.config.get
        return (
            get('mqtt')
            and get('update.channel')
            and not get('network.disabled')
        )

    # Everything user_main can do without, in order. What takes long lets
    # user_main go first and carries on.
    async def bring_up(self):
        try:
            if await self.join_network():
                await self.connect()
        except Exception as e:
            logger.error('bringing the device up failed', exc_info=e)
        self.user_may_run.set()

    async def join_network(self):
        from mpy_blox.log_handlers import blox_log_config

        await blox_log_config(self.config, False)
        if self.config.get('network.disabled'):
            return False
        from mpy_blox.network import join

        if not await join(self.config, self.user_may_run.set):
            return False
        _start_time(self.config)
        await blox_log_config(self.config, True)
        return True

    async def connect(self):
        if not self.config.get('mqtt'):
            logger.info('no mqtt in settings.json: no broker, no updates')
            return
        from mpy_blox.mqtt import MQTTConnectionManager

        connection = MQTTConnectionManager.get_connection()
        delay = 1
        said = None
        while True:
            problem = await self.try_to_connect(connection)
            if not problem:
                break
            if problem != said:
                logger.error(problem)
                said = problem
            self.user_may_run.set()
            await asyncio.sleep(delay)
            delay = min(delay * 2, RETRY_LIMIT)
        self.connected.set()
        await register_updates(self.config, connection)

    # Returns None once connected, else a sentence.
    async def try_to_connect(self, connection):
        from mpy_blox.mqtt.protocol.exc import MQTTConnectionRefused

        mqtt = self.config['mqtt']
        server = mqtt.get('server')
        try:
            await connection.connect()
            return None
        except MQTTConnectionRefused as e:
            return (
                "MQTT: '%s' refused user '%s' (reason 0x%02x); put the right "
                "mqtt.password into provision.json and run 'make provision'"
            ) % (server, mqtt.get('username'), e.reason_code)
        except (OSError, asyncio.TimeoutError) as e:
            return (
                "MQTT: no broker at '%s' (%s); check mqtt.server and "
                "mqtt.port in settings.json, trying goes on"
            ) % (server, e)


def _start_time(config):
    from mpy_blox.time import scheduled_sync_task, sync_ntp

    synced = sync_ntp(config)
    asyncio.create_task(scheduled_sync_task(config, synced))
