# SPDX-License-Identifier: MIT
# Updates over MQTT: carries out on a connection what the updater
# (_blox_ota, core/ota/updater.h) asks for, and describes the device.

import asyncio
import gc
import logging
import time

from _blox_ota import Updater
from micropython import const
from mpy_blox import update
from mpy_blox.config import config
from mpy_blox.forget import borrow
from mpy_blox.mqtt import MQTTConsumer
from mpy_blox.mqtt.protocol.exc import ErrorWithMQTTReason
from mpy_blox.mqtt.protocol.message import MQTTMessage

logger = logging.getLogger('update')

_FETCH_TIMEOUT = const(60)  # seconds, unless update.fetch_timeout says more
# enum blox_updater_event_kind
_SUBSCRIBE = const(1)
_UNSUBSCRIBE = const(2)
_CHECK = const(3)
_CHECK_CMD = const(4)
_STATE = const(5)
_INFO = const(6)
_REBOOT = const(7)
_LOG = const(8)
_WARN = const(9)
_AT_WORK = ('downloading', 'installing', 'rebooting')
_IN_FORCE = '/.blox/list'  # BLOX_FILE_LIST
# enum blox_plan_trust
_UNSIGNED = const(0)
_SIGNED = const(1)
_NEW_KEY = const(2)


class MQTTUpdateChannel(MQTTConsumer):
    # What mpy_blox.mqtt.news has done already.
    warned = False  # said whose lists are taken
    listens = False  # subscribed to cmd
    _package = None  # topic of the package asked for

    def __init__(self, channel, auto_update, mqtt_connection):
        super().__init__(mqtt_connection)
        node = 'mpypi/nodes/%s/' % mqtt_connection.client_id
        self.channel = channel
        self.auto_update = auto_update
        self.channel_topic = 'mpypi/channels/' + channel
        self.info_topic = node + 'info'
        self.cmd_topic = node + 'cmd'
        self.update_topic = node + 'update'
        self.reply_topic = node + 'reply'
        self.update_done = asyncio.Event()  # nothing more to wait for
        self.updater = None
        self._wake = asyncio.Event()
        self._plan = None
        self._checks = 0  # counts them: of several the last goes on
        self._has_key = False
        self._card_due = False

    # Follows the channel from now on, or says why not and installs nothing.
    async def register(self):
        obstacle = _about().obstacle() or self._take_key()
        if obstacle:
            logger.error('updates are off: %s', obstacle)
            self.update_done.set()
            return
        trial = update.on_trial()
        self.updater = Updater(
            self.mqtt_conn.client_id,
            self.channel,
            self.auto_update,
            update.seconds('update.fetch_timeout', _FETCH_TIMEOUT) * 1000,
            trial,
            self._wake.set,
        )
        if trial:
            self.update_done.set()
        if not update.managed:
            asyncio.create_task(update.watch(self._is_online))
        update.on_confirm += (self._confirmed,)
        self.mqtt_conn.on_connect.append(self._connected)
        self.mqtt_conn.on_disconnect.append(self._lost)
        if self.mqtt_conn.is_connected:
            self._connected(self.mqtt_conn)
        asyncio.create_task(self._run())

    # Whose lists are taken. Returns why none may be, or None.
    def _take_key(self):
        self._has_key = 'update.public_key' in config
        if not self.warned:
            topics = (self.channel_topic, self.cmd_topic)
            return _about().take_key(topics)

    # Whether an update waits for perform_update() or the command install.
    @property
    def update_available(self):
        return self.updater is not None and self.updater.state == 'available'

    # {name: version} of the packages.
    @property
    def pkgs_installed(self):
        return borrow('platform').installed()

    # Acts on the update that waits.
    async def perform_update(self):
        if self.updater:
            self.updater.install()
            self._wake.set()

    def _connected(self, connection):
        self.updater.connected(True)
        self._card_due = True
        self._wake.set()

    # The connection's own memory of subscriptions is emptied: what is wanted
    # then, the updater asks for again.
    async def _lost(self, connection):
        self.updater.connected(False)
        connection.remove_sink(self._package)
        for topic in (self.channel_topic, self.cmd_topic, self._package):
            if topic:
                await connection.unsubscribe(topic)
        self._package = None

    def _confirmed(self):
        self._set_in_place()
        self.updater.confirmed()
        self._wake.set()

    def _is_online(self):
        return self.mqtt_conn.is_connected

    async def _run(self):
        while True:
            self._wake.clear()
            request = self.updater.next()
            while request:
                try:
                    await self._do(*request)
                except Exception as e:
                    logger.error('updating: %s', e, exc_info=e)
                request = self.updater.next()
            if self._card_due:
                self._card_due = False
                await self._offer_card()
            pause = self.updater.tick(time.ticks_ms())
            try:
                await asyncio.wait_for_ms(self._wake.wait(), pause or 1)
            except asyncio.TimeoutError:
                pass

    # todo: what a list asks for has names that the card may not know.
    async def _offer_card(self, todo=False):
        await _about().offer_card(self.mqtt_conn, todo)

    async def _do(self, what, text):
        if what == _STATE:
            await self._publish(self.update_topic, self._told(text))
        elif what == _SUBSCRIBE:
            await self._subscribe(text)
        elif what == _UNSUBSCRIBE:
            self._package = None
            await self.mqtt_conn.unsubscribe(text)
            self.mqtt_conn.remove_sink(text)
        elif what in (_CHECK, _CHECK_CMD):
            self._checks += 1
            if self._plan:
                self._plan.close()
                self._plan = None
            check = self._check(text, what == _CHECK_CMD, self._checks)
            asyncio.create_task(check)
        elif what == _INFO:
            await self.publish_info()
        elif what == _LOG:
            self._changed(logger.info, text)
        elif what == _WARN:
            self._changed(logger.warning, text)
        elif what == _REBOOT:
            await self._reboot()

    # The state document, and what was kept of the crash that explains it.
    def _told(self, text):
        rolled_back = self.updater.state == 'rolled_back'
        if rolled_back or update.safe_mode:
            return _about().explained(text, rolled_back)
        return text

    def _changed(self, log, text):
        log('%s', text)
        if self.updater.state not in _AT_WORK:
            self.update_done.set()

    async def _subscribe(self, topic):
        if topic not in (self.channel_topic, self.cmd_topic):
            self._package = topic
        self.mqtt_conn.add_sink(topic, self.updater)
        if self.listens and topic == self.cmd_topic:
            self.listens = False  # until the connection is lost
            return
        try:
            await self.mqtt_conn.subscribe(topic, None, 1)
        except ErrorWithMQTTReason as e:
            logger.error('%s', e)  # an answer, too
        if self.mqtt_conn.is_connected:
            self.updater.subscribed(topic)

    # Reads a list that is new, or a command; what is newer stops it.
    async def _check(self, path, command, number):
        try:
            if command and _begins(path, b'{'):
                await self._obey(path, not self._has_key)
            else:
                await self._check_list(path, command, number)
        except MemoryError:
            if number == self._checks:
                self._starve()
        except Exception as e:
            if number == self._checks:
                self.updater.refused(str(e.args[-1] if e.args else e))
        if number == self._checks:
            self._plan = None
            self._wake.set()

    # There was no memory for what reads a list or a command.
    def _starve(self):
        self._plan = None
        gc.collect()
        sentence = 'not enough memory'
        may_reset = False
        try:
            may_reset = borrow('early').may_reset()
            sentence = _about().too_little()
        except MemoryError:
            pass
        if self.updater.starved(sentence, may_reset) and update.managed:
            borrow('early').note()

    async def _check_list(self, path, command, number):
        signature = None
        trust = _NEW_KEY if self._has_key else _UNSIGNED
        if self._has_key and path != _IN_FORCE:
            signature = await self._verify(path, command, number)
            if not signature:
                return
            trust = _NEW_KEY if signature.new_key else _SIGNED
        result = await self._find_out(path, command, trust, number)
        if result is True:
            if signature:
                self._keep(signature, command, True)
            await self._obey(path, True)
        elif result:
            if result[0]:
                await self._offer_card(True)
            if number == self._checks:
                self._checked(result, signature, command)

    async def _verify(self, path, command, number):
        return await _signed().verify(
            path,
            self.cmd_topic if command else self.channel_topic,
            command,
            self.updater.state == 'trial',
            lambda: number == self._checks,
        )

    # What a plan finds, or None: something newer came.
    async def _find_out(self, path, command, trust, number):
        from _blox_plan import Plan

        target = _about().target()
        plan = self._plan = Plan(path, command, *target, trust)
        result = None
        while result is None:
            result = plan.step()
            await asyncio.sleep_ms(0)
            if number != self._checks:
                return None
        return result

    # trusted: it was signed, or need not be.
    async def _obey(self, path, trusted):
        command = None
        try:
            command = borrow('mqtt.commands').Told(self, path, trusted)
        except MemoryError:
            raise
        except Exception as e:
            logger.error('command: %s', e, exc_info=e)
        # It has been read: the next may be checked.
        counts = self.updater.command()
        try:
            if command and counts:
                await command.obey()
        except Exception as e:
            logger.error('command: %s', e, exc_info=e)

    # A list that waits for the end of a trial is verified again then.
    def _checked(self, result, signature, command):
        needed, fetched, blocks, name, notice = result
        if notice:
            logger.warning('%s', notice)
        in_force = self.updater.state != 'trial'
        if signature and in_force:
            self._keep(signature, command, False)
        self.updater.planned(needed, fetched, blocks, name)
        if not needed and in_force:
            self._set_in_place()
            borrow('early').forget()

    def _keep(self, signature, command, is_command):
        topic = self.cmd_topic if command else self.channel_topic
        _signed().keep(topic, signature, is_command)

    def _set_in_place(self):
        if self._has_key:
            _signed().confirmed()

    # An update that failed asks for it to find memory before the program does.
    async def _reboot(self):
        if self.updater.state != 'failed':
            await self.reboot('resetting to install it')
        elif borrow('early').note('.'):
            await self.reboot('resetting to update before the program runs')

    async def reboot(self, sentence):
        logger.info('%s', sentence)
        try:
            await asyncio.wait_for(self.mqtt_conn.disconnect(), 5)
        except Exception as e:
            logger.warning('%s', e)
        _about().set_watchdog()
        update.restart()

    async def _publish(self, topic, payload):
        qos = 0 if self.updater.state == 'downloading' else 1
        await self.mqtt_conn.publish(MQTTMessage(topic, payload, qos, True))

    async def publish_info(self):
        await self._publish(
            self.info_topic,
            _about().document(
                self.channel, self.updater.state, self.updater.error
            ),
        )


def _begins(path, character):
    try:
        with open(path, 'rb') as file:
            return file.read(1) == character
    except OSError:
        return False


def _signed():
    return borrow('mqtt.signed')


def _about():
    return borrow('mqtt.about')
