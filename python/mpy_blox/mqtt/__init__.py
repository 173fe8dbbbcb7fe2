# SPDX-License-Identifier: MIT
# Connections that last: reconnecting, subscribing again, handing messages to
# consumers.

import asyncio
import logging
import os

from _blox_mqtt import match
from micropython import const
from mpy_blox.mqtt.protocol.client import forget

logger = logging.getLogger('mqtt')

_DELAY_MIN_MS = const(1000)  # between two tries to connect
_DELAY_MAX_MS = const(60000)
_WAITING = const(16)  # messages that may wait for one consumer
_ROUTES = const(16)  # topics whose consumers are remembered
_PATIENCE = const(100)  # times a message is offered to a full queue again


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
        self.subscriptions = {}  # topic filter: (QoS, [consumers])
        self.sinks = {}  # topic: sink
        self._routes = {}  # topic: the _Queues of its consumers
        self._queues = {}  # id of a consumer: _Queue

    @property
    def client_id(self):
        from binascii import hexlify

        import machine

        unique_id = str(hexlify(machine.unique_id()), 'ascii')
        client_id = '%s-%s' % (os.uname()[0], unique_id)
        if self.name != 'default':
            client_id += '-' + self.name
        return client_id

    @property
    def is_connected(self):
        return self._up.is_set()

    # Returns when there is a connection.
    async def connected(self):
        await self._up.wait()

    # Returns once connected; from then on a lost connection is made again by
    # itself. Raises what MQTT5Client.connect raises unless retry is set: then
    # it goes on trying.
    async def connect(self, retry=False):
        while self._connecting:
            await asyncio.sleep_ms(50)
        if not self._task:
            self._connecting = True
            try:
                self.mqtt_client = None  # the settings may have changed
                self._ended = False
                if not retry:
                    await self._connect_once()
                self._task = asyncio.create_task(self._stay_connected())
            finally:
                self._connecting = False
        await self.connected()

    # A device has one status, that of its default connection.
    def status_topic(self):
        if self.name == 'default':
            return 'mpypi/nodes/%s/status' % self.client_id

    # Once; setup.py is loaded for it and forgotten.
    async def _connect_once(self):
        from mpy_blox.mqtt import setup

        try:
            await setup.connect(self)
        finally:
            del setup
            forget('mpy_blox.mqtt.setup')
        self._up.set()
        self._call(self.on_connect)

    async def _stay_connected(self):
        delay = _DELAY_MIN_MS
        while True:
            if self._up.is_set():
                await self._lost()
                delay = _DELAY_MIN_MS
            try:
                await self._connect_once()
            except Exception as e:
                logger.warning('%s; trying again', e)
                # between a half and the whole, so that a thousand devices
                # do not come back in one moment
                jitter = os.urandom(1)[0]
                await asyncio.sleep_ms(delay // 2 + delay * jitter // 512)
                delay = min(delay * 2, _DELAY_MAX_MS)

    async def _lost(self):
        client = self.mqtt_client
        await client.lost.wait()
        self._up.clear()
        logger.warning('connection lost: %s', client.reason)
        self._call(self.on_disconnect)

    def _call(self, callbacks):
        for callback in callbacks:
            try:
                result = callback(self)
                if hasattr(result, 'send'):
                    asyncio.create_task(result)
            except Exception as e:
                logger.error('a connection callback failed', exc_info=e)

    async def disconnect(self):
        self._ended = True
        task, self._task = self._task, None
        if task:
            task.cancel()
        was_up = self._up.is_set()
        self._up.clear()
        if self.mqtt_client:
            from mpy_blox.mqtt import setup

            await setup.disconnect(self)
            del setup
            forget('mpy_blox.mqtt.setup')
        if was_up:
            self._call(self.on_disconnect)

    # Messages for topic (a filter with + and # is welcome) go to
    # consumer.handle_msg(msg); without a consumer to the sinks alone. Without
    # a connection it takes effect with the next one.
    async def subscribe(self, topic, consumer=None, qos=0):
        known_qos, consumers = self.subscriptions.get(topic, (0, []))
        qos = max(qos, known_qos)
        self.subscriptions[topic] = (qos, consumers)
        if consumer not in consumers:
            consumers.append(consumer)
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
        if self._forget(topic, consumer) and self._up.is_set():
            try:
                await self.mqtt_client.unsubscribe(topic)
            except OSError:
                pass  # the next connection does not subscribe

    # Returns whether that was the last consumer of the topic.
    def _forget(self, topic, consumer):
        _, consumers = self.subscriptions.get(topic, (0, ()))
        if consumer not in consumers:
            return False
        consumers.remove(consumer)
        if not consumers:
            del self.subscriptions[topic]
        self._reroute()
        return not consumers

    # At QoS 1 it returns when the broker has the message. Until there is a
    # connection it waits.
    async def publish(self, msg):
        if self._ended:
            raise OSError('mqtt: disconnected; call connect() first')
        if not (self._up.is_set() or self._connecting or self._task):
            self._say_waiting(msg)
        while True:
            await self.connected()
            try:
                return await self.mqtt_client.publish(msg)
            except OSError:
                # Lost meanwhile: _up is cleared by the task that waits for it.
                await asyncio.sleep_ms(10)

    def _say_waiting(self, msg):
        if not self._wait_said:
            self._wait_said = True
            logger.warning(
                'publishing %s waits for a connection; connect() has not '
                'been called, or failed (this is said once)',
                msg.topic,
            )

    # All payloads of exactly this topic, of any size, go to sink: it is asked
    # begin(topic, size, retain), then written to in C (stream protocol), then
    # told end(ok). Subscribe besides.
    def add_sink(self, topic, sink):
        self.sinks[topic] = sink
        if self.mqtt_client:
            self.mqtt_client.session.sink(topic, sink)

    def remove_sink(self, topic):
        if self.sinks.pop(topic, None) and self.mqtt_client:
            self.mqtt_client.session.sink(topic, None)

    # Returns True while a consumer's queue is full and still moving.
    def dispatch(self, msg):
        route = self._routes.get(msg.topic)
        if route is None:
            route = self._find_route(msg.topic)
        for queue in route:
            if len(queue.messages) >= _WAITING and queue.patience > 0:
                queue.patience -= 1
                return True
        for queue in route:
            queue.put(msg)
        if len(route) == 1:
            # _Queue.run goes on: until its end C appends what follows.
            self.mqtt_client.session.direct(msg.topic, route[0].messages)

    def _find_route(self, topic):
        route = []
        for topic_filter, (_, consumers) in self.subscriptions.items():
            if topic_filter == topic or match(topic_filter, topic):
                for consumer in consumers:
                    queue = self._queue(consumer)
                    if queue and queue not in route:
                        route.append(queue)
        if len(self._routes) >= _ROUTES:
            self._routes.clear()
        self._routes[topic] = route
        return route

    def _queue(self, consumer):
        if consumer is not None and id(consumer) not in self._queues:
            self._queues[id(consumer)] = _Queue(self, consumer)
        return self._queues.get(id(consumer))

    # Somebody came or went: routes are found anew, queues of nobody go.
    def _reroute(self):
        self._routes.clear()
        self._no_direct()
        wanted = []
        for _, consumers in self.subscriptions.values():
            wanted.extend(consumers)
        for key, queue in list(self._queues.items()):
            if queue.consumer not in wanted:
                del self._queues[key]

    def _no_direct(self):
        if self.mqtt_client:
            self.mqtt_client.session.direct(None, None)


# Messages on their way to one consumer, handled one after the other. A
# consumer that did not take one while a full queue was offered more _PATIENCE
# times does not hold the others up: it loses messages.
class _Queue:
    def __init__(self, connection, consumer):
        self.connection = connection
        self.consumer = consumer
        self.messages = []
        self.patience = _PATIENCE
        self.running = False

    def put(self, msg):
        if len(self.messages) >= _WAITING:
            self.drop(msg)
            return
        self.messages.append(msg)
        if not self.running:
            self.running = True
            asyncio.create_task(self.run())

    def drop(self, msg):
        self.connection.dropped += 1
        if self.patience == 0:
            self.patience = -1
            logger.warning(
                'a consumer of %s is too slow, messages are dropped', msg.topic
            )

    async def run(self):
        messages = self.messages
        while messages:
            msg = messages.pop(0)
            self.patience = _PATIENCE
            try:
                await self.consumer.handle_msg(msg)
            except Exception as e:
                logger.error('handling %s failed', msg.topic, exc_info=e)
        self.running = False
        self.connection._no_direct()


class MQTTConsumer:
    def __init__(self, mqtt_connection):
        self.mqtt_conn = mqtt_connection

    async def handle_msg(self, msg):
        raise NotImplementedError('handle_msg')

    async def subscribe(self, topic, qos=0):
        await self.mqtt_conn.subscribe(topic, self, qos)

    async def unsubscribe(self, topic):
        await self.mqtt_conn.unsubscribe(topic, self)
