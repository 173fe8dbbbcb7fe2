# SPDX-License-Identifier: MIT
# What an MQTT5Client does seldom: methods, for which this is loaded, and
# forgotten once they have begun.

import asyncio
import logging

from _blox_link import Queue
from _blox_mqtt import Session
from micropython import const
from mpy_blox.forget import forget

_HELD = const(16)  # messages consume() holds back


# MQTT5Client(...). will: None or (topic, payload, qos, retain).
# session_expiry: for how many seconds the broker keeps what it knows of this
# client once a connection is lost. extra: QoS 2, properties and subscription
# options, for which _blox_mqtt_extra is loaded. version: 4 is MQTT 3.1.1. What
# is not named here may be given and is not used.
def start(
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
    self.on_message = lambda msg: _hold(self, msg)
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
        attach_extra(self)
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


def _hold(self, msg):
    if msg is not None:
        self.held.append(msg)
        self.arrived.set()
    return len(self.held) >= _HELD


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


def skipped(self, event):
    if not self._skip_said:
        self._skip_said = True
        logging.getLogger('mqtt').warning(
            'a message of %d bytes on %s was skipped: over 8 KiB it needs '
            'a sink, see add_sink (this is said once)',
            event[2],
            event[1],
        )


def explained(self, e, topic, argument):
    from mpy_blox.mqtt.protocol import explain

    try:
        return explain.refused(e, topic, argument)
    finally:
        del explain
        forget('mpy_blox.mqtt.protocol.explain')


def refusal(self, answer, what):
    from mpy_blox.mqtt.protocol import explain

    return explain.denied(self, answer, what)


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


# async for msg in client.consume(): ends with the connection.
def consume(self):
    from mpy_blox.mqtt.protocol.consumption import Consumption

    return Consumption(self)
