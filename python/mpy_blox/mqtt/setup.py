# SPDX-License-Identifier: MIT
# How a connection (MQTTConnectionManager) begins, fails and ends. Loaded for
# each of them, and forgotten.

import asyncio
import logging
import os
import time

from _blox_link import Link, Queue
from _blox_mqtt import Message
from micropython import const
from mpy_blox.config import config
from mpy_blox.forget import forget
from mpy_blox.mqtt.protocol.client import MQTT5Client

logger = logging.getLogger('mqtt')

_MESSAGES = const(64)  # unless mqtt.queue_messages says otherwise
_DRAIN_MS = const(2000)
_BYTES = const(16384)  # unless mqtt.queue_bytes says otherwise
_NO_NETWORK = const(0)  # enum mqtt_link_cause
_NO_ANSWER = const(2)


# For MQTTConnectionManager.connect().
async def begin(connection, retry):
    connection._connecting = True
    try:
        connection._ended = False
        prepare(connection)
        if not retry:
            await _connect_once(connection)
        connection._task = asyncio.create_task(connection._stay_connected())
    finally:
        connection._connecting = False


# Each server once.
async def _connect_once(connection):
    for _ in range(len(connection.servers) - 1):
        try:
            return await connect(connection)
        except Exception as e:
            await asyncio.sleep_ms(failed(connection, e))
    try:
        await connect(connection)
    except Exception as e:
        connection.link.failed(_cause(e), _reason(e), time.ticks_ms(), 0)
        raise


# A client for the settings as they are now. What waited to be sent goes on
# waiting.
def prepare(connection):
    settings = _settings(connection)
    old = connection.mqtt_client
    servers = _servers(settings)
    if servers != connection.servers:
        connection.servers = servers
        connection.link = Link(len(servers))
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
    settings['client_id'] = connection.client_id
    topic = connection.status_topic()
    settings['will'] = (topic, 'offline', 0, True) if topic else None
    secret = connection.key + '.'
    settings.setdefault('password', _secret(secret + 'password'))
    settings['ssl_params'] = _ssl_params(settings, secret)
    settings['server'], settings['port'] = connection.servers[0]
    client = MQTT5Client(**settings)
    client.resend = True
    client.ready = False
    client.on_message = connection.dispatch
    connection.mqtt_client = client
    for topic, sink in connection.sinks.items():
        client.session.sink(topic, sink)


def _settings(connection):
    settings = config.get(connection.key)
    if not isinstance(settings, dict) or not (
        settings.get('server') or settings.get('servers')
    ):
        raise OSError(
            "mqtt: settings.json names no broker; add '%s' with 'server'"
            % connection.key
        )
    return dict(settings)


# servers: 'host' or 'host:port' each; else server and port.
def _servers(settings):
    port = settings.get('port') or (8883 if settings.get('ssl') else 1883)
    servers = []
    for server in settings.get('servers') or (settings['server'],):
        host, _, own = server.partition(':')
        try:
            servers.append((host, int(own or port)))
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
        if settings.get('ssl') and not (
            params.get(name) or params.get(key + 'file')
        ):
            params[name] = _secret(secret + key)
    return params


# The server whose turn it is, once. Raises what MQTT5Client.connect raises.
async def connect(connection):
    try:
        await _connect(connection)
    finally:
        _tidy()
    away, say = connection.link.connected(time.ticks_ms())
    if say:
        logger.info(
            'connected to %s%s',
            connection.mqtt_client.where(),
            ' again after %d s' % away if away else '',
        )
    connection._up.set()
    connection.mqtt_client.ready = True
    connection.mqtt_client.pump()
    connection._call(connection.on_connect)


# Connects, subscribes to everything again, says that the device is online.
async def _connect(connection):
    client = connection.mqtt_client
    client.server, client.port = connection.servers[connection.link.server]
    if _no_network():
        from mpy_blox.mqtt.protocol.exc import MQTTConnectionError

        raise MQTTConnectionError(
            _NO_NETWORK, 'mqtt: no network; connecting when there is one'
        )
    await client.connect()
    try:
        await _forget_stale(connection)
        for topic, (options, _) in list(connection.subscriptions.items()):
            await _subscribe(client, topic, options)
        await _say(connection, 'online')
    except BaseException:  # cancelled, too
        client.drop()
        raise


# A session that goes on knows what is not wanted any more.
async def _forget_stale(connection):
    client = connection.mqtt_client
    while connection.stale:
        topic = connection.stale.pop()
        if (
            client.session.session_present
            and topic not in connection.subscriptions
        ):
            await client.unsubscribe(topic)


# Wi-Fi is on, and not joined. A device on a cable has it off.
def _no_network():
    try:
        import network

        wlan = network.WLAN(network.STA_IF)
        return wlan.active() and not wlan.isconnected()
    except (ImportError, AttributeError):
        return False


# What the broker does not allow any more costs that one subscription.
async def _subscribe(client, topic, options):
    try:
        await client.subscribe(topic, options)
    except Exception as e:
        if not hasattr(e, 'reason_code'):
            raise
        logger.error('%s', e)


async def _say(connection, status):
    topic = connection.status_topic()
    if topic:
        client = connection.mqtt_client
        msg = Message(topic, status, 0, True)
        # Not behind what waits in the queue.
        await client.request(topic, client.session.publish, msg, 0, False)
        client.pump()


# A try failed with e, or the connection was lost. Returns the ms to wait.
def failed(connection, e):
    from mpy_blox.mqtt.protocol import explain

    client = connection.mqtt_client
    prefix = '' if e else 'connection lost: '
    e = explain.lost(client, e or client.reason)
    sentence = str(e)
    if sentence.startswith('mqtt: '):
        sentence = sentence[6:]  # as the logger says
    wait, failures, say = connection.link.failed(
        _cause(e),
        _reason(e),
        time.ticks_ms(),
        int.from_bytes(os.urandom(2), 'little'),
    )
    if say:
        seconds = (wait + 500) // 1000
        logger.warning(
            '%s%s; trying again%s%s',
            prefix,
            sentence,
            ' in %d s' % seconds if seconds > 1 else '',
            ' (%d tries so far)' % failures if failures > 1 else '',
        )
    del explain
    _tidy()
    return wait


def _cause(e):
    return getattr(e, 'cause', _NO_ANSWER)


def _reason(e):
    return getattr(e, 'reason_code', 0)


# What only this needs leaves the heap.
def _tidy():
    for name in ('link', 'explain', 'reason', 'tls'):
        forget('mpy_blox.mqtt.protocol.' + name)


# Once: that nobody has called connect().
def say_waiting(connection, msg):
    if not connection.mqtt_client:
        prepare(connection)
    connection._wait_said = True
    logger.warning(
        'publishing %s waits for a connection; connect() has not been '
        'called, or failed (this is said once)',
        msg.topic,
    )


# The byte of section 3.8.3.1 but for the QoS.
def options(connection, names):
    handling = names.pop('retain_handling', 0)
    byte = (
        4 * bool(names.pop('no_local', False))
        | 8 * bool(names.pop('retain_as_published', False))
        | 16 * handling
    )
    if names or handling not in (0, 1, 2):
        raise ValueError(
            'mqtt: subscribe() takes no_local, retain_as_published and '
            'retain_handling (0 to 2), not %s' % (', '.join(names) or handling)
        )
    return byte


# In order when there is a connection: what waits goes out first, for two
# seconds, then it says that the device is offline.
async def disconnect(connection):
    connection._ended = True
    task, connection._task = connection._task, None
    if task:
        task.cancel()
    was_up = connection._up.is_set()
    connection._up.clear()
    if connection.mqtt_client:
        await _disconnect(connection, connection.mqtt_client)
    if was_up:
        connection._call(connection.on_disconnect)


async def _disconnect(connection, client):
    if client.connected:
        end = time.ticks_add(time.ticks_ms(), _DRAIN_MS)
        while client.connected and client.queue.count:
            if time.ticks_diff(end, time.ticks_ms()) < 0:
                break
            await asyncio.sleep_ms(10)
        try:
            await _say(connection, 'offline')
            await client.disconnect()
        except OSError as e:
            logger.warning('%s', e)
    client.close()
