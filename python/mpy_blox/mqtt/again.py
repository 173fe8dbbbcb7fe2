# SPDX-License-Identifier: MIT
# How a connection (MQTTConnectionManager) comes about, and again when it was
# lost. Loaded for that, and forgotten.

import asyncio
import logging
import os
import time

from _blox_mqtt import MQTTMessage
from micropython import const
from mpy_blox.forget import borrow, forget

logger = logging.getLogger('mqtt')

_NO_ANSWER = const(2)  # enum mqtt_link_cause
_NO_MEMORY = const(5000)  # ms until the next try, when it cannot be computed


# Until there is a connection. lost: there was one.
async def stay(connection, lost):
    wait = 0
    if lost:
        wait = _wait(connection, None)
        call(connection, connection.on_disconnect)
    while not connection.is_connected:
        await asyncio.sleep_ms(wait)
        try:
            await _connect(connection)
        except Exception as e:
            wait = _wait(connection, e)
    connection._task = None


# Each server once. Raises what MQTT5Client.connect raises.
async def connect(connection):
    for _ in range(len(connection._servers) - 1):
        try:
            return await _connect(connection)
        except Exception as e:
            await asyncio.sleep_ms(_wait(connection, e))
    try:
        await _connect(connection)
    except Exception as e:
        try:
            _link(connection).failed(_cause(e), _reason(e), time.ticks_ms(), 0)
        except MemoryError:
            pass
        raise


# The server whose turn it is, once.
async def _connect(connection):
    client = connection.mqtt_client
    try:
        await _begin(connection, client)
    finally:
        tidy()
    if _is_new(connection._link):
        away, say = 0, connection._link is None
        connection._link = time.ticks_ms()
    else:
        away, say = connection._link.connected(time.ticks_ms())
    if say:
        logger.info(
            'connected to %s:%d%s',
            client.server,
            client.port,
            ' again after %d s' % away if away else '',
        )
    connection.is_connected = client._ready = True
    if connection._up:
        connection._up.set()
        connection._up = None
    client._pump()
    call(connection, connection.on_connect)


# Connects, subscribes to everything again, says that the device is online.
async def _begin(connection, client):
    client.server, client.port = connection._servers[
        getattr(connection._link, 'server', 0)
    ]
    if _no_network():
        raise _explain().no_network()
    await client.connect()
    try:
        await _forget_stale(connection)
        for topic, (options, _) in list(connection._subscriptions.items()):
            await _subscribe(client, topic, options)
        await say(connection, 'online')
    except BaseException:  # cancelled, too
        client._drop()
        raise


# A session that goes on knows what is not wanted any more.
async def _forget_stale(connection):
    client = connection.mqtt_client
    while connection._stale:
        topic = connection._stale[-1]
        connection._stale = connection._stale[:-1]
        if (
            client._session.session_present
            and topic not in connection._subscriptions
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


# What the broker does not allow, or nobody could, costs that one subscription.
async def _subscribe(client, topic, options):
    try:
        await client.subscribe(topic, options)
    except (OSError, MemoryError):
        raise
    except Exception as e:
        logger.error('%s', e)


async def say(connection, status):
    topic = connection._status_topic()
    if topic:
        client = connection.mqtt_client
        msg = MQTTMessage(topic, status, 0, True)
        # Not behind what waits in the queue.
        await client._request(topic, client._session.publish, msg, 0, False)
        client._pump()


# A connection's link is None at first, then the ticks_ms of when it came about;
# what decides on the next one is loaded once something failed.
def _is_new(link):
    return link is None or isinstance(link, int)


def _link(connection):
    link = connection._link
    if _is_new(link):
        try:
            from _blox_link import Link
        except MemoryError:  # MicroPython may keep nothing by that name
            forget('_blox_link')
            raise
        connection._link = Link(len(connection._servers))
        if link is not None:
            connection._link.connected(link)
    return connection._link


# The ms to wait, also when there is no memory to say why.
def _wait(connection, e):
    try:
        return _failed(connection, e)
    except MemoryError:
        return _NO_MEMORY


# A try failed with e, or the connection was lost. Returns the ms to wait.
def _failed(connection, e):
    client = connection.mqtt_client
    prefix = '' if e else 'connection lost: '
    e = _explain().lost(client, e or client._reason)
    sentence = str(e)
    if sentence.startswith('mqtt: '):
        sentence = sentence[6:]  # as the logger says
    wait, failures, say = _link(connection).failed(
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
    tidy()
    return wait


def _explain():
    return borrow('mqtt.explain')


def _cause(e):
    try:
        return e._cause
    except AttributeError:
        return _NO_ANSWER


def _reason(e):
    return getattr(e, 'reason_code', 0)


# What only this needs leaves the heap.
def tidy():
    for name in ('link', 'protocol.reason', 'again'):
        forget('mpy_blox.mqtt.' + name)


def call(connection, callbacks):
    for callback in callbacks:
        try:
            if isinstance(callback, str):  # the module that has connected()
                callback = borrow(callback).connected
            result = callback(connection)
            if hasattr(result, 'send'):
                asyncio.create_task(result)
        except Exception as e:
            logger.error('a connection callback failed', exc_info=e)
