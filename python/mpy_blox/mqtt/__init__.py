# SPDX-License-Identifier: MIT
# Connections that last: reconnecting, subscribing again. What they do seldom
# (more.py, setup.py, again.py) is loaded for it and forgotten. Handing messages
# to consumers is mpy_blox.mqtt.routes', which the first of them brings.

from micropython import const
from mpy_blox.forget import lend

# _state: below it nobody has called connect(), or it failed, or disconnect()
# was called. See more.py.
_TOLD = const(2)


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


class MQTTConsumer:
    def __init__(self, mqtt_connection):
        self.mqtt_conn = mqtt_connection

    async def handle_msg(self, msg):
        raise NotImplementedError('handle_msg')

    def subscribe(self, topic, qos=0, **options):
        return self.mqtt_conn.subscribe(topic, self, qos, **options)

    def unsubscribe(self, topic):
        return self.mqtt_conn.unsubscribe(topic, self)
