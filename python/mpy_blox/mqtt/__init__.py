# SPDX-License-Identifier: MIT
# Connections that last: reconnecting, subscribing again, handing messages to
# consumers.

import asyncio
import logging
import os
import time

from _blox_mqtt import match
from micropython import const
from mpy_blox.forget import forget

logger = logging.getLogger('mqtt')

_WAITING = const(16)  # messages that may wait for one consumer
_ROUTES = const(16)  # topics whose consumers are remembered
_PATIENCE = const(100)  # times a full queue is waited for


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
        self.link = None
        self.servers = ()  # (host, port)
        self.subscriptions = {}  # topic filter: (options, [consumers])
        self.stale = []  # unsubscribed while there was no connection
        self.sinks = {}  # topic filter: sink
        self._routes = {}  # topic: the _Queues of its consumers
        self._queues = {}  # id of a consumer: _Queue
        self._slow = ()  # the _Queues that reading waits for

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
    # itself. Raises what MQTT5Client.connect raises when no server of the
    # settings is to be had, unless retry is set: then it goes on trying.
    async def connect(self, retry=False):
        while self._connecting:
            await asyncio.sleep_ms(50)
        if not self._task:
            self._connecting = True
            try:
                self._ended = False
                self._setup('prepare')
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

    # Runs a function of setup.py, which is loaded for it.
    def _setup(self, name, *arguments):
        from mpy_blox.mqtt import setup

        return getattr(setup, name)(self, *arguments)

    # Each server once.
    async def _connect_once(self):
        for _ in range(len(self.servers) - 1):
            try:
                return await self._try()
            except Exception as e:
                await self._failed(e)
        try:
            await self._try()
        except Exception as e:
            self.link.failed(_cause(e), _reason(e), time.ticks_ms(), 0)
            raise

    # The server whose turn it is, once.
    async def _try(self):
        try:
            await self._setup('connect')
        finally:
            _tidy()
        away, say = self.link.connected(time.ticks_ms())
        self._setup('say_connected', away, say)
        _tidy()
        self._up.set()
        self.mqtt_client.ready = True
        self.mqtt_client.pump()
        self._call(self.on_connect)

    async def _stay_connected(self):
        while True:
            if self._up.is_set():
                await self.mqtt_client.lost.wait()
                self._up.clear()
                self.mqtt_client.ready = False
                wait = self._setup('failed', None)
                self._call(self.on_disconnect)
                await self._pause(wait)
            try:
                await self._try()
            except Exception as e:
                await self._failed(e)

    # Says so, if that is not known yet, and waits as long as is wise.
    async def _failed(self, e):
        await self._pause(self._setup('failed', e))

    async def _pause(self, wait):
        _tidy()
        await asyncio.sleep_ms(wait)

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
            await self._setup('disconnect')
            _tidy()
        if was_up:
            self._call(self.on_disconnect)

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
        self._reroute()
        return not consumers

    # At QoS 1 and 2 it returns when the broker has the message, however long
    # that takes; with wait=False, and at QoS 0, when the message is on its
    # way or has a place in the queue. Without a connection and without room
    # in the queue it raises OSError (ENOBUFS).
    async def publish(self, msg, wait=True):
        if self._ended:
            raise OSError('mqtt: disconnected; call connect() first')
        if not self._up.is_set():
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

    # Takes a message. Returns True while a consumer's queue is full and
    # reading waits for it: then it is asked again with None.
    def dispatch(self, msg):
        if msg is None:
            return self._is_held_up()
        route = self._routes.get(msg.topic)
        if route is None:
            route = self._find_route(msg.topic)
        slow = False
        for queue in route:
            slow = queue.put(msg) or slow
        if slow:
            self._slow = route
        elif len(route) == 1:
            # _Queue.run goes on: until its end C appends what follows.
            self.mqtt_client.session.direct(msg.topic, route[0].messages)
        return slow

    def _is_held_up(self):
        held_up = False
        for queue in self._slow:
            held_up = queue.is_worth_waiting() or held_up
        if not held_up:
            self._slow = ()
        return held_up

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


# Messages on their way to one consumer, handled one after the other. When more
# than _WAITING of them wait, nothing more is read: for messages at QoS 0 about
# a second, then those of a consumer that did not take one meanwhile are
# dropped; those at QoS 1 and 2 never are.
class _Queue:
    def __init__(self, connection, consumer):
        self.connection = connection
        self.consumer = consumer
        self.messages = []
        self.patience = _PATIENCE
        self.running = False
        self.said = False

    # Returns whether reading should wait.
    def put(self, msg):
        full = len(self.messages) > _WAITING
        if full and not msg.qos and self.patience <= 0:
            self.connection.dropped += 1
            self.complain('messages are dropped', msg)
            return False
        if full and msg.qos:
            self.complain('everything waits for it', msg)
        self.messages.append(msg)
        if not self.running:
            self.running = True
            asyncio.create_task(self.run())
        return len(self.messages) > _WAITING

    def complain(self, consequence, msg):
        if not self.said:
            self.said = True
            logger.warning(
                'a consumer of %s is too slow, %s', msg.topic, consequence
            )

    def is_worth_waiting(self):
        if len(self.messages) <= _WAITING:
            return False
        if not self.messages[-1].qos:
            self.patience -= 1
        return self.patience > 0

    async def run(self):
        messages = self.messages
        handle_msg = self.consumer.handle_msg
        while messages:
            for msg in messages:  # those that come meanwhile, too
                try:
                    result = handle_msg(msg)
                    if result is not None:
                        await result
                except Exception as e:
                    logger.error('handling %s failed', msg.topic, exc_info=e)
                self.patience = _PATIENCE
            del messages[:]
        self.running = False
        self.said = False
        self.connection._no_direct()


class MQTTConsumer:
    def __init__(self, mqtt_connection):
        self.mqtt_conn = mqtt_connection

    async def handle_msg(self, msg):
        raise NotImplementedError('handle_msg')

    async def subscribe(self, topic, qos=0, **options):
        await self.mqtt_conn.subscribe(topic, self, qos, **options)

    async def unsubscribe(self, topic):
        await self.mqtt_conn.unsubscribe(topic, self)


# What only connecting needs leaves the heap.
def _tidy():
    forget('mpy_blox.mqtt.setup')
    for name in ('link', 'explain', 'reason', 'tls'):
        forget('mpy_blox.mqtt.protocol.' + name)


def _cause(e):
    return getattr(e, 'cause', 2)  # no answer


def _reason(e):
    return getattr(e, 'reason_code', 0)
