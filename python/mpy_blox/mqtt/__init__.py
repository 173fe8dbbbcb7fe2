# SPDX-License-Identifier: MIT
# Connections that last: reconnecting, subscribing again. Handing messages to
# consumers is mpy_blox.mqtt.routes', which the first of them brings.

import asyncio
import logging
from os import uname

from machine import unique_id
from mpy_blox.forget import forget

logger = logging.getLogger('mqtt')


class MQTTConnectionManager:
    _connections = {}

    # The connection of settings key `mqtt`, or of `mqtt_<name>`.
    @classmethod
    def get_connection(cls, name=None):
        name = name or 'default'
        if name not in cls._connections:
            cls._connections[name] = cls(name)
        return cls._connections[name]

    def __init__(self, name='default'):
        self.name = name
        self.key = 'mqtt' if name == 'default' else 'mqtt_' + name
        self.client_id = '%s-%s' % (uname()[0], unique_id().hex())
        if name != 'default':
            self.client_id += '-' + name
        self.mqtt_client = None
        self.on_connect = []  # called with the connection, also coroutines
        self.on_disconnect = []
        self.dropped = 0  # messages a consumer was too slow for
        self._up = asyncio.Event()
        self._task = None
        self._connecting = False
        self._ended = False  # by disconnect()
        self._wait_said = False
        # For setup.py, too.
        self.link = None
        self.servers = ()  # (host, port)
        self.subscriptions = {}  # topic filter: (options, [consumers])
        self.stale = []  # unsubscribed while there was no connection
        self.sinks = {}  # topic filter: sink
        self._routes = None  # routes.Routes, once there is a consumer

    @property
    def is_connected(self):
        return self._up.is_set()

    # Returns when there is a connection.
    async def connected(self):
        await self._up.wait()

    # Returns once connected; from then on a lost connection is made again by
    # itself. Raises what MQTT5Client.connect raises when no server of the
    # settings is to be had, unless retry is set: then it goes on trying.
    async def connect(self, retry=False):
        while self._connecting:
            await asyncio.sleep_ms(50)
        if not self._task:
            await self._setup('begin', retry)
        await self.connected()

    # A device has one status, that of its default connection.
    def status_topic(self):
        if self.name == 'default':
            return 'mpypi/nodes/%s/status' % self.client_id

    # Runs a function of setup.py, which is loaded for it and forgotten.
    def _setup(self, name, *arguments):
        from mpy_blox.mqtt import setup

        function = getattr(setup, name)
        del setup
        forget('mpy_blox.mqtt.setup')
        return function(self, *arguments)

    async def _stay_connected(self):
        while True:
            if self._up.is_set():
                await self.mqtt_client.lost.wait()
                self._up.clear()
                self.mqtt_client.ready = False
                wait = self._setup('failed', None)
                self._call(self.on_disconnect)
                await asyncio.sleep_ms(wait)
            try:
                await self._setup('connect')
            except Exception as e:
                await asyncio.sleep_ms(self._setup('failed', e))

    def _call(self, callbacks):
        for callback in callbacks:
            try:
                result = callback(self)
                if hasattr(result, 'send'):
                    asyncio.create_task(result)
            except Exception as e:
                logger.error('a connection callback failed', exc_info=e)

    async def disconnect(self):
        await self._setup('disconnect')

    # Messages for topic (a filter with + and # is welcome) go to
    # consumer.handle_msg(msg); without a consumer to the sinks alone. Without
    # a connection it takes effect with the next one. options: no_local,
    # retain_as_published, retain_handling (0 to 2) as in section 3.8.3.1.
    async def subscribe(self, topic, consumer=None, qos=0, **options):
        if options:
            qos |= self._setup('options', options)
        known, consumers = self.subscriptions.get(topic, (0, []))
        if not options:  # the QoS that the most exacting consumer wants
            qos = max(qos, known & 3) | known & ~3
        self.subscriptions[topic] = (qos, consumers)
        if consumer not in consumers:
            consumers.append(consumer)
            if consumer is not None:
                self._reroute()
        if not self._up.is_set():
            return
        try:
            await self.mqtt_client.subscribe(topic, qos)
        except OSError:
            pass  # the next connection subscribes
        except Exception:
            self._forget(topic, consumer)
            raise

    async def unsubscribe(self, topic, consumer=None):
        if not self._forget(topic, consumer):
            return
        try:
            if self._up.is_set():
                return await self.mqtt_client.unsubscribe(topic)
        except OSError:
            pass
        self.stale.append(topic)

    # Returns whether that was the last consumer of the topic.
    def _forget(self, topic, consumer):
        _, consumers = self.subscriptions.get(topic, (0, ()))
        if consumer not in consumers:
            return False
        consumers.remove(consumer)
        if not consumers:
            del self.subscriptions[topic]
        if consumer is not None:
            self._reroute()
        return not consumers

    def _reroute(self):
        if not self._routes:
            from mpy_blox.mqtt.routes import Routes

            self._routes = Routes(self)
        self._routes.find_anew()

    # Takes a message. Returns True while a consumer's queue is full and
    # reading waits for it: then it is asked again with None. Without Routes
    # there are none but those that take a message at once.
    def dispatch(self, msg):
        if self._routes:
            return self._routes.dispatch(msg)
        for consumer in self.subscriptions.get(msg.topic, (0, ()))[1]:
            if consumer:
                consumer.handle_msg(msg)

    # At QoS 1 and 2 it returns when the broker has the message, however long
    # that takes; with wait=False, and at QoS 0, when the message is on its
    # way or has a place in the queue. Without a connection and without room
    # in the queue it raises OSError (ENOBUFS).
    async def publish(self, msg, wait=True):
        if self._ended:
            raise OSError('mqtt: disconnected; call connect() first')
        if not (self._task or self._connecting or self._wait_said):
            self._setup('say_waiting', msg)
        await self.mqtt_client.publish(msg, wait)

    # At QoS 0, at once or not at all: see MQTT5Client.publish_now.
    def publish_now(self, topic, payload, retain=False):
        return self._up.is_set() and self.mqtt_client.publish_now(
            topic, payload, retain
        )

    # All payloads of this topic (or filter), of any size, go to sink: it is
    # asked begin(topic, size, retain), then written to in C (stream
    # protocol), then told end(ok). Subscribe besides.
    def add_sink(self, topic, sink):
        self.sinks[topic] = sink
        if self.mqtt_client:
            self.mqtt_client.session.sink(topic, sink)

    def remove_sink(self, topic):
        if self.sinks.pop(topic, None) and self.mqtt_client:
            self.mqtt_client.session.sink(topic, None)


class MQTTConsumer:
    def __init__(self, mqtt_connection):
        self.mqtt_conn = mqtt_connection

    async def handle_msg(self, msg):
        raise NotImplementedError('handle_msg')

    async def subscribe(self, topic, qos=0, **options):
        await self.mqtt_conn.subscribe(topic, self, qos, **options)

    async def unsubscribe(self, topic):
        await self.mqtt_conn.unsubscribe(topic, self)
