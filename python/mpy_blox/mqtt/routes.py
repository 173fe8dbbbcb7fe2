# SPDX-License-Identifier: MIT
# Which consumers get a message, and the messages on their way there. Loaded
# with the first consumer.

import asyncio
import logging

from _blox_mqtt import match
from micropython import const

logger = logging.getLogger('mqtt')

_WAITING = const(16)  # messages that may wait for one consumer
_ROUTES = const(16)  # topics whose consumers are remembered
_PATIENCE = const(100)  # times a full queue is waited for


# Of an MQTTConnectionManager.
class Routes:
    def __init__(self, connection):
        self.connection = connection
        self._known = {}  # topic: the _Queues of its consumers
        self._queues = {}  # id of a consumer: _Queue
        self._slow = ()  # the _Queues that reading waits for

    # Takes a message. Returns True while a consumer's queue is full and
    # reading waits for it: then it is asked again with None.
    def dispatch(self, msg):
        if msg is None:
            return self._is_held_up()
        route = self._known.get(msg.topic)
        if route is None:
            route = self._find_route(msg.topic)
        slow = False
        for queue in route:
            slow = queue.put(msg) or slow
        if slow:
            self._slow = route
        elif len(route) == 1:
            # _Queue.run goes on: until its end C appends what follows.
            self.connection.mqtt_client.session.direct(
                msg.topic, route[0].messages
            )
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
        known = self.connection.subscriptions
        for topic_filter, (_, consumers) in known.items():
            if topic_filter == topic or match(topic_filter, topic):
                for consumer in consumers:
                    queue = self._queue(consumer)
                    if queue and queue not in route:
                        route.append(queue)
        if len(self._known) >= _ROUTES:
            self._known.clear()
        self._known[topic] = route
        return route

    def _queue(self, consumer):
        if consumer is not None and id(consumer) not in self._queues:
            self._queues[id(consumer)] = _Queue(self, consumer)
        return self._queues.get(id(consumer))

    # Somebody came or went: routes are found anew, queues of nobody go.
    def find_anew(self):
        self._known.clear()
        self.no_direct()
        wanted = []
        for _, consumers in self.connection.subscriptions.values():
            wanted.extend(consumers)
        for key, queue in list(self._queues.items()):
            if queue.consumer not in wanted:
                del self._queues[key]

    def no_direct(self):
        client = self.connection.mqtt_client
        if client:
            client.session.direct(None, None)


# Messages on their way to one consumer, handled one after the other. When more
# than _WAITING of them wait, nothing more is read: for messages at QoS 0 about
# a second, then those of a consumer that did not take one meanwhile are
# dropped; those at QoS 1 and 2 never are.
class _Queue:
    def __init__(self, routes, consumer):
        self.routes = routes
        self.consumer = consumer
        self.messages = []
        self.patience = _PATIENCE
        self.running = False
        self.said = False

    # Returns whether reading should wait.
    def put(self, msg):
        full = len(self.messages) > _WAITING
        if full and not msg.qos and self.patience <= 0:
            self.routes.connection.dropped += 1
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
        self.routes.no_direct()
