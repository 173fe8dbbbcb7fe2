# SPDX-License-Identifier: MIT
# From a client's settings to a connection that the broker accepted. Loaded to
# make an MQTT5Client, and to connect, and forgotten once that is done.

import asyncio
import select
import socket
from time import ticks_add, ticks_diff, ticks_ms

from _blox_mqtt import Queue, Session
from micropython import const
from mpy_blox.config import config
from mpy_blox.forget import borrow

_TIMEOUT = const(20000)  # ms for TCP
_POLL_MS = const(10)
_TCP = const(6)
_NODELAY = const(1)


# What MQTT5Client() takes without its name, and by that name besides:
# will: (topic, payload, qos, retain). session_expiry: for how many seconds the
# broker keeps what it knows of this client once a connection is lost. extra:
# QoS 2, properties and subscription options, for which _blox_mqtt_extra is
# loaded. version: 4 is MQTT 3.1.1. wdt_timeout: ms. What is not named here may
# be given and is not used.
_ARGUMENTS = const(
    'server port client_id ssl ssl_params username password keep_alive_interval'
)


# MQTT5Client(*args, **options), or MQTT5Client(connection), whose options are
# those of settings().
def start(client, args, options):
    owner = None
    if args and not isinstance(args[0], str):
        owner = args[0]
        options = settings(owner)
    else:
        names = _ARGUMENTS.split(' ')
        options.update(zip(names, args))
        if 'server' not in options or len(args) > len(names):
            raise TypeError(
                'mqtt: MQTT5Client() takes %s; server is needed'
                % ', '.join(names)
            )
    client.server = options['server']
    client.port = options.get('port') or (8883 if options.get('ssl') else 1883)
    client.client_id = options.get('client_id', '')
    client._owner = owner
    client._options = None if owner else options
    # What waits to be sent: the messages, or [message, Event, answer] of
    # those whose answer somebody waits for (None: the broker has it). With an
    # owner it outlives a lost connection: the next one sends it, once _ready
    # is set.
    client.queue = None if owner else Queue(64, 16384, False)
    client._keeper = None  # a keeping.Keeper, if they are to be on flash
    client._ready = not owner
    password, will = options.get('password'), options.get('will')
    tx = 1024 + len(password or '') + len(will[1] if will else '')
    client._session = Session(1024, 2048, tx, 16)
    client._extra = False
    if options.get('extra') or options.get('version', 5) != 5:
        client._attach_extra()
    client._begun = False  # the broker may know this session
    client._reason = None  # the exception that ended it, None: disconnect
    client._sock = None  # False once the connection has ended
    client._tasks = ()
    client._writer = None
    client._answers = {}  # packet identifier: [None, Event, answer]
    client._again = ()  # (packet identifier, dup) of messages to send again
    client._free = None  # the Event of who waits for room for a request
    client._wdt = None
    # It is called for each message; while it returns True nothing more is
    # read, and it is asked again with None.
    client._arrived = client._on_message = None
    if not owner:
        client._on_message = client._hold()


# The options of the client of an MQTTConnectionManager, from the settings as
# they are now.
def settings(connection):
    key = 'mqtt'
    if connection.name != 'default':
        key += '_' + connection.name
    options = config.get(key)
    if not isinstance(options, dict) or not (
        options.get('server') or options.get('servers')
    ):
        raise OSError(
            "mqtt: settings.json names no broker; add '%s' with 'server'" % key
        )
    options = dict(options)
    options.setdefault('server', '')
    options.setdefault('password', _secret(key + '.password'))
    options['client_id'] = connection.client_id
    if options.get('ssl'):
        options['ssl_params'] = _ssl_params(options, key + '.')
    topic = connection._status_topic()
    if topic:
        options['will'] = topic, 'offline', 0, True
    return options


# Provisioned secrets are part of config; a config that is no more than a dict
# of settings has them, if at all, in its secure part.
def _secret(key):
    secure = config.get('secure')
    return config.get(key) or (secure.get(key) if secure else None)


# What ssl_params do not say may be provisioned: mqtt.ca, mqtt.cert, mqtt.key.
def _ssl_params(options, secret):
    params = dict(options.get('ssl_params') or {})
    for name, key in (('cadata', 'ca'), ('cert', 'cert'), ('key', 'key')):
        if not (params.get(name) or params.get(key + 'file')):
            params[name] = _secret(secret + key)
    return params


async def connect(client):
    options = client._options
    if client._owner:
        options = settings(client._owner)
    try:
        answer = await _connect(client, options)
    except (OSError, ValueError, asyncio.TimeoutError) as e:
        if isinstance(e, ValueError) and not options.get('ssl'):
            raise
        raise _explain().not_connected(client, options, e)
    _, code, client_id, sentence = answer
    if code:
        raise _explain().not_accepted(client, options, code, sentence)
    client.client_id = client_id or client.client_id
    client._begun = True
    client._pump()
    if options.get('wdt_timeout') and not client._wdt:
        from machine import WDT

        client._wdt = WDT(timeout=options['wdt_timeout'])


def _explain():
    return borrow('mqtt.explain')


async def _connect(client, options):
    sock = await _open(client, options)
    expiry = options.get('session_expiry')
    if expiry is None:
        expiry = 3600 if options.get('extra') else 0
    try:
        client._session.connect(
            client.client_id,
            options.get('username'),
            options.get('password'),
            _keep_alive(options),
            not (client._begun and expiry),
            options.get('will'),
            expiry,
            None,
            options.get('version', 5),
        )
    except Exception as e:
        sock.close()
        raise _explain().sentence(e) if isinstance(e, ValueError) else e
    client._session.tick(ticks_ms())
    client._sock = sock
    client._reason = None
    client._tasks = (
        asyncio.create_task(client._read(sock)),
        asyncio.create_task(client._tick(sock)),
    )
    return await client._answer(0)


# A socket that is connected, with TLS around it that will shake hands.
async def _open(client, options):
    wrap = None
    if options.get('ssl'):
        wrap = borrow('mqtt.tls').wrapper(client, options)
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
def _keep_alive(options):
    seconds = options.get('keep_alive_interval')
    if seconds is None:
        seconds = 60
    if options.get('wdt_timeout'):
        most = max(1, options['wdt_timeout'] // 2000)
        seconds = min(seconds, most) if seconds else most
    return seconds
