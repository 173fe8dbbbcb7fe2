# SPDX-License-Identifier: MIT
# MQTT5Client, one MQTT 5.0 connection: moves bytes between a socket and
# _blox_mqtt. MQTTConnectionManager: connections that last. What they do seldom
# (client_more.py, more.py, setup.py, again.py) is loaded for it and forgotten.
# Handing messages to consumers is mpy_blox.mqtt.routes', which the first of
# them brings.

import asyncio
from asyncio import core
from logging import getLogger

from micropython import const
from mpy_blox.forget import lend

logger = getLogger('mqtt')

# What Session.read says, the first of a tuple (core/mqtt/session.h).
_SINK_RAISED = const(0)
_PUBACK = const(4)
_PUBREC = const(13)
_PUBCOMP = const(14)

_POLL_MS = const(10)  # to wait where nobody tells when there is room
_OVERHEAD = const(32)  # bytes of a message in the queue besides its own

# _state: below it nobody has called connect(), or it failed, or disconnect()
# was called. See more.py.
_TOLD = const(2)


# Programs subclass MQTTConsumer: a device that has no consumer does without it.
# All else that this has not may be a module below it.
def __getattr__(name):
    global MQTTConsumer
    if name == 'MQTTConsumer':
        from mpy_blox.mqtt.consumer import MQTTConsumer

        return MQTTConsumer
    path = 'mpy_blox.mqtt.' + name
    try:
        return __import__(path, None, None, (name,))
    except MemoryError:  # MicroPython may keep nothing by that name
        import sys

        sys.modules.pop(path, None)
        raise


class MQTTConnectionManager:
    _connections = {}

    # The connection of settings key `mqtt`, or of `mqtt_<name>`.
    @classmethod
    def get_connection(cls, name=None):
        name = name or 'default'
        if name not in cls._connections:
            cls._connections[name] = cls(name)
        return cls._connections[name]

    # What it has: see more.start.
    def __init__(self, name='default'):
        self.start(name)

    # connect(), disconnect(), subscribe() and what else is seldom called is a
    # function of more.py.
    def __getattr__(self, name):
        from mpy_blox.mqtt import more

        return lend(getattr(more, name), self, more)

    # At QoS 1 and 2 it returns when the broker has the message, however long
    # that takes; with wait=False, and at QoS 0, when the message is on its
    # way or has a place in the queue. Without a connection and without room
    # in the queue it raises OSError (ENOBUFS).
    def publish(self, msg, wait=True):
        if self._state < _TOLD:
            return self._publish_offline(msg, wait)
        return self.mqtt_client.publish(msg, wait)

    # At QoS 0, at once or not at all: see MQTT5Client.publish_now.
    def publish_now(self, topic, payload, retain=False):
        return self.is_connected and self.mqtt_client.publish_now(
            topic, payload, retain
        )


class MQTT5Client:
    # server, port, client_id, ssl, ssl_params, username, password,
    # keep_alive_interval, and by name what link.start has besides.
    def __init__(self, *args, **kw):
        self._start(args, kw)

    # What is seldom asked for, connect() and subscribe() too, is a function of
    # client_more.py.
    def __getattr__(self, name):
        if name == 'connected':
            return self._session.connected
        from mpy_blox.mqtt import client_more

        return lend(getattr(client_more, name), self, client_more)

    # A generator is a coroutine; only here may it wait on the socket itself.
    # While messages come in nothing is allocated but what is handed on.
    def _read(self, sock):
        read = self._session.read
        try:
            while True:
                try:
                    event = read(sock)
                except MemoryError as e:
                    logger.error('a message was dropped', exc_info=e)
                    event = False
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
                elif self._on_message and self._on_message(event):
                    wait = 0
                    while self._on_message(None):
                        self._feed_and_send()
                        yield from core.sleep_ms(wait)
                        wait = _POLL_MS
        except Exception as e:
            self._fail(e)

    def _feed_and_send(self):
        if self._wdt:
            self._wdt.feed()
        if self._session.pending:
            self._send()

    def _event(self, event):
        kind, identifier, code, _ = event
        if kind == _SINK_RAISED:
            logger.error('a sink failed', exc_info=identifier)
        elif kind == _PUBREC and code < 0x80:
            pass  # PUBCOMP follows
        elif kind == _PUBACK or kind == _PUBREC or kind == _PUBCOMP:
            item = self.queue.done(identifier)
            if item and self._keeper:
                self._keeper.done(item)
            if kind != _PUBCOMP and code >= 0x80:
                self._settle(item, event)
            elif isinstance(item, list):
                item[1].set()
            self._pump()
        else:
            self._happened(event)

    async def _tick(self, sock):
        while self._sock is sock:
            try:
                await core.sleep_ms(0)  # what has arrived is read first
                due = self._session.tick(core.ticks())
                if not isinstance(due, int):
                    self._event(due)
                self._pump()
                if self._reason:
                    raise self._reason  # there was no memory to end it
            except Exception as e:
                self._fail(e)
                due = 500
            most = 60000 if self._session.connected else 500
            await core.sleep_ms(due if 0 <= due < most else most)

    # Writes what can be written now; the rest when the socket takes it.
    def _send(self):
        if self._sock and not self._writer:
            if self._session.send(self._sock):
                self._writer = core.create_task(self._write(self._sock))
            self._has_room()

    def _write(self, sock):
        try:
            while self._session.pending:
                yield core._io_queue.queue_write(sock)
                self._session.send(sock)
                self._has_room()
            self._writer = None
            self._pump()
        except Exception as e:
            self._writer = None
            self._fail(e)

    # The connection is over, whoever noticed. Without memory to end it _tick
    # tries again.
    def _fail(self, exception):
        if self._sock:
            self._reason = exception
            try:
                self._ended()
            except MemoryError:
                pass

    # Returns when there may be more room for a request.
    async def _room(self):
        if not self._free:
            self._free = asyncio.Event()
        free = self._free
        if self._session.pending:  # else an answer makes room
            self._try_to_send()
        await free.wait()

    # Who waits for room looks again.
    def _has_room(self):
        if self._free:
            self._free.set()
            self._free = None

    def _try_to_send(self):
        try:
            self._send()
        except (OSError, ValueError) as e:
            self._fail(e)

    # At QoS 1 and 2 it returns when the broker has the message, at QoS 0 when
    # it is on its way or, without a connection, in the queue. With wait=False
    # that goes for every QoS.
    async def publish(self, msg, wait=True):
        session = self._session
        queue = self.queue
        qos = msg.qos
        if not (qos or queue.count) and self._ready and session.connected:
            try:
                if not session.publish(msg, 0, False):
                    return self._try_to_send()
            except Exception as e:
                raise self._explained(e, msg.topic, msg)
        if (qos > 1 or msg.properties) and not self._extra:
            self._attach_extra()
        item = [msg, asyncio.Event(), None] if qos and wait else msg
        size = len(msg.topic or '') + len(msg.raw_payload) + _OVERHEAD
        while session.connected and queue.count and not queue.fits(size):
            await self._room()
        online = session.connected
        if not (online or self._owner):
            self._need_connection()
        if not queue.add(item, qos, size, online):
            raise self._full(size)
        if self._keeper and not online:
            self._keeper.add(msg)
        self._pump()
        if item is not msg:
            await item[1].wait()
            if item[2]:
                raise self._denied(item[2], 'publish ' + msg.topic)

    # Sends what waits, as far as there is room: what the last connection left
    # unanswered before anything new.
    def _pump(self):
        session, queue = self._session, self.queue
        if self._again:
            self._send_again()
        while self._ready and session.connected and not self._again:
            item = queue.next()
            if item is None:
                break
            msg = item[0] if isinstance(item, list) else item
            try:
                sent = session.publish(msg, 0, False)
            except MemoryError:
                break  # _tick tries again
            except Exception as e:
                queue.discard()
                self._cannot_send(item, e)
                continue
            if sent < 0:
                if session.pending:
                    self._try_to_send()
                    if not session.pending:
                        continue  # there is room now
                break
            queue.sent(sent)
            if sent:
                msg.packet_identifier = sent
        self._has_room()
        if session.pending:
            self._try_to_send()

    # At QoS 0, without waiting and without allocating. Returns whether it was
    # taken: it is not when others wait, without room, without a connection.
    def publish_now(self, topic, payload, retain=False):
        session = self._session
        if self.queue.count or not (self._ready and session.connected):
            return False
        if not session.publish_now(topic, payload, retain):
            return False
        self._try_to_send()
        return True
