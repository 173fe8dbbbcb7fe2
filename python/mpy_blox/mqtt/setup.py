# SPDX-License-Identifier: MIT
# How a connection (MQTTConnectionManager) begins and ends. Loaded for that,
# and forgotten once it is done.

import logging

from _blox_mqtt import Message
from mpy_blox.config import config
from mpy_blox.mqtt.protocol.client import MQTT5Client
from mpy_blox.mqtt.protocol.exc import ErrorWithMQTTReason

logger = logging.getLogger('mqtt')


# One try: connects, subscribes to everything again, says that the device is
# online. Raises what MQTT5Client.connect raises.
async def connect(connection):
    client = connection.mqtt_client
    if not client:
        client = connection.mqtt_client = _make_client(connection)
    client.resend = True
    await client.connect()
    try:
        for topic, (qos, _) in list(connection.subscriptions.items()):
            await _subscribe(client, topic, qos)
        await _say(connection, 'online')
    except Exception:
        client.drop()
        raise
    logger.info('connected to %s:%d', client.server, client.port)


# What the broker does not allow any more costs that one subscription.
async def _subscribe(client, topic, qos):
    try:
        await client.subscribe(topic, qos)
    except ErrorWithMQTTReason as e:
        logger.error('%s', e)


async def _say(connection, status):
    topic = connection.status_topic()
    if topic:
        msg = Message(topic, status, 0, True)
        await connection.mqtt_client.publish(msg)


# In order when there is a connection: it says that the device is offline.
async def disconnect(connection):
    client = connection.mqtt_client
    if client.connected:
        try:
            await _say(connection, 'offline')
            await client.disconnect()
        except OSError as e:
            logger.warning('%s', e)
    client.close()


def _make_client(connection):
    settings = config.get(connection.key)
    if not isinstance(settings, dict) or not (
        settings.get('server') or settings.get('servers')
    ):
        raise OSError(
            "mqtt: settings.json names no broker; add '%s' with 'server'"
            % connection.key
        )
    settings = dict(settings)
    settings['client_id'] = connection.client_id
    topic = connection.status_topic()
    settings['will'] = (topic, 'offline', 0, True) if topic else None
    settings.setdefault('password', _password(connection.key + '.password'))
    if not settings.get('server'):
        settings['server'] = settings['servers'][0]
    client = MQTT5Client(**settings)
    client.on_message = connection.dispatch
    for topic, sink in connection.sinks.items():
        client.session.sink(topic, sink)
    return client


# Provisioned secrets are part of config; a config that is no more than a dict
# of settings has them, if at all, in its secure part.
def _password(key):
    secure = config.get('secure')
    return config.get(key) or (secure.get(key) if secure else None)
