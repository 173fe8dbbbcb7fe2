# SPDX-License-Identifier: MIT
# What an MQTT5Client does seldom: methods, for which this is loaded, and
# forgotten soon.

import asyncio
import gc
import logging
from asyncio import core

from micropython import const
from mpy_blox.forget import borrow, forget

logger = logging.getLogger('mqtt')

_HELD = const(16)  # messages consume() holds back
_SPARE = const(12288)  # as in routes.py
# What Session.read says, the first of a tuple (core/mqtt/session.h).
_CONNACK = const(1)
_SUBACK = const(2)
_UNSUBACK = const(3)
_SKIPPED = const(8)
_RESEND = const(10)
_UNREAD = const(16)


# For MQTT5Client.__getattr__.
def __getattr__(name):
    raise AttributeError("'MQTT5Client' object has no attribute '%s'" % name)


# MQTT5Client(...): see link.start.
def _start(self, args, kw):
    from mpy_blox.mqtt import link

    link.start(self, args, kw)
    del link
    forget('mpy_blox.mqtt.link')


# on_message, for consume().
def _hold(self):
    self._held = []
    self._arrived = asyncio.Event()

    def take(msg):
        if msg is not None:
            self._held.append(msg)
            self._arrived.set()
        if len(self._held) < _HELD:
            return False
        # An answer that is awaited stands behind messages that were not read.
        if not (self.queue.count or self._answers):
            return True
        if gc.mem_free() < _SPARE:
            gc.collect()
        return gc.mem_free() < _SPARE

    return take


async def __aenter__(self):
    await self.connect()
    return self


async def __aexit__(self, *exc):
    await self.disconnect()


# QoS 2, properties and subscription options, from the next connect on.
def _attach_extra(self):
    if not self._extra and not self._session.connected:
        __import__('_blox_mqtt_extra').attach(self._session)
        self._extra = True


def _where(self):
    return '%s:%d' % (self.server, self.port)


# Raises OSError when there is no broker, MQTTConnectionRefused when it
# refuses; both say why in one sentence.
async def connect(self):
    if self._sock and not self._tasks:  # there was no memory to end it
        self._fail(None)
    if self._sock:
        raise RuntimeError('mqtt: already connected')
    from mpy_blox.mqtt import link

    try:
        await link.connect(self)
    finally:
        del link
        forget('mpy_blox.mqtt.link')
        if not self._session.connected:
            self._fail(None)


# Events but those that answer what was published.
def _happened(self, event):
    kind, identifier = event[0], event[1]
    if kind == _CONNACK:
        _settle(self, self._answers.pop(0, None), event)
    elif kind in (_SUBACK, _UNSUBACK):
        _settle(self, self._answers.pop(identifier, None), event)
        self._pump()
    elif kind == _RESEND:
        self._again += ((identifier, event[2]),)
    elif kind == _SKIPPED:
        if event[3] == 1 and identifier is None:
            logger.warning(
                'a message was skipped: its topic and properties are over '
                '1 KiB, or there was no memory for them (this is said once)'
            )
        elif event[3] == 1:
            logger.warning(
                'a message of %d bytes on %s was skipped: over 8 KiB it needs '
                'a sink, see add_sink (this is said once)',
                event[2],
                identifier,
            )
    elif kind == _UNREAD:
        asyncio.create_task(_hear(self._owner, identifier, event[2]))
    else:
        raise _explain('ended', self, event)


async def _hear(owner, what, files):
    try:
        return await borrow('mqtt.news').hear(owner, what, files)
    except MemoryError:
        pass
    gc.collect()
    borrow('marks').logger().error(
        'not enough memory for an update beside the program; it is begun after '
        'the next reset'
    )
    from mpy_blox.config import config

    borrow('early').starve(config.get('update.auto_update'), files)


# Hands the answer, or an exception, to who waits for it.
def _settle(self, waiting, answer):
    if isinstance(waiting, list):
        waiting[2] = answer
        waiting[1].set()
    elif waiting and isinstance(answer, Exception):
        logger.error('%s was not sent: %s', waiting.topic, answer)
    elif waiting:
        logger.error('%s', _denied(self, answer, waiting.topic))


# The answer that comes for this packet identifier; 0: CONNACK.
async def _answer(self, identifier):
    waiting = self._answers[identifier] = [None, asyncio.Event(), None]
    self._try_to_send()
    await waiting[1].wait()
    if isinstance(waiting[2], Exception):
        raise waiting[2]
    return waiting[2]


# The connection is over, for this reason.
def _ended(self):
    # Before anything changes: there may be no memory for it.
    tasks = self._tasks + (self._writer,)
    reason = self._reason or OSError('mqtt: not connected')
    if self._owner:
        _connect_again(self._owner)
        self._ready = False
    sock, self._sock = self._sock, False
    self._tasks = self._again = ()
    self._writer = None
    for task in tasks:
        if task and task is not core.cur_task:
            task.cancel()
    try:
        self._session.send(sock)  # why we end it, if that is possible
    except (OSError, ValueError, MemoryError):
        pass
    try:
        raised = self._session.close()
        if raised:
            logger.error('a sink failed', exc_info=raised[1])
    except MemoryError:
        pass
    try:
        sock.close()
    except (OSError, MemoryError):
        pass
    _give_up(self, reason)
    self._has_room()
    if self._arrived:
        self._arrived.set()


def _connect_again(owner):
    if owner.is_connected:
        from mpy_blox.mqtt import again

        owner._task = asyncio.create_task(again.stay(owner, True))
        owner.is_connected = False
        again.tidy()


# Nobody waits for ever for an answer that cannot come.
def _give_up(self, exception):
    for identifier in self._answers:  # no popitem(): that takes memory
        _settle(self, self._answers[identifier], exception)
    self._answers.clear()
    if not self._owner:
        item = self.queue.pop()
        while item:
            msg = item[0] if isinstance(item, list) else item
            if msg.packet_identifier:
                self._session.forget(msg.packet_identifier)
            _settle(self, item, exception)
            item = self.queue.pop()


# Asks until there is room for the request. Returns its identifier.
async def _request(self, topic, function, *arguments):
    while True:
        _need_connection(self)
        try:
            identifier = function(*arguments)
        except (ValueError, TypeError) as e:
            raise _explained(self, e, topic, arguments[0])
        if identifier >= 0:
            return identifier
        await self._room()


def _need_connection(self):
    if not self._session.connected:
        if isinstance(self._reason, OSError):
            raise self._reason
        raise OSError('mqtt: not connected')


# qos: or the whole byte of section 3.8.3.1.
async def subscribe(self, topic_filter, qos=0):
    if qos > 1:
        _attach_extra(self)
    await _ask(self, 'subscribe ', self._session.subscribe, topic_filter, qos)


async def unsubscribe(self, topic_filter):
    await _ask(self, 'unsubscribe ', self._session.unsubscribe, topic_filter)


async def _ask(self, what, function, topic, *qos):
    identifier = await _request(self, topic, function, topic, *qos)
    said = await _answer(self, identifier)
    if said[2] >= 0x80:
        raise _denied(self, said, what + topic)


# What the last connection left unanswered: (packet identifier, dup), as far as
# there is room.
def _send_again(self):
    session = self._session
    while self._again and session.connected:
        identifier, dup = self._again[0]
        left = self._again[1:]
        item = self.queue.find(identifier)
        sent = 0
        try:
            if item:
                msg = item[0] if isinstance(item, list) else item
                sent = session.publish(msg, identifier, dup)
            else:  # nobody's any more
                session.forget(identifier)
        except MemoryError:
            sent = -1
        except Exception as e:
            session.forget(identifier)
            self.queue.done(identifier)
            _cannot_send(self, item, e)
        if sent >= 0:
            self._again = left
        elif not _makes_room(self):
            break


# Whether there is more room than there was.
def _makes_room(self):
    if self._session.pending:
        self._try_to_send()
        return not self._session.pending


# Not with this broker, or never; the queue has it no more.
def _cannot_send(self, item, e):
    if self._keeper:
        self._keeper.done(item)
    msg = item[0] if isinstance(item, list) else item
    _settle(self, item, _explained(self, e, msg.topic, msg))


# What to raise for a request that the session did not take.
def _explained(self, e, topic, argument):
    if not isinstance(e, (ValueError, TypeError)):
        return e
    return _explain('refused', e, topic, argument, self._extra)


# Runs a function of explain.py, which is loaded for it and forgotten.
def _explain(name, *arguments):
    explain = borrow('mqtt.explain')
    try:
        return getattr(explain, name)(*arguments)
    finally:
        forget('mpy_blox.mqtt.protocol.reason')


# answer: the broker's no, or what else became of it.
def _denied(self, answer, what):
    if isinstance(answer, Exception):
        return answer
    return _explain('denied', self, answer, what)


def _full(self, size):
    return _explain('full', self.queue, size)


# Ends the connection as the standard wants: no will is published.
async def disconnect(self):
    try:
        while self._session.connected and not self._session.disconnect(0):
            await self._room()
        while self._sock and self._session.pending:
            await asyncio.wait_for_ms(self._room(), 2000)
    except asyncio.TimeoutError:
        pass
    finally:
        self.close()
        self._reason = None  # that it was closed is what we wanted


# Ends it at once, as if it had been lost.
def _drop(self):
    self._fail(None)


# Ends it at once, and for ever: nobody waits for an acknowledgement.
def close(self):
    self._owner = None
    self._fail(None)
    _give_up(self, OSError('mqtt: not connected'))


# async for msg in client.consume(): ends with the connection.
def consume(self):
    return borrow('mqtt.protocol.consumption').Consumption(self)
