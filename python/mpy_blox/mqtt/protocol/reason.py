# SPDX-License-Identifier: MIT
# Reason codes of MQTT 5.0 (section 2.4) in words. Loaded when something was
# refused.

_SUCCESS = {
    0x00: 'success',
    0x01: 'success',
    0x02: 'success',
    0x04: 'disconnect with will message',
    0x10: 'no matching subscribers',
    0x11: 'no subscription existed',
}

_FAILURES = (  # from 0x80 on
    'unspecified error',
    'malformed packet',
    'protocol error',
    'implementation specific error',
    'unsupported protocol version',
    'client identifier not valid',
    'bad user name or password',
    'not authorized',
    'server unavailable',
    'server busy',
    'banned',
    'server shutting down',
    'bad authentication method',
    'keep alive timeout',
    'session taken over',
    'topic filter invalid',
    'topic name invalid',
    'packet identifier in use',
    'packet identifier not found',
    'receive maximum exceeded',
    'topic alias invalid',
    'packet too large',
    'message rate too high',
    'quota exceeded',
    'administrative action',
    'payload format invalid',
    'retain not supported',
    'QoS not supported',
    'use another server',
    'server moved',
    'shared subscriptions not supported',
    'connection rate exceeded',
    'maximum connect time',
    'subscription identifiers not supported',
    'wildcard subscriptions not supported',
)


def reason_text(code):
    if 0x80 <= code < 0x80 + len(_FAILURES):
        return _FAILURES[code - 0x80]
    return _SUCCESS.get(code, 'unknown reason')
