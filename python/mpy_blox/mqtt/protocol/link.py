# SPDX-License-Identifier: MIT
# From a client's settings to a connection that the broker accepted. Loaded to
# connect, and forgotten once that is done.

import asyncio
from time import ticks_ms

from micropython import const
from mpy_blox.mqtt.protocol.exc import MQTTConnectionRefused

_TIMEOUT = const(20)  # seconds for TCP and TLS


async def connect(client):
    try:
        await _connect(client)
    except ValueError as e:
        if not client.ssl:
            raise
        raise OSError(
            'mqtt: the certificate of %s is not accepted (%s); check '
            'mqtt.ssl_params in settings.json'
            % (client.where(), str(e).strip())
        )
    except (OSError, asyncio.TimeoutError) as e:
        raise OSError(
            'mqtt: no broker at %s (%s); check mqtt.server and mqtt.port in '
            'settings.json' % (client.where(), _detail(e))
        )


async def _connect(client):
    context, name = _tls(client)
    stream, _ = await asyncio.wait_for(
        asyncio.open_connection(
            client.server, client.port, ssl=context, server_hostname=name
        ),
        _TIMEOUT,
    )
    client.session.connect(
        client.client_id,
        client.username,
        client.password,
        _keep_alive(client),
        True,
        client.will,
    )
    client.session.tick(ticks_ms())
    _, code, client_id, sentence = await client.begin(stream.s)
    if code:
        raise MQTTConnectionRefused(code, _refused(client, code, sentence))
    client.client_id = client_id or client.client_id
    while client.again:
        await _publish_again(client, *client.again.pop(0))


# What the last connection left unacknowledged, in its order and before
# anything new.
async def _publish_again(client, identifier, dup):
    msg = client.unacknowledged[identifier]
    try:
        await client.request(
            msg.topic, client.session.publish, msg, identifier, dup
        )
    except ValueError as e:  # not with this broker
        client.session.forget(identifier)
        client.unacknowledged.pop(identifier)
        client.answered(identifier, e)


def _refused(client, code, sentence):
    from mpy_blox.mqtt.protocol.reason import reason_text

    return 'mqtt: broker %s refused the connection: %s%s%s' % (
        client.where(),
        reason_text(code),
        ' (%s)' % sentence if sentence else '',
        '; check mqtt.username in settings.json and mqtt.password in '
        'provision.json'
        if code in (0x86, 0x87)
        else '',
    )


# A watchdog is fed by what the broker sends: it is asked often enough.
def _keep_alive(client):
    seconds = client.keep_alive_interval
    if client.wdt_timeout:
        most = max(1, client.wdt_timeout // 2000)
        seconds = min(seconds, most) if seconds else most
    return seconds


# ssl is True or an SSLContext; ssl_params as ssl.wrap_socket takes them, or
# files by their path: cafile, certfile, keyfile.
def _tls(client):
    if not client.ssl:
        return None, None
    params = client.ssl_params or {}
    name = params.get('server_hostname') or client.server
    if client.ssl is not True:
        return client.ssl, name
    import tls

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    ca = params.get('cadata') or _file(params.get('cafile'))
    verify = tls.CERT_REQUIRED if ca else tls.CERT_NONE
    context.verify_mode = params.get('cert_reqs', verify)
    if ca:
        context.load_verify_locations(ca)
    cert = params.get('cert') or _file(params.get('certfile'))
    key = params.get('key') or _file(params.get('keyfile'))
    if cert:
        context.load_cert_chain(cert, key)
    return context, name


def _file(path):
    if path:
        with open(path, 'rb') as f:
            return f.read()


def _detail(e):
    if isinstance(e, asyncio.TimeoutError):
        return 'no answer within %d s' % _TIMEOUT
    number = e.args[0] if e.args else None
    if isinstance(number, int):
        from errno import errorcode

        if number in errorcode:
            return errorcode[number]
        if -300 < number < 0:  # of getaddrinfo, here and on an ESP32
            return 'name not found, or no network'
        return 'error %d' % number
    return str(e)
