# SPDX-License-Identifier: MIT
# What went wrong, in one sentence each that says what to do. Loaded when
# something did.

import asyncio
from micropython import const
from mpy_blox.forget import borrow
from mpy_blox.mqtt.protocol.exc import (
    ErrorWithMQTTReason,
    MQTTConnectionError,
    MQTTConnectionRefused,
)
from mpy_blox.mqtt.protocol.reason import reason_text

# Of enum mqtt_link_cause
_NO_NETWORK = const(0)
_NO_NAME = const(1)
_NO_ANSWER = const(2)
_TLS = const(3)
_ENDED = const(5)
_SILENT = const(6)
_CLOSED = const(7)
_BROKEN = const(8)

_DISCONNECT = const(11)  # enum mqtt_event_type
# Of enum blox_error
_UNSUPPORTED = const(-5)
_LIMIT = const(-6)
_TIMEOUT = const(-14)
_MEMORY = const(-16)
_TAKEN_OVER = const(0x8E)
HUNG_UP = (32, 104)  # EPIPE, ECONNRESET


# The session said DISCONNECT or ERROR.
def ended(client, event):
    kind, error, code, text = event
    where = 'mqtt: broker %s' % client._where()
    if kind != _DISCONNECT:
        cause = _SILENT if error == _TIMEOUT else _BROKEN
        return MQTTConnectionError(
            cause, '%s: %s' % (where, _broken(client, error, code)), code
        )
    sentence = '%s ended the connection: %s' % (
        where,
        text or reason_text(code),
    )
    if code == _TAKEN_OVER:
        sentence += (
            "; another client uses the client id '%s'" % client.client_id
        )
    return MQTTConnectionError(_ENDED, sentence, code)


def _broken(client, error, code):
    if error == _TIMEOUT:
        connecting = 0 in client._answers
        return 'no answer ' + (
            'to CONNECT' if connecting else 'within the keep alive'
        )
    if error == _MEMORY:
        return 'not enough memory for a packet'
    if error != _LIMIT:
        return reason_text(code)
    if code == 0x95:
        return 'packet larger than the receive buffer'
    return 'Maximum Packet Size under 5'


# There is nobody to connect to.
def no_network():
    return MQTTConnectionError(
        _NO_NETWORK, 'mqtt: no network; connecting when there is one'
    )


# Why a connection ended, as an exception with a cause and a sentence.
def lost(client, e):
    if isinstance(e, MQTTConnectionError) or not isinstance(
        e, (OSError, type(None))
    ):
        return sentence(e)
    return MQTTConnectionError(
        _CLOSED,
        'mqtt: broker %s is gone (%s)'
        % (client._where(), detail(e) if e else 'closed'),
    )


# The broker said no to a request.
def denied(client, answer, what):
    code, sentence = answer[2:4]
    return ErrorWithMQTTReason(
        code,
        'mqtt: broker %s refused %s: %s%s'
        % (
            client._where(),
            what,
            reason_text(code),
            ' (%s)' % sentence if sentence else '',
        ),
    )


# CONNACK said no.
def not_accepted(client, options, code, sentence):
    advice = ''
    if code in (0x86, 0x87):
        advice = (
            '; check mqtt.username in settings.json and mqtt.password in '
            'provision.json'
        )
    elif code == 0x84 and options.get('version', 5) == 5:
        advice = '; set mqtt.version in settings.json to 4 (MQTT 3.1.1)'
    elif code in (0x9C, 0x9D):
        advice = '; check mqtt.server in settings.json'
    return MQTTConnectionRefused(
        code,
        'mqtt: broker %s refused the connection: %s%s%s'
        % (
            client._where(),
            reason_text(code),
            ' (%s)' % sentence if sentence else '',
            advice,
        ),
    )


# No connection came about.
def not_connected(client, options, e):
    if options.get('ssl') and not _is_network(e):
        sentence = borrow('mqtt.tls').why(client, options, e)
        return MQTTConnectionError(_TLS, sentence)
    number = e.args[0] if e.args else None
    cause = _NO_NAME if _is_name(number) else _NO_ANSWER
    return MQTTConnectionError(
        cause,
        'mqtt: no broker at %s (%s); check mqtt.server and mqtt.port in '
        'settings.json' % (client._where(), detail(e)),
    )


def _is_name(number):  # of getaddrinfo, here and on an ESP32
    return isinstance(number, int) and -300 < number < 0


def _is_network(e):
    number = e.args[0] if e.args else None
    return isinstance(e, asyncio.TimeoutError) or (
        isinstance(number, int) and number > -300 and number not in HUNG_UP
    )


def detail(e):
    if isinstance(e, asyncio.TimeoutError):
        return 'no answer within 20 s'
    number = e.args[0] if e.args else None
    if isinstance(number, int):
        from errno import errorcode

        if number in errorcode:
            return errorcode[number]
        if _is_name(number):
            return 'name not found, or no network'
        return 'error %d' % number
    return str(e)


# The session raises ValueError with a number, or MemoryError without a word.
def sentence(e):
    if isinstance(e, MemoryError):
        return MemoryError('mqtt: not enough memory')
    if not isinstance(e, ValueError):
        return e
    what = {
        -1: 'not allowed by the standard',
        -2: 'not connected',
        _UNSUPPORTED: 'the broker has not got it',
        _LIMIT: 'packet too large',
    }.get(e.args[0] if e.args else None)
    return ValueError('mqtt: ' + what) if what else e


# The session did not take a request: argument is the MQTTMessage, or the
# topic filter. extra: it has the extras.
def refused(e, topic, argument, extra):
    what = _fault(e.args[0] if e.args else None, topic, argument, extra)
    return type(e)(
        'mqtt: %s' % what if what else '%s: %r' % (sentence(e), topic)
    )


def _fault(error, topic, argument, extra):
    if not isinstance(topic, str):
        return 'a topic is a str, not %s' % type(topic).__name__
    if not topic:
        return 'the topic is empty; name one'
    if len(topic.encode()) > 65535 or '\0' in topic:
        return 'the topic has over 65,535 bytes or a NUL; choose another'
    if (
        error == _UNSUPPORTED
        and not extra
        and (argument is topic or argument.qos == 2 or argument.properties)
    ):
        return (
            'QoS 2, properties and subscription options take the extras; set '
            'mqtt.extra to true in settings.json, or give MQTT5Client '
            'extra=True'
        )
    if error == _UNSUPPORTED and argument is topic:
        return "the broker has no such subscriptions ('%s')" % topic
    if argument is topic:
        return (
            "'%s' is no topic filter, or its options are not known: '+' "
            "fills a level, '#' the last one, QoS is 0 to 2" % topic
        )
    if '+' in topic or '#' in topic:
        return (
            "cannot publish to '%s': '+' and '#' are for subscribing" % topic
        )
    if not 0 <= argument.qos <= 2:
        return "QoS %d for '%s'; use 0, 1 or 2" % (argument.qos, topic)
    if error == _LIMIT:
        return (
            "%d bytes for '%s' are more than the broker takes; publish less "
            'at a time' % (len(argument.raw_payload), topic)
        )
    if error == _UNSUPPORTED:
        return (
            "the broker takes no %smessage at QoS %d ('%s'); ask for less"
            % ('retained ' if argument.retain else '', argument.qos, topic)
        )


def full(queue, size):
    from errno import ENOBUFS

    return OSError(
        ENOBUFS,
        'mqtt: no connection, and no room for %d bytes more: %d messages of '
        '%d bytes wait; raise mqtt.queue_messages or mqtt.queue_bytes in '
        'settings.json, or publish less' % (size, queue.count, queue.bytes),
    )
