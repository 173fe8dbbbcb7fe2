# SPDX-License-Identifier: MIT
# From a client's settings to a connection that the broker accepted. Loaded to
# connect, and forgotten once that is done.

import asyncio
import select
import socket
from time import ticks_add, ticks_diff, ticks_ms

from micropython import const

_TIMEOUT = const(20000)  # ms for TCP
_POLL_MS = const(10)
_TCP = const(6)
_NODELAY = const(1)


async def connect(client):
    try:
        answer = await _connect(client)
    except (OSError, ValueError, asyncio.TimeoutError) as e:
        if isinstance(e, ValueError) and not client.ssl:
            raise
        raise _explain().not_connected(client, e)
    _, code, client_id, sentence = answer
    if code:
        raise _explain().not_accepted(client, code, sentence)
    client.client_id = client_id or client.client_id
    client.begun = True
    client.pump()


def _explain():
    from mpy_blox.mqtt.protocol import explain

    return explain


async def _connect(client):
    sock = await _open(client)
    client.session.connect(
        client.client_id,
        client.username,
        client.password,
        _keep_alive(client),
        not (client.begun and client.session_expiry),
        client.will,
        client.session_expiry,
        None,
        client.version,
    )
    client.session.tick(ticks_ms())
    return await client.begin(sock)


# A socket that is connected, with TLS around it that will shake hands.
async def _open(client):
    wrap = None
    if client.ssl:
        from mpy_blox.mqtt.protocol import tls

        wrap = tls.wrapper(client)
    # Waits for a name server without letting others run: MicroPython has no
    # other way.
    address = socket.getaddrinfo(
        client.server, client.port, 0, socket.SOCK_STREAM
    )[0]
    sock = socket.socket(address[0], address[1], address[2])
    try:
        await _reach(sock, address[-1])
        return wrap(sock) if wrap else sock
    except BaseException:
        sock.close()
        raise


# No task of its own: asyncio may hold on to one that is done, and with it to
# this module.
async def _reach(sock, address):
    from errno import EINPROGRESS

    sock.setblocking(False)
    try:
        # A small packet does not wait for the answer to the last one.
        sock.setsockopt(_TCP, _NODELAY, 1)
    except (OSError, AttributeError):
        pass  # not known to this firmware
    try:
        sock.connect(address)
    except OSError as e:
        if e.errno != EINPROGRESS:
            raise
    poller = select.poll()
    poller.register(sock, select.POLLOUT)
    end = ticks_add(ticks_ms(), _TIMEOUT)
    while not poller.poll(0):
        if ticks_diff(end, ticks_ms()) < 0:
            raise asyncio.TimeoutError
        await asyncio.sleep_ms(_POLL_MS)


# A watchdog is fed by what the broker sends: it is asked often enough.
def _keep_alive(client):
    seconds = client.keep_alive_interval
    if client.wdt_timeout:
        most = max(1, client.wdt_timeout // 2000)
        seconds = min(seconds, most) if seconds else most
    return seconds
