# SPDX-License-Identifier: MIT
# What an MQTT5Client does seldom: methods, for which this is loaded, and
# forgotten soon.

import asyncio
import logging
from asyncio import core

from micropython import const
from mpy_blox.forget import forget

logger = logging.getLogger('mqtt')

_HELD = const(16)  # messages consume() holds back
# What Session.receive says, the first of a tuple (core/mqtt/session.h).
_CONNACK = const(1)
_SUBACK = const(2)
_UNSUBACK = const(3)
_SKIPPED = const(8)
_RESEND = const(10)


# For MQTT5Client.__getattr__.
def __getattr__(name):
    raise AttributeError("'MQTT5Client' object has no attribute '%s'" % name)


# MQTT5Client(...): see link.start.
def start(self, *args, **kw):
    from mpy_blox.mqtt import link

    link.start(self, *args, **kw)
    del link
    forget('mpy_blox.mqtt.link')


# on_message, for consume().
def hold(self):
    self.held = []
    self.arrived = asyncio.Event()

    def take(msg):
        if msg is not None:
            self.held.append(msg)
            self.arrived.set()
        return len(self.held) >= _HELD

    return take


async def __aenter__(self):
    await self.connect()
    return self


async def __aexit__(self, *exc):
    await self.disconnect()


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
    from mpy_blox.mqtt import link

    try:
        await link.connect(self)
    finally:
        del link
        forget('mpy_blox.mqtt.link')
        if not self.session.connected:
            self._fail(None)
    if self.wdt_timeout and not self._wdt:
        from machine import WDT

        self._wdt = WDT(timeout=self.wdt_timeout)


# Events but those that answer what was published.
def happened(self, event):
    kind, identifier = event[0], event[1]
    if kind == _CONNACK:
        settle(self, self._answers.pop(0, None), event)
    elif kind in (_SUBACK, _UNSUBACK):
        settle(self, self._answers.pop(identifier, None), event)
        self.pump()
    elif kind == _RESEND:
        self._again += ((identifier, event[2]),)
    elif kind == _SKIPPED:
        if self.session.skipped == 1:
            logger.warning(
                'a message of %d bytes on %s was skipped: over 8 KiB it needs '
                'a sink, see add_sink (this is said once)',
                event[2],
                identifier,
            )
    else:
        raise _explain('ended', self, event)


# Hands the answer, or an exception, to who waits for it.
def settle(self, waiting, answer):
    if isinstance(waiting, list):
        waiting[2] = answer
        waiting[1].set()
    elif waiting and isinstance(answer, Exception):
        logger.error('%s was not sent: %s', waiting.topic, answer)
    elif waiting:
        logger.error('%s', denied(self, answer, waiting.topic))


# The answer that comes for this packet identifier; 0: CONNACK.
async def answer(self, identifier):
    waiting = self._answers[identifier] = [None, asyncio.Event(), None]
    self._try_to_send()
    await waiting[1].wait()
    if isinstance(waiting[2], Exception):
        raise waiting[2]
    return waiting[2]


# The connection is over, for this reason.
def ended(self):
    tasks = self._tasks + (self._writer,)
    if self.owner:  # before anything changes: there may be no memory for it
        _connect_again(self.owner)
        self.ready = False
    sock, self._sock = self._sock, None
    self._tasks = self._again = ()
    self._writer = None
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
    _give_up(self, self.reason or OSError('mqtt: not connected'))
    self._has_room()
    if self.lost:
        self.lost.set()
        self.arrived.set()


def _connect_again(owner):
    if owner.is_connected:
        from mpy_blox.mqtt import again

        owner._task = asyncio.create_task(again.stay(owner, True))
        owner.is_connected = False
        again.tidy()


# Nobody waits for ever for an answer that cannot come.
def _give_up(self, exception):
    while self._answers:
        settle(self, self._answers.popitem()[1], exception)
    if not self.owner:
        item = self.queue.take()
        while item:
            msg = item[0] if isinstance(item, list) else item
            if msg.packet_identifier:
                self.session.forget(msg.packet_identifier)
            settle(self, item, exception)
            item = self.queue.take()


# Asks until there is room for the request. Returns its identifier.
async def request(self, topic, function, *arguments):
    while True:
        need_connection(self)
        try:
            identifier = function(*arguments)
        except (ValueError, TypeError) as e:
            raise explained(self, e, topic, arguments[0])
        if identifier >= 0:
            return identifier
        await self._room()


def need_connection(self):
    if not self.session.connected:
        if isinstance(self.reason, OSError):
            raise self.reason
        raise OSError('mqtt: not connected')


# options: the byte of section 3.8.3.1, at its simplest the QoS.
async def subscribe(self, topic_filter, options=0):
    if options > 1:
        attach_extra(self)
    await _ask(
        self, 'subscribe ', self.session.subscribe, topic_filter, options
    )


async def unsubscribe(self, topic_filter):
    await _ask(self, 'unsubscribe ', self.session.unsubscribe, topic_filter)


async def _ask(self, what, function, topic_filter, *options):
    identifier = await request(
        self, topic_filter, function, topic_filter, *options
    )
    said = await answer(self, identifier)
    if said[2] >= 0x80:
        raise denied(self, said, what + topic_filter)


# What the last connection left unanswered: (packet identifier, dup), as far as
# there is room.
def send_again(self):
    while self._again and self.session.connected:
        identifier, dup = self._again[0]
        item = self.queue.find(identifier)
        msg = item[0] if isinstance(item, list) else item
        try:
            if item and self.session.publish(msg, identifier, dup) < 0:
                break
        except Exception as e:
            self.session.forget(identifier)
            self.queue.done(identifier)
            cannot_send(self, item, e)
        if item is None:  # nobody's any more
            self.session.forget(identifier)
        self._again = self._again[1:]


# Not with this broker, or never; the queue has it no more.
def cannot_send(self, item, e):
    if self.keeper:
        self.keeper.done(item)
    msg = item[0] if isinstance(item, list) else item
    settle(self, item, explained(self, e, msg.topic, msg))


# What to raise for a request that the session did not take.
def explained(self, e, topic, argument):
    if not isinstance(e, (ValueError, TypeError)):
        return e
    return _explain('refused', e, topic, argument)


# Runs a function of explain.py, which is loaded for it and forgotten.
def _explain(name, *arguments):
    from mpy_blox.mqtt import explain

    try:
        return getattr(explain, name)(*arguments)
    finally:
        del explain
        forget('mpy_blox.mqtt.explain')
        forget('mpy_blox.mqtt.protocol.reason')


# answer: the broker's no, or what else became of it.
def denied(self, answer, what):
    if isinstance(answer, Exception):
        return answer
    return _explain('denied', self, answer, what)


def full(self, size):
    return _explain('full', self.queue, size)


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
    self.owner = None
    self._fail(None)
    _give_up(self, OSError('mqtt: not connected'))


# async for msg in client.consume(): ends with the connection.
def consume(self):
    from mpy_blox.mqtt.protocol.consumption import Consumption

    return Consumption(self)
