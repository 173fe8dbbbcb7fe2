# SPDX-License-Identifier: MIT
# Which consumers get a message, and the messages on their way there. Loaded
# with the first consumer.

import asyncio
import gc
import logging

from _blox_mqtt import match
from micropython import const

logger = logging.getLogger('mqtt')

_WAITING = const(16)  # messages that may wait for one consumer
_ROUTES = const(16)  # topics whose consumers are remembered
_PATIENCE = const(100)  # times a full queue is waited for
_SPARE = const(12288)  # bytes of heap that more messages do not take


# Of an MQTTConnectionManager.
class Routes:
    def __init__(self, connection):
        self._connection = connection
        self._known = {}  # topic: the _Queues of its consumers
        self._queues = {}  # id of a consumer: _Queue
        self._slow = ()  # the _Queues that reading waits for

    # Takes a message. Returns True while a consumer's queue is full and
    # reading waits for it: then it is asked again with None.
    def _dispatch(self, msg):
        if msg is None:
            return self._is_held_up()
        route = self._known.get(msg.topic)
        if route is None:
            route = self._find_route(msg.topic)
        slow = False
        for queue in route:
            slow = queue._put(msg) or slow
        if slow:
            self._slow = route
        elif len(route) == 1:
            # _Queue.run goes on: until its end C appends what follows.
            self._connection.mqtt_client._session.collect(
                msg.topic, route[0]._messages
            )
        return slow

    def _is_held_up(self):
        held_up = False
        for queue in self._slow:
            held_up = queue._is_worth_waiting() or held_up
        if not held_up:
            self._slow = ()
        return held_up

    def _find_route(self, topic):
        route = []
        known = self._connection._subscriptions
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
    def _find_anew(self):
        self._known.clear()
        self._no_collecting()
        wanted = []
        for _, consumers in self._connection._subscriptions.values():
            wanted.extend(consumers)
        for key, queue in list(self._queues.items()):
            if queue._consumer not in wanted:
                del self._queues[key]

    # What a consumer does may wait for an answer of the broker's, which comes
    # behind messages that were not read: then they are, as memory allows.
    def _goes_on(self):
        client = self._connection.mqtt_client
        if not (client.queue.count or client._answers):
            return False
        if gc.mem_free() < _SPARE:
            gc.collect()
        return gc.mem_free() >= _SPARE

    def _no_collecting(self):
        client = self._connection.mqtt_client
        if client:
            client._session.collect(None, None)


# Messages on their way to one consumer, handled one after the other. When more
# than _WAITING of them wait, nothing more is read, unless an answer is awaited:
# for messages at QoS 0 about a second, then those of a consumer that did not
# take one meanwhile are dropped; those at QoS 1 and 2 never are.
class _Queue:
    def __init__(self, routes, consumer):
        self._routes = routes
        self._consumer = consumer
        self._messages = []
        self._patience = _PATIENCE
        self._running = False
        self._said = False

    # Returns whether reading should wait.
    def _put(self, msg):
        full = len(self._messages) > _WAITING
        if full and not msg.qos and self._patience <= 0:
            self._routes._connection.dropped += 1
            self._complain('messages are dropped', msg)
            return False
        if full and msg.qos:
            self._complain('everything waits for it', msg)
        self._messages.append(msg)
        if not self._running:
            self._running = True
            asyncio.create_task(self._run())
        full = len(self._messages) > _WAITING
        return full and not (msg.qos and self._routes._goes_on())

    def _complain(self, consequence, msg):
        if not self._said:
            self._said = True
            logger.warning(
                'a consumer of %s is too slow, %s', msg.topic, consequence
            )

    def _is_worth_waiting(self):
        if len(self._messages) <= _WAITING:
            return False
        if self._messages[-1].qos:
            return not self._routes._goes_on()
        self._patience -= 1
        return self._patience > 0

    async def _run(self):
        messages = self._messages
        handle_msg = self._consumer.handle_msg
        while messages:
            for msg in messages:  # those that come meanwhile, too
                try:
                    result = handle_msg(msg)
                    if result is not None:
                        await result
                except (Exception, asyncio.CancelledError) as e:
                    logger.error('handling %s failed', msg.topic, exc_info=e)
                self._patience = _PATIENCE
            del messages[:]
        self._running = False
        self._said = False
        self._routes._no_collecting()
