# SPDX-License-Identifier: MIT
# One MQTT 5.0 connection: moves bytes between a socket and _blox_mqtt.

import asyncio
import logging
from asyncio import core
from time import ticks_ms

from _blox_link import Queue
from _blox_mqtt import Session
from micropython import const
from mpy_blox.forget import forget

logger = logging.getLogger('mqtt')

# What Session.receive says, the first of a tuple (core/mqtt/session.h).
_SINK_RAISED = const(0)
_CONNACK = const(1)
_SUBACK = const(2)
_UNSUBACK = const(3)
_PUBACK = const(4)
_SKIPPED = const(8)
_RESEND = const(10)
_PUBREC = const(13)
_PUBCOMP = const(14)

_HELD = const(16)  # messages consume() holds back
_POLL_MS = const(10)  # to wait where nobody tells when there is room
_OVERHEAD = const(32)  # bytes of a message in the queue besides its own


class MQTT5Client:
    # will: None or (topic, payload, qos, retain). session_expiry: for how many
    # seconds the broker keeps what it knows of this client once a connection
    # is lost. extra: QoS 2, properties and subscription options, for which
    # _blox_mqtt_extra is loaded. version: 4 is MQTT 3.1.1. What is not named
    # here may be given and is not used.
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
        queue=None,
        keeper=None,
        session_expiry=None,
        extra=False,
        version=5,
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
        # on_message(message) is called for each message; while it returns
        # True nothing more is read, and it is asked again with None.
        self.on_message = self._hold
        # What waits to be sent: the messages, or [message, Event, answer] of
        # those whose answer somebody waits for. With resend it outlives a
        # lost connection: the next one sends it, once ready is set.
        self.queue = Queue(64, 16384, False) if queue is None else queue
        self.keeper = keeper  # a keeping.Keeper, if they are to be on flash
        self.resend = False
        self.ready = True
        tx = 1024 + len(password or '') + len(will[1] if will else '')
        self.session = Session(1024, 2048, tx, 16)
        self.extra = False
        self.version = version
        if extra or version != 5:
            self.attach_extra()
        if session_expiry is None:
            session_expiry = 3600 if extra else 0
        self.session_expiry = session_expiry
        self.begun = False  # the broker may know this session
        self.lost = asyncio.Event()  # the connection has ended
        self.reason = None  # the exception that ended it, None: disconnect
        self._sock = None
        self._tasks = ()
        self._writer = None
        self._answers = {}  # packet identifier: [None, Event, answer]
        self._again = []  # (packet identifier, dup) of messages to send again
        self._free = asyncio.Event()  # there may be room for a request
        self._wdt = None
        self.held = []  # for consume()
        self.arrived = asyncio.Event()
        self._skip_said = False

    async def __aenter__(self):
        await self.connect()
        return self

    async def __aexit__(self, *exc):
        await self.disconnect()

    @property
    def connected(self):
        return self.session.connected

    # QoS 2, properties and subscription options, from the next connect on.
    def attach_extra(self):
        if not self.extra and not self.session.connected:
            from _blox_mqtt_extra import attach

            attach(self.session)
            self.extra = True

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
        receive = self.session.receive
        take = self.on_message
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
                elif take(event):
                    wait = 0
                    while take(None):
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
        if kind == _PUBREC and event[2] < 0x80:
            return  # PUBCOMP follows
        if kind in (_SUBACK, _UNSUBACK, _PUBACK, _PUBREC, _PUBCOMP):
            if kind == _PUBCOMP:  # delivered, whatever it says
                event = (kind, identifier, 0, None)
            item = self.queue.done(identifier)
            if item:
                self._not_kept(item)
                self._settle(item, event)
            else:
                self._settle(self._answers.pop(identifier, None), event)
            self.pump()
        elif kind == _CONNACK:
            self._settle(self._answers.pop(0, None), event)
        elif kind == _RESEND:
            self._again.append((identifier, event[2]))
        elif kind == _SKIPPED:
            self._skipped(event)
        elif kind == _SINK_RAISED:
            logger.error('a sink failed', exc_info=identifier)
        else:
            from mpy_blox.mqtt.protocol import explain

            raise explain.ended(self, event)

    def _not_kept(self, item):
        if self.keeper:
            self.keeper.done(item[0] if isinstance(item, list) else item)

    # Hands the answer, or an exception, to who waits for it.
    def _settle(self, waiting, answer):
        if isinstance(waiting, list):
            waiting[2] = answer
            waiting[1].set()
        elif isinstance(answer, Exception):
            if waiting:
                logger.error('%s was not sent: %s', waiting.topic, answer)
        elif waiting and answer[2] >= 0x80:
            logger.error('%s', self._refusal(answer, waiting.topic))

    async def _answer(self, identifier):
        waiting = self._answers[identifier] = [None, asyncio.Event(), None]
        self._try_to_send()
        return await self._wait_for(waiting)

    async def _wait_for(self, waiting):
        await waiting[1].wait()
        if isinstance(waiting[2], Exception):
            raise waiting[2]
        return waiting[2]

    def _skipped(self, event):
        if not self._skip_said:
            self._skip_said = True
            logger.warning(
                'a message of %d bytes on %s was skipped: over 8 KiB it needs '
                'a sink, see add_sink (this is said once)',
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
        if self._sock and not self._writer:
            if self.session.send(self._sock):
                self._writer = asyncio.create_task(self._write(self._sock))
            self._free.set()

    def _write(self, sock):
        try:
            while self.session.pending:
                yield core._io_queue.queue_write(sock)
                self.session.send(sock)
                self._free.set()
            self._writer = None
            self.pump()
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
        self._again.clear()
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
        self.arrived.set()
        self._free.set()

    # Nobody waits for ever for an answer that cannot come.
    def _give_up(self, exception):
        while self._answers:
            self._settle(self._answers.popitem()[1], exception)
        if not self.resend:
            item = self.queue.take()
            while item:
                msg = item[0] if isinstance(item, list) else item
                if msg.packet_identifier:
                    self.session.forget(msg.packet_identifier)
                self._settle(item, exception)
                item = self.queue.take()

    # Asks until there is room for the request. Returns its identifier.
    async def request(self, topic, function, *arguments):
        while True:
            self._need_connection()
            try:
                identifier = function(*arguments)
            except (ValueError, TypeError) as e:
                raise self._explained(e, topic, arguments[0])
            if identifier >= 0:
                return identifier
            await self._room()

    def _need_connection(self):
        if not self.session.connected:
            if isinstance(self.reason, OSError):
                raise self.reason
            raise OSError('mqtt: not connected')

    # Returns when there may be more room for a request.
    async def _room(self):
        self._free.clear()
        self._try_to_send()
        await self._free.wait()

    def _explained(self, e, topic, argument):
        from mpy_blox.mqtt.protocol import explain

        try:
            return explain.refused(e, topic, argument)
        finally:
            del explain
            forget('mpy_blox.mqtt.protocol.explain')

    def _try_to_send(self):
        try:
            self._send()
        except (OSError, ValueError) as e:
            self._fail(e)

    def _granted(self, answer, what):
        if answer[2] >= 0x80:
            raise self._refusal(answer, what)

    def _refusal(self, answer, what):
        from mpy_blox.mqtt.protocol import explain

        return explain.denied(self, answer, what)

    # options: the byte of section 3.8.3.1, at its simplest the QoS.
    async def subscribe(self, topic_filter, options=0):
        if options > 1:
            self.attach_extra()
        identifier = await self.request(
            topic_filter, self.session.subscribe, topic_filter, options
        )
        answer = await self._answer(identifier)
        self._granted(answer, 'subscribe ' + topic_filter)

    async def unsubscribe(self, topic_filter):
        identifier = await self.request(
            topic_filter, self.session.unsubscribe, topic_filter
        )
        answer = await self._answer(identifier)
        self._granted(answer, 'unsubscribe ' + topic_filter)

    # At QoS 1 and 2 it returns when the broker has the message, at QoS 0 when
    # it is on its way or, without a connection, in the queue. With wait=False
    # that goes for every QoS.
    async def publish(self, msg, wait=True):
        if not msg.qos and self._at_once(msg):
            return
        item = await self._put(msg, wait)
        if item is not msg:
            answer = await self._wait_for(item)
            self._granted(answer, 'publish ' + msg.topic)

    # Returns whether the message at QoS 0 is out already.
    def _at_once(self, msg):
        session = self.session
        if self.queue.count or not (self.ready and session.connected):
            return False
        try:
            if session.publish(msg, 0, False):
                return False
        except (ValueError, TypeError) as e:
            raise self._explained(e, msg.topic, msg)
        self._try_to_send()
        return True

    # Puts the message into the queue, once there is room if there is a
    # connection. Returns the item.
    async def _put(self, msg, wait):
        queue = self.queue
        qos = msg.qos
        if qos > 1 or msg.properties:
            self.attach_extra()
        item = [msg, asyncio.Event(), None] if qos and wait else msg
        size = len(msg.topic or '') + len(msg.raw_payload) + _OVERHEAD
        while True:
            if not self.resend:
                self._need_connection()
            online = self.session.connected
            if not online or not queue.count or queue.fits(size):
                break
            await self._room()
        if not queue.add(item, qos, size, online):
            from mpy_blox.mqtt.protocol import explain

            raise explain.full(queue, size)
        if self.keeper and not online:
            self.keeper.add(msg)
        self.pump()
        return item

    # Sends what waits, as far as there is room: what the last connection left
    # unanswered before anything new.
    def pump(self):
        session, queue, again = self.session, self.queue, self._again
        while session.connected and (again or self.ready):
            identifier, dup = again[0] if again else (0, False)
            item = queue.find(identifier) if again else queue.next()
            if item is None:
                break
            msg = item[0] if isinstance(item, list) else item
            try:
                sent = session.publish(msg, identifier, dup)
            except Exception as e:
                self._cannot_send(item, msg, identifier, e)
                continue
            if sent < 0:
                break
            if again:
                again.pop(0)
            else:
                queue.sent(sent)
                if sent:
                    msg.packet_identifier = sent
        self._free.set()
        if session.pending:
            self._try_to_send()

    # Not with this broker, or never.
    def _cannot_send(self, item, msg, identifier, e):
        if identifier:
            self.session.forget(identifier)
            self._again.pop(0)
            self.queue.done(identifier)
        else:
            self.queue.fail()
        self._not_kept(item)
        if isinstance(e, (ValueError, TypeError)):
            e = self._explained(e, msg.topic, msg)
        self._settle(item, e)

    # At QoS 0, without waiting and without allocating. Returns whether it was
    # taken: it is not when others wait, without room, without a connection.
    def publish_now(self, topic, payload, retain=False):
        session = self.session
        if self.queue.count or not (self.ready and session.connected):
            return False
        if not session.publish_now(topic, payload, retain):
            return False
        self._try_to_send()
        return True

    # Ends the connection as the standard wants: no will is published.
    async def disconnect(self):
        try:
            while self.session.connected and not self.session.disconnect(0):
                await self._room()
            while self._sock and self.session.pending:
                await asyncio.wait_for_ms(self._room(), 2000)
        except asyncio.TimeoutError:
            pass
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
        if msg is not None:
            self.held.append(msg)
            self.arrived.set()
        return len(self.held) >= _HELD

    # async for msg in client.consume(): ends with the connection.
    def consume(self):
        from mpy_blox.mqtt.protocol.consumption import Consumption

        return Consumption(self)
