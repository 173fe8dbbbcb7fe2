# SPDX-License-Identifier: MIT
# One MQTT 5.0 connection: moves bytes between a socket and _blox_mqtt.

import asyncio
import logging
from asyncio import core
from time import ticks_ms

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

_POLL_MS = const(10)  # to wait where nobody tells when there is room
_OVERHEAD = const(32)  # bytes of a message in the queue besides its own


class MQTT5Client:
    # The arguments are those of client_more.start.
    def __init__(self, *arguments, **options):
        self.start(*arguments, **options)

    # What is seldom asked for, connect() and disconnect() too, is a function
    # of client_more.py, which is loaded for it and forgotten.
    def __getattr__(self, name):
        from mpy_blox.mqtt.protocol import client_more

        function = getattr(client_more, name)
        del client_more
        forget('mpy_blox.mqtt.protocol.client_more')
        return lambda *arguments, **options: function(
            self, *arguments, **options
        )

    @property
    def connected(self):
        return self.session.connected

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
            self.skipped(event)
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
            logger.error('%s', self.refusal(answer, waiting.topic))

    async def _answer(self, identifier):
        waiting = self._answers[identifier] = [None, asyncio.Event(), None]
        self._try_to_send()
        return await self._wait_for(waiting)

    async def _wait_for(self, waiting):
        await waiting[1].wait()
        if isinstance(waiting[2], Exception):
            raise waiting[2]
        return waiting[2]

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
                raise self.explained(e, topic, arguments[0])
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

    def _try_to_send(self):
        try:
            self._send()
        except (OSError, ValueError) as e:
            self._fail(e)

    def _granted(self, answer, what):
        if answer[2] >= 0x80:
            raise self.refusal(answer, what)

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
            raise self.explained(e, msg.topic, msg)
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
            e = self.explained(e, msg.topic, msg)
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

    # Ends it at once, and for ever: nobody waits for an acknowledgement.
    def close(self):
        self.resend = False
        self._fail(None)
        self._give_up(OSError('mqtt: not connected'))
