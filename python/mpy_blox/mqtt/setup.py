# SPDX-License-Identifier: MIT
# How a connection (MQTTConnectionManager) begins and ends. Loaded for each of
# them, and forgotten.

import asyncio
import logging
import time

from _blox_mqtt import Queue
from micropython import const
from mpy_blox.forget import borrow
from mpy_blox.mqtt import MQTT5Client, again, link

logger = logging.getLogger('mqtt')

_MESSAGES = const(64)  # unless mqtt.queue_messages says otherwise
_DRAIN_MS = const(2000)
_BYTES = const(16384)  # unless mqtt.queue_bytes says otherwise
# _state, as in more.py
_ENDED = const(1)
_TOLD = const(2)
_CONNECTING = const(3)
_STAYING = const(4)


# For MQTTConnectionManager.connect().
async def begin(connection, retry):
    state = _TOLD if connection._state == _TOLD else 0
    connection._state = _CONNECTING
    try:
        prepare(connection)
        if retry:
            connection._task = asyncio.create_task(
                again.stay(connection, False)
            )
        else:
            await again.connect(connection)
        state = _STAYING
    finally:
        connection._state = state
        again.tidy()


# A client for the settings as they are now. What waited to be sent goes on
# waiting, and with it that there is something at QoS 2.
def prepare(connection):
    settings = link.settings(connection)
    old = connection.mqtt_client
    servers = _servers(settings)
    if servers != connection._servers:
        connection._servers = servers
        connection._link = None
    client = MQTT5Client(connection)
    if old:
        client.queue, client._keeper = old.queue, old._keeper
        client.queue.restart()
        if old._extra:
            client._attach_extra()
    else:
        client.queue = Queue(
            settings.get('queue_messages', _MESSAGES),
            settings.get('queue_bytes', _BYTES),
            settings.get('queue_policy', 'drop') != 'refuse',
        )
        if settings.get('queue_persistent') and connection.name == 'default':
            client._keeper = borrow('mqtt.keeping').Keeper(
                settings.get('queue_messages', _MESSAGES)
            )
            client._keeper._restore(client.queue)
    client.server, client.port = servers[0]
    client._on_message = _receiver(connection)
    connection.mqtt_client = client
    for topic, sink in connection._sinks.items():
        client._session.sink(topic, sink)


# Without Routes there is at most one consumer, which takes messages at once.
def _receiver(connection):
    if connection._routes:
        return connection._routes._dispatch
    for _, consumers in connection._subscriptions.values():
        for consumer in consumers:
            if consumer:
                return consumer.handle_msg


# servers: 'host' or 'host:port' each; else server and port.
def _servers(settings):
    port = settings.get('port') or (8883 if settings.get('ssl') else 1883)
    servers = ()
    for server in settings.get('servers') or (settings['server'],):
        host, _, own = server.partition(':')
        try:
            servers += ((host, int(own or port)),)
        except ValueError:
            raise OSError(
                "mqtt: '%s' in mqtt.servers is no server; write host or "
                'host:port' % server
            )
    return servers


# Once: that nobody has called connect().
def say_waiting(connection, msg):
    if not connection.mqtt_client:
        prepare(connection)
    again.tidy()
    connection._state = _TOLD
    logger.warning(
        'publishing %s waits for a connection; connect() has not been '
        'called, or failed (this is said once)',
        msg.topic,
    )


# In order when there is a connection: what waits goes out first, for two
# seconds, then it says that the device is offline.
async def disconnect(connection):
    connection._state = _ENDED
    task, connection._task = connection._task, None
    if task:
        task.cancel()
    was_up, connection.is_connected = connection.is_connected, False
    if connection.mqtt_client:
        await _disconnect(connection, connection.mqtt_client)
    if was_up:
        again.call(connection, connection.on_disconnect)
    again.tidy()


async def _disconnect(connection, client):
    if client.connected:
        end = time.ticks_add(time.ticks_ms(), _DRAIN_MS)
        while client.connected and client.queue.count:
            if time.ticks_diff(end, time.ticks_ms()) < 0:
                break
            await asyncio.sleep_ms(10)
        try:
            await again.say(connection, 'offline')
            await client.disconnect()
        except OSError as e:
            logger.warning('%s', e)
    client.close()
