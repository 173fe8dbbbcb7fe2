# SPDX-License-Identifier: MIT
# One MQTT 5.0 connection: moves bytes between a socket and _blox_mqtt.

import asyncio
import logging
import sys
from asyncio import core
from time import ticks_ms

from _blox_mqtt import Session
from micropython import const
from mpy_blox.mqtt.protocol.exc import ErrorWithMQTTReason

logger = logging.getLogger('mqtt')

# What Session.receive says, the first of a tuple (core/mqtt/session.h).
_SINK_RAISED = const(0)
_CONNACK = const(1)
_SUBACK = const(2)
_UNSUBACK = const(3)
_PUBACK = const(4)
_SKIPPED = const(8)
_RESEND = const(10)
_DISCONNECT = const(11)
_ERROR = const(12)

_QUEUE = const(16)  # messages consume() holds back
_POLL_MS = const(10)  # to wait where nobody tells when there is room


class MQTT5Client:
    # will: None or (topic, payload, qos, retain). What is not named here may
    # be given and is not used.
    def __init__(
        self,
        server,
        port=None,
        client_id='',
        ssl=False,
        ssl_params=None,
        username=None,
        password=None,
        keep_alive_interval=None,
        wdt_timeout=None,
        will=None,
        **_
    ):
        self.server = server
        self.port = port or (8883 if ssl else 1883)
        self.client_id = client_id
        self.ssl = ssl
        self.ssl_params = ssl_params
        self.username = username
        self.password = password
        self.keep_alive_interval = (
            60 if keep_alive_interval is None else keep_alive_interval
        )
        self.wdt_timeout = wdt_timeout
        self.will = will
        # on_message(message) is called for each message, and again a little
        # later while it returns True.
        self.on_message = self._hold
        # Unacknowledged messages outlive a lost connection: the next connect
        # sends them again.
        self.resend = False
        tx = 1024 + len(password or '') + len(will[1] if will else '')
        self.session = Session(1024, 2048, tx, 16)
        self.lost = asyncio.Event()  # the connection has ended
        self.reason = None  # the exception that ended it, None: disconnect
        self._sock = None
        self._tasks = ()
        self._writer = None
        self._answers = {}  # packet identifier: [Event, answer]
        self.unacknowledged = {}  # packet identifier: MQTTMessage
        self.again = []  # (packet identifier, dup) for link.py
        self._wdt = None
        self.held = []  # for consume()
        self._skip_said = False

    async def __aenter__(self):
        await self.connect()
        return self

    async def __aexit__(self, *exc):
        await self.disconnect()

    @property
    def connected(self):
        return self.session.connected

    def where(self):
        return '%s:%d' % (self.server, self.port)

    # Raises OSError when there is no broker, MQTTConnectionRefused when it
    # refuses; both say why in one sentence. Once connected, `lost` tells when
    # it is over.
    async def connect(self):
        if self._sock:
            raise RuntimeError('mqtt: already connected')
        from mpy_blox.mqtt.protocol import link

        try:
            await link.connect(self)
        finally:
            del link
            forget('mpy_blox.mqtt.protocol.link')
            if not self.session.connected:
                self._fail(None)
        if self.wdt_timeout and not self._wdt:
            from machine import WDT

            self._wdt = WDT(timeout=self.wdt_timeout)

    # For link.py: runs the connection over sock, CONNECT is out. Returns
    # CONNACK.
    async def begin(self, sock):
        self._sock = sock
        self.lost.clear()
        self.reason = None
        self._tasks = (
            asyncio.create_task(self._read(sock)),
            asyncio.create_task(self._tick()),
        )
        return await self._answer(0)

    # A generator is a coroutine; only here may it wait on the socket itself.
    # While messages come in nothing is allocated but what is handed on.
    def _read(self, sock):
        session = self.session
        receive = session.receive
        try:
            while True:
                try:
                    event = receive(sock)
                except MemoryError as e:
                    logger.error('a message was dropped', exc_info=e)
                    continue
                if event is None:
                    self._feed_and_send()
                    yield core._io_queue.queue_read(sock)
                elif event is True:
                    self._feed_and_send()
                    yield from core.sleep_ms(0)
                elif event is False:
                    self._send()
                    yield from core.sleep_ms(_POLL_MS)
                elif isinstance(event, tuple):
                    self._event(event)
                else:
                    wait = 0
                    while self.on_message(event):
                        self._feed_and_send()
                        yield from core.sleep_ms(wait)
                        wait = _POLL_MS
        except Exception as e:
            self._fail(e)

    def _feed_and_send(self):
        if self._wdt:
            self._wdt.feed()
        if self.session.pending:
            self._send()

    def _event(self, event):
        kind, identifier = event[0], event[1]
        if kind in (_SUBACK, _UNSUBACK, _PUBACK):
            self.unacknowledged.pop(identifier, None)
            self.answered(identifier, event)
        elif kind == _CONNACK:
            self.answered(0, event)
        elif kind == _RESEND:
            self.again.append((identifier, event[2]))
        elif kind == _SKIPPED:
            self._skipped(event)
        elif kind == _SINK_RAISED:
            logger.error('a sink failed', exc_info=identifier)
        elif kind == _DISCONNECT:
            raise OSError(
                'mqtt: broker %s ended the connection: %s'
                % (self.where(), event[3] or _words(event[2]))
            )
        else:
            raise OSError('mqtt: broker %s: %s' % (self.where(), event[3]))

    # Hands the answer, or an exception, to who waits for it.
    def answered(self, identifier, answer):
        waiting = self._answers.pop(identifier, None)
        if waiting:
            waiting[1] = answer
            waiting[0].set()

    async def _answer(self, identifier):
        waiting = self._answers[identifier] = [asyncio.Event(), None]
        self._try_to_send()
        await waiting[0].wait()
        if isinstance(waiting[1], Exception):
            raise waiting[1]
        return waiting[1]

    def _skipped(self, event):
        if not self._skip_said:
            self._skip_said = True
            logger.warning(
                'a message of %d bytes on %s was skipped: over 8 KiB it needs '
                'a sink (this is said once)',
                event[2],
                event[1],
            )

    async def _tick(self):
        try:
            while True:
                await asyncio.sleep_ms(0)  # what has arrived is read first
                due = self.session.tick(ticks_ms())
                if not isinstance(due, int):
                    self._event(due)
                if self.session.pending:
                    self._send()
                most = 60000 if self.session.connected else 500
                await asyncio.sleep_ms(due if 0 <= due < most else most)
        except Exception as e:
            self._fail(e)

    # Writes what can be written now; the rest when the socket takes it.
    def _send(self):
        if self._sock and not self._writer and self.session.send(self._sock):
            self._writer = asyncio.create_task(self._write(self._sock))

    def _write(self, sock):
        try:
            while self.session.pending:
                yield core._io_queue.queue_write(sock)
                self.session.send(sock)
            self._writer = None
        except Exception as e:
            self._writer = None
            self._fail(e)

    # The connection is over, whoever noticed.
    def _fail(self, exception):
        if not self._sock:
            return
        self.reason = exception
        sock, self._sock = self._sock, None
        tasks = self._tasks + (self._writer,)
        self._tasks = ()
        self._writer = None
        self.again.clear()
        for task in tasks:
            if task and task is not core.cur_task:
                task.cancel()
        try:
            self.session.send(sock)  # why we end it, if that is possible
        except (OSError, ValueError):
            pass
        raised = self.session.close()
        if raised:
            logger.error('a sink failed', exc_info=raised[1])
        try:
            sock.close()
        except OSError:
            pass
        self._give_up(exception or OSError('mqtt: not connected'))
        self.lost.set()

    # Nobody waits for ever for an answer that cannot come.
    def _give_up(self, exception):
        for identifier in list(self._answers):
            if not (self.resend and identifier in self.unacknowledged):
                self.answered(identifier, exception)
        if not self.resend:
            for identifier in self.unacknowledged:
                self.session.forget(identifier)
            self.unacknowledged.clear()

    # Asks until there is room for the request. Returns its identifier.
    async def request(self, topic, function, *arguments):
        while True:
            if not self.session.connected:
                why = self.reason
                if isinstance(why, OSError):
                    raise why
                raise OSError('mqtt: not connected')
            try:
                identifier = function(*arguments)
            except ValueError as e:
                raise ValueError("%s: '%s'" % (e, topic))
            if identifier >= 0:
                return identifier
            self._try_to_send()
            await asyncio.sleep_ms(_POLL_MS)

    def _try_to_send(self):
        try:
            self._send()
        except OSError as e:
            self._fail(e)

    async def _granted(self, identifier, what):
        code, sentence = (await self._answer(identifier))[2:4]
        if code >= 0x80:
            raise ErrorWithMQTTReason(
                code,
                'mqtt: broker %s refused %s: %s%s'
                % (
                    self.where(),
                    what,
                    _words(code),
                    ' (%s)' % sentence if sentence else '',
                ),
            )

    async def subscribe(self, topic_filter, qos=0):
        identifier = await self.request(
            topic_filter, self.session.subscribe, topic_filter, qos
        )
        await self._granted(identifier, 'subscribe ' + topic_filter)

    async def unsubscribe(self, topic_filter):
        identifier = await self.request(
            topic_filter, self.session.unsubscribe, topic_filter
        )
        await self._granted(identifier, 'unsubscribe ' + topic_filter)

    # At QoS 1 it returns when the broker has the message.
    async def publish(self, msg):
        identifier = await self.request(
            msg.topic, self.session.publish, msg, 0, False
        )
        if identifier:
            msg.packet_identifier = identifier
            self.unacknowledged[identifier] = msg
            await self._granted(identifier, 'publish ' + msg.topic)
        else:
            self._try_to_send()

    # Ends the connection as the standard wants: no will is published.
    async def disconnect(self):
        try:
            while self.session.connected and not self.session.disconnect(0):
                await asyncio.sleep_ms(_POLL_MS)
            for _ in range(200):
                if not self._sock or not self.session.pending:
                    break
                self._try_to_send()
                await asyncio.sleep_ms(_POLL_MS)
        finally:
            self.close()
            self.reason = None  # that it was closed is what we wanted

    # Ends it at once, as if it had been lost.
    def drop(self):
        self._fail(None)

    # Ends it at once, and for ever: nobody waits for an acknowledgement.
    def close(self):
        self.resend = False
        self._fail(None)
        self._give_up(OSError('mqtt: not connected'))

    def _hold(self, msg):
        if len(self.held) >= _QUEUE:
            return True
        self.held.append(msg)

    # async for msg in client.consume(): ends with the connection.
    def consume(self):
        from mpy_blox.mqtt.protocol.consumption import Consumption

        return Consumption(self)


def _words(code):
    from mpy_blox.mqtt.protocol.reason import reason_text

    return reason_text(code)



# Frees the memory of a module that is used now and then.
def forget(path):
    parent, _, name = path.rpartition('.')
    if sys.modules.pop(path, None):
        delattr(sys.modules[parent], name)
