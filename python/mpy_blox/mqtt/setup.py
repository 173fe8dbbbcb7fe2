# SPDX-License-Identifier: MIT
# How a connection (MQTTConnectionManager) begins and ends. Loaded for each of
# them, and forgotten.

import asyncio
import logging
import time

from _blox_mqtt import Queue
from micropython import const
from mpy_blox.config import config
from mpy_blox.mqtt import again
from mpy_blox.mqtt.client import MQTT5Client

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
# waiting.
def prepare(connection):
    settings = _settings(connection)
    old = connection.mqtt_client
    servers = _servers(settings)
    if servers != connection.servers:
        connection.servers = servers
        connection.link = None
    keeper = old.keeper if old else None
    if old:
        queue = old.queue
        queue.restart()
    else:
        queue = Queue(
            settings.get('queue_messages', _MESSAGES),
            settings.get('queue_bytes', _BYTES),
            settings.get('queue_policy', 'drop') != 'refuse',
        )
        if settings.get('queue_persistent') and connection.name == 'default':
            from mpy_blox.mqtt.keeping import Keeper

            keeper = Keeper(settings.get('queue_messages', _MESSAGES))
            keeper.restore(queue)
    settings['queue'] = queue
    settings['keeper'] = keeper
    settings['owner'] = connection
    settings['client_id'] = connection.client_id
    settings['will'] = again.will(connection)
    secret = _key(connection) + '.'
    settings.setdefault('password', _secret(secret + 'password'))
    if settings.get('ssl'):
        settings['ssl_params'] = _ssl_params(settings, secret)
    settings['server'], settings['port'] = connection.servers[0]
    client = MQTT5Client(**settings)
    client.on_message = _receiver(connection)
    connection.mqtt_client = client
    for topic, sink in connection.sinks.items():
        client.session.sink(topic, sink)


# Without Routes there is at most one consumer, which takes messages at once.
def _receiver(connection):
    if connection._routes:
        return connection._routes.dispatch
    for _, consumers in connection.subscriptions.values():
        for consumer in consumers:
            if consumer:
                return consumer.handle_msg


def _key(connection):
    name = connection.name
    return 'mqtt' if name == 'default' else 'mqtt_' + name


def _settings(connection):
    settings = config.get(_key(connection))
    if not isinstance(settings, dict) or not (
        settings.get('server') or settings.get('servers')
    ):
        raise OSError(
            "mqtt: settings.json names no broker; add '%s' with 'server'"
            % _key(connection)
        )
    return dict(settings)


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


# Provisioned secrets are part of config; a config that is no more than a dict
# of settings has them, if at all, in its secure part.
def _secret(key):
    secure = config.get('secure')
    return config.get(key) or (secure.get(key) if secure else None)


# What ssl_params do not say may be provisioned: mqtt.ca, mqtt.cert, mqtt.key.
def _ssl_params(settings, secret):
    params = dict(settings.get('ssl_params') or {})
    for name, key in (('cadata', 'ca'), ('cert', 'cert'), ('key', 'key')):
        if not (params.get(name) or params.get(key + 'file')):
            params[name] = _secret(secret + key)
    return params


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
