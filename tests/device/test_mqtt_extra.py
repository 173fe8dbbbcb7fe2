# SPDX-License-Identifier: MIT
# _blox_mqtt_extra with a _blox_mqtt.Session, every byte seen.
import gc
import io
from binascii import hexlify, unhexlify

import _blox_mqtt_extra as extra
from _blox_mqtt import MQTTMessage, Session

CONNACK, SUBACK, SKIPPED, RESEND, DISCONNECT, ERROR = 1, 2, 8, 10, 11, 12
PUBREC, PUBCOMP, AUTH = 13, 14, 15


class Stream(io.IOBase):
    def __init__(self):
        self.incoming = b''
        self.written = b''

    def readinto(self, buffer):
        size = min(len(buffer), len(self.incoming))
        buffer[:size] = self.incoming[:size]
        self.incoming = self.incoming[size:]
        return size or None

    def write(self, data):
        self.written += bytes(data)
        return len(data)


def raises(kind, call, *arguments):
    try:
        call(*arguments)
    except kind as e:
        return str(e)
    assert False, 'nothing was raised'


def sends(session, stream, text):
    session.send(stream)
    assert stream.written == unhexlify(text), hexlify(stream.written)
    stream.written = b''


def gets(session, stream, text, *events):
    stream.incoming = unhexlify(text)
    had = []
    for _ in range(100):
        event = session.read(stream)
        if event is None and not stream.incoming:
            break
        if event not in (None, True, False):
            had.append(event)
    assert len(had) == len(events), had
    for event, wanted in zip(had, events):
        if isinstance(wanted, tuple):
            assert event[: len(wanted)] == wanted, (event, wanted)
        else:
            assert (event.topic, event.raw_payload) == tuple(wanted), had
    return had


def ready(connack, *sizes, **options):
    session, stream = Session(256, 256, 512, 8), Stream()
    extra.attach(session, *sizes)
    session.connect('c', None, None, 0, True, None, **options)
    session.send(stream)
    stream.written = b''
    gets(session, stream, connack, (CONNACK, 0))
    return session, stream


# Properties both ways.
ALL = {
    'payload_format_indicator': 1,
    'message_expiry_interval': 0xFFFFFFFF,
    'content_type': 'text/plain',
    'response_topic': 'answers/here',
    'correlation_data': b'\x00\xff',
    'subscription_identifier': [1, 268435455],
    'session_expiry_interval': 0,
    'assigned_client_identifier': 'me',
    'server_keep_alive': 65535,
    'authentication_method': 'm',
    'authentication_data': b'd',
    'request_problem_information': 0,
    'will_delay_interval': 5,
    'request_response_information': 1,
    'response_information': 'r',
    'server_reference': 'other:1883',
    'reason_string': 'why',
    'receive_maximum': 1,
    'topic_alias_maximum': 2,
    'topic_alias': 3,
    'maximum_qos': 1,
    'retain_available': 0,
    'user_property': [('a', 'b'), ('a', 'c')],
    'maximum_packet_size': 1 << 31,
    'wildcard_subscription_available': 0,
    'subscription_identifiers_available': 0,
    'shared_subscription_available': 0,
}
assert extra.decode(extra.encode(ALL)) == ALL
for name, value in ALL.items():
    assert extra.decode(extra.encode({name: value})) == {name: value}
assert extra.encode({}) == b'' and extra.decode(None) == {}
assert extra.encode({'content_type': 'x'}) == b'\x03\x00\x01x'
assert extra.encode({'subscription_identifier': 200}) == b'\x0b\xc8\x01'
large = {'user_property': [('k' * 100, 'v' * 100)] * 20}
assert extra.decode(extra.encode(large)) == large
for bad in (
    {'no_such_name': 1},
    {'content_type': b'\xff'},
    {'maximum_qos': 256},
    {'receive_maximum': -1},
    {'message_expiry_interval': 1 << 32},
    {'message_expiry_interval': (1 << 64) + 1},
    {'subscription_identifier': 1 << 28},
    {'user_property': [('a', 'b', 'c')]},
):
    assert 'mqtt: property' in raises(ValueError, extra.encode, bad), bad
if gc.mem_free() > 1 << 19:  # a chip has no room to try
    too_long = {'content_type': 'x' * 65536}
    assert 'too long' in raises(ValueError, extra.encode, too_long)
for bad in ({'content_type': 5}, {'user_property': 5}, {'maximum_qos': 'x'}):
    raises(TypeError, extra.encode, bad)
raises(ValueError, extra.decode, b'\x00')
raises(ValueError, extra.decode, b'\x03\x00\x05x')

# QoS 2 out.
session, stream = ready('2003000000')
assert session.publish(MQTTMessage('t', 'x', 2), 0, False) == 1
sends(session, stream, '34070001740001' '00' '78')
gets(session, stream, '50020001', (PUBREC, 1, 0))
sends(session, stream, '62020001')
gets(session, stream, '70020001', (PUBCOMP, 1, 0))

# QoS 2 in, once, also when it comes again; aliases are resolved.
session, stream = ready('2003000000', 4, 2, 20)
gets(session, stream, '34080001740007' '00' '6869', [
    't', b'hi'
])  # fmt: skip
sends(session, stream, '50020007')
gets(session, stream, '3c080001740007' '00' '6869')
sends(session, stream, '50020007')
gets(session, stream, '62020007')
sends(session, stream, '70020007')
gets(session, stream, '3007000174032300' '01', ['t', b''])
gets(session, stream, '30070000032300' '01' '31', ['t', b'1'])

# Properties of a message, kept as they came.
message = gets(session, stream, '300c00017407010103000261' '6231', ['t', b'1'])[0]
assert extra.decode(message.properties) == {
    'payload_format_indicator': 1,
    'content_type': 'ab',
}
session.publish(
    MQTTMessage('t', '', properties=extra.encode({'response_topic': 'r'})), 0, False
)
sends(session, stream, '30080001740408000172')
raises(
    ValueError,
    session.publish,
    MQTTMessage('t', '', properties=extra.encode({'maximum_qos': 1})),
    0,
    False,
)

# A sink by subscription identifier.
class Sink(Stream):
    def begin(self, topic, size, retain):
        self.topic = topic
        return True

    def end(self, ok):
        self.ok = ok


sink = Sink()
session.sink(200, sink)
gets(session, stream, '3007000161030bc801')
assert sink.topic == 'a' and sink.ok
gets(session, stream, '30060001' '61020b05', ['a', b''])
session.sink(200, None)
gets(session, stream, '3007000161030bc801', ['a', b''])
session.sink('b/#', sink)
gets(session, stream, '30080003622f63003132')
assert sink.topic == 'b/c' and sink.written == b'12'

# Subscription options and identifier.
assert session.subscribe('a', 0x2E, extra.encode({'subscription_identifier': 9}))
sends(session, stream, '820900' '01' '020b09000161' '2e')
gets(session, stream, '90080001041f0001' '6e02', (SUBACK, 1, 2, 'n'))
assert extra.decode(session.properties) == {'reason_string': 'n'}

# CONNECT with properties; what the broker says is kept.
session, stream = Session(256, 256, 256, 8), Stream()
extra.attach(session, 5)
session.connect(
    'c',
    None,
    None,
    0,
    False,
    ('w', b'', 0, False, extra.encode({'will_delay_interval': 1})),
    3600,
    extra.encode({'request_response_information': 1}),
)
sends(
    session,
    stream,
    '1023' '00044d515454' '05' '04' '0000' '0a' '1100000e10' '210005' '1901'
    '000163' '05' '1800000001' '000177' '0000',
)  # fmt: skip
gets(session, stream, '20090100061a0003722f78', (CONNACK, 0, None, None))
assert session.session_present
assert extra.decode(session.properties) == {'response_information': 'r/x'}
raises(RuntimeError, extra.attach, session)

# Enhanced authentication.
asked = extra.encode({'authentication_method': 'm'})
session, stream = Session(256, 256, 256, 8), Stream()
extra.attach(session)
session.connect('c', None, None, 0, True, None, 0, asked)
session.send(stream)
stream.written = b''
gets(session, stream, 'f0061804' '1500016d', (AUTH, 0, 0x18))
assert extra.decode(session.properties) == {'authentication_method': 'm'}
assert extra.auth(session, 0x18, asked)
sends(session, stream, 'f00618041500016d')
raises(ValueError, extra.auth, session, 0x00, asked)
raises(RuntimeError, extra.auth, session, 0x19, asked)

# MQTT 3.1.1.
session, stream = Session(256, 256, 256, 8), Stream()
extra.attach(session)
session.connect('c', 'u', b'p', 10, True, ('w', b'x', 1, True), 0, None, 4)
sends(
    session,
    stream,
    '101900044d51545404ee000a00016300017700017800017500' '0170',
)
gets(session, stream, '20020000', (CONNACK, 0))
gets(session, stream, '3003000174', ['t', b''])
session.publish(MQTTMessage('t', 'x', 1), 0, False)
sends(session, stream, '32060001740001' '78')
assert session.disconnect(0)
sends(session, stream, 'e000')

# A broker that has 3.1.1 alone says so in its own words.
session, stream = Session(256, 256, 256, 8), Stream()
session.connect('c', None, None, 0, True, None)
session.send(stream)
gets(session, stream, '20020001', (CONNACK, 0x84))

# What is no Session.
raises(ValueError, extra.attach, 5)
raises(ValueError, extra.attach, 'x')

raises(ValueError, extra.attach, type('Session', (), {})())
raises(ValueError, extra.auth, object(), 0x18, b'')
print('OK')
