# SPDX-License-Identifier: MIT
# _blox_mqtt.Session over a stream of this script's own: every byte is seen.
import builtins
import gc
import io
from binascii import hexlify, unhexlify
from errno import ECONNRESET

from _blox_mqtt import MQTTMessage, Session, match

RAISED, CONNACK, SUBACK, UNSUBACK, PUBACK = 0, 1, 2, 3, 4
SKIPPED, RESEND, DISCONNECT, ERROR, UNREAD = 8, 10, 11, 12, 16


class Stream(io.IOBase):
    # incoming: the parts that reads give, at most `piece` bytes at a time;
    # takes: how many bytes writes take.
    def __init__(self, *incoming, takes=1 << 20):
        self.incoming = list(incoming)
        self.at = 0
        self.piece = 1 << 20
        self.takes = takes
        self.written = b''
        self.writes = 0
        self.ended = False

    def readinto(self, buffer):
        done = 0
        most = min(len(buffer), self.piece)
        while self.incoming and done < most:
            part = self.incoming[0]
            size = min(most - done, len(part) - self.at)
            buffer[done : done + size] = memoryview(part)[
                self.at : self.at + size
            ]
            done += size
            self.at += size
            if self.at == len(part):
                self.at = 0
                self.incoming.pop(0)
        return done if done or self.ended else None

    def write(self, data):
        size = min(len(data), self.takes)
        if size == 0:
            return None
        self.takes -= size
        self.writes += 1
        self.written += bytes(data[:size])
        return size


def ready(connack='2003000000'):
    session = Session(1024, 2048, 1024, 8)
    session.connect('me', None, None, 60, True, None)
    stream = Stream(unhexlify(connack))
    assert session.pending and session.send(stream) == 0
    assert hexlify(stream.written) == b'100f00044d5154540502003c0000026d65'
    assert not session.pending and not session.connected
    assert session.read(stream) == (CONNACK, 0, None, None)
    assert session.connected
    stream.written = b''
    return session, stream


def publish(topic, payload, first=0x30, identifier=b''):
    body = len(topic).to_bytes(2, 'big') + topic + identifier + b'\0'
    size = len(body) + len(payload)
    length = b''
    while True:
        length += bytes(((size & 127) | (128 if size > 127 else 0),))
        size >>= 7
        if not size:
            return [bytes((first,)) + length + body, payload]


def received(session, stream):
    events = []
    for _ in range(100000):
        event = session.read(stream)
        if event is None and not stream.incoming:
            return events
        if isinstance(event, (tuple, MQTTMessage)):
            events.append(event)
    assert False, 'it never ends'


# Messages of every size about the limits, in pieces of several sizes.
for piece in (1, 7, 2048, 1 << 20):
    for size in (0, 1, 100, 2047, 2048, 2049, 8191, 8192):
        if piece == 1 and size > 2049:
            continue
        first = second = session = stream = payload = None
        gc.collect()
        session, stream = ready()
        stream.piece = piece
        payload = bytes(range(256)) * (size // 256) + bytes(size % 256)
        stream.incoming = (
            publish(b'a/b', payload) + publish(b'c', b'2', 0x3B, b'\1\2')
        )
        first, second = received(session, stream)
        assert first.topic == 'a/b' and first.raw_payload == payload
        assert type(first.raw_payload) is bytes
        assert hash(first.raw_payload) == hash(payload)
        assert first.qos == 0 and first.retain is False
        assert first.packet_identifier is None
        assert second.payload == 2 and second.qos == 1 and second.retain
        assert second.packet_identifier == 258
        session.send(stream)
        assert stream.written == b'\x40\x02\x01\x02'

# One byte more is skipped, and the next message is there.
session, stream = ready()
stream.incoming = (
    publish(b'large', bytes(8193)) + publish(b's', b'x')
)
events = received(session, stream)
assert events[0][:3] == (SKIPPED, 'large', 8193)
assert events[1].raw_payload == b'x' and events[0][3] == 1


def checksum(data, so_far=0):
    for byte in data:
        so_far = (so_far * 31 + byte) & 0xFFFFFF
    return so_far


class Sink(Stream):
    def write(self, data):
        size = min(len(data), self.takes)
        self.takes -= size
        self.checksum = checksum(data[:size], self.checksum)
        return size or None

    def begin(self, topic, size, retain):
        self.log.append((topic, size, retain))
        if size == 1:
            raise OSError(28)
        return size != 2

    def end(self, ok):
        self.log.append(ok)
        if self.bad_end:
            raise ValueError('end')


def sink(**attributes):
    made = Sink()
    made.log = []
    made.bad_end = False
    made.checksum = 0
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


# A sink takes payloads of any size, or declines, and may be taken away.
session, stream = ready()
taking = sink()
session.sink('s', taking)
payload = bytes(range(256)) * 40
for piece in (13, 1 << 20):
    stream.piece = piece
    taking.log.clear()
    taking.checksum = 0
    stream.incoming = (
        publish(b's', payload, 0x31) + publish(b's', b'') + publish(b's', b'12')
    )
    assert received(session, stream) == []
    assert taking.log == [
        ('s', 10240, True), True, ('s', 0, False), True, ('s', 2, False)
    ]  # fmt: skip
    assert taking.checksum == checksum(payload)
session.sink('s', None)
session.sink('s', None)
stream.incoming = publish(b's', b'mine')
assert received(session, stream)[0].raw_payload == b'mine'
for topic in 'abcdefgh':
    session.sink(topic, taking)
taking.checksum = 0
stream.incoming = publish(b'g', b'seventh')
assert received(session, stream) == []
assert taking.checksum == checksum(b'seventh')
try:
    session.sink('x', 5)
    assert False
except OSError:
    pass

# What a sink raises is an event, and the connection goes on.
for bad, size, kind in (
    (sink(), 1, OSError),
    (sink(takes=3), 10, OSError),
    (sink(bad_end=True), 10, ValueError),
):
    session, stream = ready()
    session.sink('s', bad)
    stream.incoming = publish(b's', bytes(size)) + publish(b't', b'')
    events = received(session, stream)
    assert events[0][0] == RAISED and isinstance(events[0][1], kind), events
    assert events[-1].topic == 't' and session.connected
assert bad.log[-1] is True


class Hash:
    def __init__(self):
        self.checksum = 0

    def update(self, data):
        self.checksum = checksum(data, self.checksum)


# Takes the place of MicroPython's, which needs a file system.
def open_file(path, mode):
    if not room:
        raise OSError(28)
    files.append(File(path, mode))
    return files[-1]


class File(io.IOBase):
    def __init__(self, path, mode):
        self.path = path, mode
        self.written = b''

    def write(self, data):
        if len(self.written) + len(data) > room:
            raise OSError(28)
        self.written += bytes(data)
        return len(data)

    def close(self):
        self.path += ('closed',)


# What nobody reads for now: the last message's hash, or a file for each.
session, stream = ready()
files, room = [], 1 << 20
payload = payload[:4096]  # written twice, in a small heap
builtins.open = open_file
session.sink('d', Hash)
session.sink('f', '/came%d')
stream.piece = 13
stream.incoming = (
    publish(b'd', payload, 0x31)
    + publish(b'f', payload)
    + publish(b'd', b'')
    + publish(b'f', b'')  # says nothing
    + publish(b'f', b'old', 0x31)  # comes again
    + publish(b'f', b'two')
)
first, *events = received(session, stream)
assert first[0] == UNREAD and first[2] == 0
assert first[1].checksum == checksum(payload)
assert events == [
    (UNREAD, True, 1, None),
    (UNREAD, False, 1, None),
    (UNREAD, True, 1, None),
    (UNREAD, True, 2, None),
], events
assert [file.path for file in files] == [
    ('/came0', 'wb', 'closed'), ('/came1', 'wb', 'closed')
]  # fmt: skip
assert files[0].written == payload and files[1].written == b'two'

# A file that cannot be written does not count, and is written anew.
for room in (0, 5, 1 << 20):
    stream.incoming = publish(b'f', b'third ') + publish(b't', b'')
    (kind, raised, count, _), last = received(session, stream)
    assert last.topic == 't'
    if room > 5:
        assert (kind, raised, count) == (UNREAD, True, 3)
    else:
        assert kind == RAISED and isinstance(raised, OSError)
assert [file.path[0] for file in files[2:]] == ['/came2', '/came2']
assert len(files[2].path) == 3 and files[3].written == b'third '

# What the connection ends in is closed, and hashed for nothing.
for topic in (b'd', b'f'):
    session, stream = ready()
    session.sink('d', Hash)
    session.sink('f', '/came%d')
    begun = b'\x30\x68\0\1' + topic + b'\0'
    stream.incoming = [begun, payload[:45]]
    assert received(session, stream) == [] and session.close() is None
assert files[-1].path == ('/came0', 'wb', 'closed')
del builtins.open

# A connection that ends in the middle: end(False), once.
session, stream = ready()
cut = sink()
session.sink('s', cut)
stream.incoming = [publish(b's', b'')[0][:1] + b'\x68' + b'\0\1s\0', bytes(45)]
received(session, stream)
stream.ended = True
try:
    session.read(stream)
    assert False
except OSError as e:
    assert e.errno == ECONNRESET
assert session.close() is None and session.close() is None
assert cut.log == [('s', 100, False), False] and not session.connected

# Out: what fits is copied, what does not is sent from where it lies.
session, stream = ready()
assert session.publish(MQTTMessage('t', b'x' * 200), 0, False) == 0
first = second = payload = stream.incoming = None
gc.collect()
large = bytes(range(250)) * 8
assert session.publish(MQTTMessage('t', large, 1, True), 0, False) == 2
assert session.publish(MQTTMessage('t', large), 0, False) == -1, 'one at a time'
assert session.publish(MQTTMessage('t', 'behind'), 0, False) == 0
stream.takes = 100
while session.send(stream):
    stream.takes = 77
stream.takes = 1 << 20
assert stream.written == b''.join(
    publish(b't', b'x' * 200)
    + publish(b't', large, 0x33, b'\0\2')
    + publish(b't', b'behind')
)
stream.incoming = [b'\x40\x02\x00\x02']
assert received(session, stream)[0][:3] == (PUBACK, 2, 0)

# A write without room is tried again as it was (TLS demands it), whatever is
# behind it by then.
class Full(Stream):
    def write(self, data):
        self.tried.append(len(data))
        return super().write(data)


session.publish(MQTTMessage('t', '1'), 0, False)
full = Full(takes=0)
full.tried = []
first = session.send(full)
session.publish(MQTTMessage('t', '2'), 0, False)
assert session.send(full) == first
full.takes = 1 << 20
assert session.send(full) == 0
assert full.tried == [first, first, first, first]
assert full.written == b''.join(publish(b't', b'1') + publish(b't', b'2'))

# Subscribing, and what the broker thinks of it.
stream.written = b''
asked = session.subscribe('a/#', 1), session.unsubscribe('a/#')
session.send(stream)
assert hexlify(stream.written) == (
    b'820900%02x000003612f2301a20800%02x000003612f23' % asked
)
stream.incoming = [unhexlify('900400%02x0001b00400%02x0011' % asked)]
assert [event[:3] for event in received(session, stream)] == [
    (SUBACK, asked[0], 1), (UNSUBACK, asked[1], 17)
]  # fmt: skip

# What must not be asked for.
for call in (
    lambda: session.publish(MQTTMessage('a/#', b''), 0, False),
    lambda: session.publish(MQTTMessage('', b''), 0, False),
    lambda: session.publish(MQTTMessage('t', b'', 2), 0, False),
    lambda: session.publish(MQTTMessage('t', b''), -1, False),
    lambda: session.publish(MQTTMessage('t', b''), 65536, False),
    lambda: session.subscribe('a#', 0),
    lambda: session.subscribe('a', 256),
    lambda: session.unsubscribe(''),
    lambda: Session(10, 2048, 1024, 8),
    lambda: Session(1024, 0, 1024, 8),
    lambda: Session(1024, 2048, 1024, 0),
    lambda: Session(1024, 2048, 1024, 8).connect(
        'c', None, None, 60, True, ('a/+', b'', 0, False)
    ),
    lambda: Session(1024, 2048, 1024, 8).connect(
        'c', None, None, 60, True, ('a', b'', 0)
    ),
    lambda: Session(1024, 2048, 64, 8).connect(
        'c' * 100, None, None, 60, True, None
    ),
):
    try:
        call()
        assert False
    except ValueError:
        pass
for call in (
    lambda: session.publish(5, 0, False),
    lambda: session.connect('c', 5, None, 60, True, None),
):
    try:
        call()
        assert False
    except (TypeError, AttributeError):
        pass
try:
    Session(1024, 2048, 1024, 8).publish(MQTTMessage('t', b''), 0, False)
    assert False
except ValueError as e:
    assert e.args == (-2,)  # BLOX_ERROR_STATE

# A message of a few hundred bytes goes out in one piece; the room for it is
# given back.
session, stream = ready()
for size in (100, 200, 256):
    assert session.publish(MQTTMessage('t' * 50, b'x' * size), 0, False) == 0
    assert session.publish(MQTTMessage('t', b'y' * 8), 0, False) == 0
    writes = stream.writes
    assert not session.send(stream) and stream.writes == writes + 1

# What is small at rest grows to what is needed: a long state is copied, once
# there is memory for it, and the next ones allocate nothing.
session, stream = ready()
state = bytes(700)
assert session.publish_now('t', state, False)
assert not session.publish_now('t', state, False), 'send first'
while session.send(stream):
    pass
bare = getattr(session, '_bare', session)  # what measures it allocates
before = after = 0
before = gc.mem_alloc()
assert bare.publish_now('t', state, False)
after = gc.mem_alloc()
assert before == after, after - before
session.send(stream)
assert session.publish_now('t', bytes(1025), False) is False
long = 't' * 900
stream.incoming = publish(long.encode(), b'1') + publish(b't' * 1100, b'2')
events = received(session, stream)
assert events[0].topic == long and events[1][0] == SKIPPED
assert session.tick(0) > 0 and session.tick(1) > 0
stream.incoming = publish(long.encode(), b'1') + publish(b't', b'2')
assert [m.payload for m in received(session, stream)] == [1, 2]

# The clock: ticks_ms wraps at 2**30.
session, stream = ready()
assert session.tick((1 << 30) - 1000) == 45000
assert session.tick(43000) == 1000 and not session.pending
assert session.tick(44000) == 45000
stream.written = b''
session.send(stream)
assert stream.written == b'\xc0\x00'
assert session.tick(89000)[0] == ERROR and not session.connected

# Malformed: said to the broker, and the end.
session, stream = ready()
stream.incoming = [b'\x36\x00']
assert received(session, stream)[0] == (ERROR, -4, 0x81, None)
stream.written = b''
session.send(stream)
assert stream.written == b'\xe0\x01\x81'

# Refused; unacknowledged messages are asked for again after the next CONNACK.
session, stream = ready()
assert session.publish(MQTTMessage('t', b'1', 1), 0, False) == 1
session.close()
session.connect('me', 'user', b'pw', 60, True, ('w', b'gone', 1, True))
stream = Stream(unhexlify('20080087051f00026e6f'))
session.send(stream)
assert hexlify(stream.written) == (
    b'102300044d51545405ee003c0000026d65000001770004676f6e65'
    b'0004757365720002' + hexlify(b'pw')
)
assert received(session, stream) == [(CONNACK, 0x87, None, 'no')]
session.close()
session.connect('', None, None, 0, True, None)
stream = Stream(unhexlify('20090000061200036d6965'))
session.send(stream)
stream.written = b''
assert received(session, stream) == [
    (CONNACK, 0, 'mie', None), (RESEND, 1, False, None)
]  # fmt: skip
assert session.publish(MQTTMessage('t', b'1', 1), 1, False) == 1
session.send(stream)
assert stream.written == b''.join(publish(b't', b'1', 0x32, b'\0\1'))
stream.incoming = [b'\xe0\x01\x8b']
assert received(session, stream) == [(DISCONNECT, 0, 0x8B, None)]

# collect: a list takes the messages of one topic object, while it is short.
session, stream = ready()
stream.incoming = publish(b'd', b'1') * 40 + publish(b'e', b'2')
first = session.read(stream)
messages = []
session.collect(first.topic, messages)
events = received(session, stream)
assert len(messages) == 16 and len(events) == 24 and events[-1].topic == 'e'
session.collect(None, None)

assert match('a/+/#', 'a/b') and not match('+', '$SYS')
print('OK')
