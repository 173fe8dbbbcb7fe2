# SPDX-License-Identifier: MIT
# The client of a connection, from the settings. Loaded to connect, and
# forgotten once that is done.

from mpy_blox.config import config
from mpy_blox.mqtt.protocol.client import MQTT5Client


def make_client(key, client_id, status_topic):
    settings = config.get(key)
    if not settings:
        raise OSError(
            "mqtt: settings.json names no broker; add '%s' with 'server'" % key
        )
    settings = dict(settings)
    settings['client_id'] = client_id
    settings['will'] = None
    if status_topic:
        settings['will'] = (status_topic, 'offline', 0, True)
    settings.setdefault('password', _password(key + '.password'))
    if not settings.get('server'):
        settings['server'] = (settings.get('servers') or ('',))[0]
    return MQTT5Client(**settings)


# Provisioned secrets are part of config; a config that is no more than a dict
# of settings has them, if at all, in its secure part.
def _password(key):
    secure = config.get('secure')
    return config.get(key) or (secure.get(key) if secure else None)
