# SPDX-License-Identifier: MIT
# _blox_mqtt.Session where there is no memory for a moment, and which of
# several sinks gets a message.
import io
from binascii import unhexlify

import micropython
from _blox_mqtt import Session

SUBACK = 2


class Stream(io.IOBase):
    incoming = b''
    piece = 100

    def readinto(self, buffer):
        part = self.incoming[: min(len(buffer), self.piece)]
        buffer[: len(part)] = part
        self.incoming = self.incoming[len(part) :]
        return len(part) or None

    def write(self, data):
        return len(data)


class Sink(io.IOBase):
    error = None

    def __init__(self):
        self.log = []

    def begin(self, topic, size, retain):
        return True

    def write(self, data):
        if self.error:
            micropython.heap_lock()
            raise self.error
        return len(data)

    def end(self, ok):
        self.log.append(ok)


def ready():
    session, stream = Session(1024, 2048, 1024, 8), Stream()
    session.connect('me', None, None, 60, True, None)
    session.send(stream)
    stream.incoming = unhexlify('2003000000')
    assert session.read(stream) == (1, 0, None, None)
    return session, stream


def publish(topic, payload):
    body = len(topic).to_bytes(2, 'big') + topic + b'\0' + payload
    return bytes((0x30, len(body))) + body


# The first that fits stays the first when another goes.
session, stream = ready()
other, first, second = Sink(), Sink(), Sink()
for key, sink in (('x', other), ('a/b', first), ('a/#', second), ('x', None)):
    session.sink(key, sink)
stream.incoming = publish(b'a/b', b'12')
assert session.read(stream) is None
assert first.log == [True] and second.log == []

# A sink that failed has failed, though there was no memory to say so.
session, stream = ready()
session.sink('s', first)
first.error = OSError(28)
stream.piece = 30
stream.incoming = publish(b's', bytes(100))
try:
    session.read(stream)
    assert False
except MemoryError:
    micropython.heap_unlock()
first.error = None
while stream.incoming:
    session.read(stream)
assert first.log == [True, False]

# An answer waits until there is memory to say it.
session, stream = ready()
read = getattr(session, '_bare', session).read  # what measures it allocates
for name in 'abc':
    session.subscribe(name, 0)
session.send(stream)
stream.incoming = unhexlify('900400010000900400020000900400030000')
assert session.read(stream) == (SUBACK, 1, 0, None)
said = None
micropython.heap_lock()
said = read(stream)
micropython.heap_unlock()
assert said is False
assert session.read(stream) == (SUBACK, 2, 0, None)
assert session.read(stream) == (SUBACK, 3, 0, None)

# A packet that there is no memory for can be sent later.
session, stream = ready()
subscribe = getattr(session, '_bare', session).subscribe
topic, error = 200 * 't', None
micropython.heap_lock()
try:
    subscribe(topic, 0)
except MemoryError as e:
    error = e
micropython.heap_unlock()
assert error and not session.pending
assert subscribe(topic, 0) > 0
assert subscribe(1100 * 't', 0) == -1  # what waits is sent first
session.send(stream)
try:
    subscribe(1100 * 't', 0)
    assert False
except ValueError as e:
    assert e.args == (-6,)

print('OK')
