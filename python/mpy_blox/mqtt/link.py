# SPDX-License-Identifier: MIT
# From a client's settings to a connection that the broker accepted. Loaded to
# make an MQTT5Client, and to connect, and forgotten once that is done.

import asyncio
import select
import socket
from time import ticks_add, ticks_diff, ticks_ms

from _blox_mqtt import Queue, Session
from micropython import const

_TIMEOUT = const(20000)  # ms for TCP
_POLL_MS = const(10)
_TCP = const(6)
_NODELAY = const(1)


# MQTT5Client(...). will: None or (topic, payload, qos, retain).
# session_expiry: for how many seconds the broker keeps what it knows of this
# client once a connection is lost. extra: QoS 2, properties and subscription
# options, for which _blox_mqtt_extra is loaded. version: 4 is MQTT 3.1.1.
# owner: the MQTTConnectionManager that connects again. What is not named here
# may be given and is not used.
def start(
    self,
    server,
    port=None,
    client_id='',
    ssl=False,
    ssl_params=None,
    username=None,
    password=None,
    keep_alive_interval=None,
    wdt_timeout=None,
    will=None,
    queue=None,
    keeper=None,
    session_expiry=None,
    extra=False,
    version=5,
    owner=None,
    **_
):
    self.server = server
    self.port = port or (8883 if ssl else 1883)
    self.client_id = client_id
    self.ssl = ssl
    self.ssl_params = ssl_params
    self.username = username
    self.password = password
    self.keep_alive_interval = (
        60 if keep_alive_interval is None else keep_alive_interval
    )
    self.wdt_timeout = wdt_timeout
    self.will = will
    # What waits to be sent: the messages, or [message, Event, answer] of
    # those whose answer somebody waits for (None: the broker has it). With an
    # owner it outlives a lost connection: the next one sends it, once ready is
    # set.
    self.queue = Queue(64, 16384, False) if queue is None else queue
    self.keeper = keeper  # a keeping.Keeper, if they are to be on flash
    self.owner = owner
    self.ready = not owner
    tx = 1024 + len(password or '') + len(will[1] if will else '')
    self.session = Session(1024, 2048, tx, 16)
    self.extra = False
    self.version = version
    if extra or version != 5:
        self.attach_extra()
    if session_expiry is None:
        session_expiry = 3600 if extra else 0
    self.session_expiry = session_expiry
    self.begun = False  # the broker may know this session
    # The connection has ended; of an owner's client that is the owner's to say.
    self.lost = None if owner else asyncio.Event()
    self.reason = None  # the exception that ended it, None: disconnect
    self._sock = None
    self._tasks = ()
    self._writer = None
    self._answers = {}  # packet identifier: [None, Event, answer]
    self._again = ()  # (packet identifier, dup) of messages to send again
    self._free = None  # the Event of who waits for room for a request
    self._wdt = None
    # It is called for each message; while it returns True nothing more is
    # read, and it is asked again with None.
    self.on_message = None if owner else self.hold()


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
    from mpy_blox.mqtt import explain

    return explain


async def _connect(client):
    sock = await _open(client)
    try:
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
    except ValueError as e:
        raise _explain().sentence(e)
    client.session.tick(ticks_ms())
    client._sock = sock
    client.reason = None
    if client.lost:
        client.lost.clear()
    client._tasks = (
        asyncio.create_task(client._read(sock)),
        asyncio.create_task(client._tick(sock)),
    )
    return await client.answer(0)


# A socket that is connected, with TLS around it that will shake hands.
async def _open(client):
    wrap = None
    if client.ssl:
        from mpy_blox.mqtt import tls

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
