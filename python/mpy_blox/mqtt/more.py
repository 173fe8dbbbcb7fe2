# SPDX-License-Identifier: MIT
# What an MQTTConnectionManager does seldom: methods, for which this is loaded,
# and forgotten soon.

import asyncio

from micropython import const
from mpy_blox.forget import forget

# _state, in setup.py as well
_ENDED = const(1)  # by disconnect(); 0: connect() was not called, or failed
_TOLD = const(2)  # that what is published waits for connect()
_CONNECTING = const(3)
_STAYING = const(4)  # connected, or trying to


# For MQTTConnectionManager.__getattr__.
def __getattr__(name):
    raise AttributeError(
        "'MQTTConnectionManager' object has no attribute '%s'" % name
    )


# MQTTConnectionManager(name).
def start(self, name):
    from os import uname

    from machine import unique_id

    self.name = name
    self.client_id = '%s-%s' % (uname()[0], unique_id().hex())
    if name != 'default':
        self.client_id += '-' + name
    self.mqtt_client = None
    self.is_connected = False
    self.on_connect = []  # called with the connection, also coroutines
    self.on_disconnect = []
    self.dropped = 0  # messages a consumer was too slow for
    self._subscriptions = {}  # topic filter: (options, consumers)
    self._sinks = {}  # topic filter: sink
    self._stale = ()  # unsubscribed while there was no connection
    self._servers = ()  # (host, port)
    self._link = None
    self._state = 0
    self._task = None  # that connects again
    self._up = None  # the Event of who waits for a connection
    self._routes = None  # routes.Routes, once there is a consumer


# Returns when there is a connection.
async def connected(self):
    while not self.is_connected:
        if not self._up:
            self._up = asyncio.Event()
        await self._up.wait()


# Returns once connected; from then on a lost connection is made again by
# itself. Raises what MQTT5Client.connect raises when no server of the
# settings is to be had, unless retry is set: then it goes on trying.
async def connect(self, retry=False):
    while self._state == _CONNECTING:
        await asyncio.sleep_ms(50)
    if self._state != _STAYING:
        await _of_setup('begin', self, retry)
    await connected(self)


async def disconnect(self):
    await _of_setup('disconnect', self)


# Runs a function of setup.py, which is loaded for it and forgotten.
def _of_setup(name, *arguments):
    from mpy_blox.mqtt import setup

    function = getattr(setup, name)
    del setup
    forget('mpy_blox.mqtt.setup')
    return function(*arguments)


# A device has one status, that of its default connection.
def _status_topic(self):
    if self.name == 'default':
        return 'mpypi/nodes/%s/status' % self.client_id


# publish() while nobody wants a connection: the message waits for one, which
# is said once.
async def _publish_offline(self, msg, wait):
    if self._state == _ENDED:
        raise OSError('mqtt: disconnected; call connect() first')
    if self._state < _TOLD:
        _of_setup('say_waiting', self, msg)
    await self.mqtt_client.publish(msg, wait)


# Messages for topic (a filter with + and # is welcome) go to
# consumer.handle_msg(msg); without a consumer to the sinks alone. Without a
# connection it takes effect with the next one. options: no_local,
# retain_as_published, retain_handling (0 to 2) as in section 3.8.3.1.
async def subscribe(self, topic, consumer=None, qos=0, **options):
    if options:
        qos |= _byte(options)
    if not isinstance(topic, (str, bytes)):
        raise TypeError(
            'mqtt: a topic filter is a str, not %s' % type(topic).__name__
        )
    if not (consumer is None or hasattr(consumer, 'handle_msg')):
        raise TypeError(
            'mqtt: a consumer of %s needs handle_msg(msg)' % topic
        )
    for same in self._sinks:
        if same == topic:
            topic = same  # one text is enough
    known, consumers = self._subscriptions.get(topic, (0, ()))
    if not options:  # the QoS that the most exacting consumer wants
        qos = max(qos, known & 3) | known & ~3
    new = consumer not in consumers
    if new:
        consumers += (consumer,)
    self._subscriptions[topic] = qos, consumers
    if new and consumer is not None:
        _reroute(self)
    if not self.is_connected:
        return
    try:
        await self.mqtt_client.subscribe(topic, qos)
    except OSError:
        pass  # the next connection subscribes
    except Exception:
        _forget(self, topic, consumer)
        raise


# The byte of section 3.8.3.1 but for the QoS.
def _byte(options):
    handling = options.pop('retain_handling', 0)
    byte = (
        4 * bool(options.pop('no_local', False))
        | 8 * bool(options.pop('retain_as_published', False))
        | 16 * handling
    )
    if options or handling not in (0, 1, 2):
        raise ValueError(
            'mqtt: subscribe() takes no_local, retain_as_published and '
            'retain_handling (0 to 2), not %s'
            % (', '.join(options) or handling)
        )
    return byte


async def unsubscribe(self, topic, consumer=None):
    if not _forget(self, topic, consumer):
        return
    try:
        if self.is_connected:
            return await self.mqtt_client.unsubscribe(topic)
    except OSError:
        pass
    self._stale += (topic,)


# Returns whether that was the last consumer of the topic.
def _forget(self, topic, consumer):
    qos, consumers = self._subscriptions.get(topic, (0, ()))
    if consumer not in consumers:
        return False
    consumers = tuple([c for c in consumers if c is not consumer])
    if consumers:
        self._subscriptions[topic] = qos, consumers
    else:
        del self._subscriptions[topic]
    if consumer is not None:
        _reroute(self)
    return not consumers


def _reroute(self):
    if not self._routes:
        from mpy_blox.mqtt.routes import Routes

        self._routes = Routes(self)
        if self.mqtt_client:
            self.mqtt_client._on_message = self._routes._dispatch
    self._routes._find_anew()


# All payloads of this topic (or filter), of any size, go to sink: it is asked
# begin(topic, size, retain), then written to in C (stream protocol), then told
# end(ok). Subscribe besides.
def add_sink(self, topic, sink):
    self._sinks[topic] = sink
    if self.mqtt_client:
        self.mqtt_client._session.sink(topic, sink)


def remove_sink(self, topic):
    if self._sinks.pop(topic, None) and self.mqtt_client:
        self.mqtt_client._session.sink(topic, None)
