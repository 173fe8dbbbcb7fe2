# SPDX-License-Identifier: MIT
# Stands in for a network: whoever connects is talking to an MQTT 5 broker that
# acknowledges everything and retains nothing. It keeps no state but the bytes
# of one answer, and an empty one is the firmware's: at rest it takes no more
# than a socket of the firmware's.
import io
import struct

AF_INET = 2
SOCK_STREAM = 1
_CONNACK = b"\x20\x03\x00\x00\x00"


def getaddrinfo(host, port, *_):
    return [(AF_INET, SOCK_STREAM, 6, "", (host, port))]


class socket(io.IOBase):
    def __init__(self, *_):
        self.answers = b""
        self.asked = b""

    def setblocking(self, _):
        pass

    def setsockopt(self, *_):
        pass

    def connect(self, _):
        pass

    def ioctl(self, request, flags):
        if request == 3:  # MP_STREAM_POLL: writable, readable with an answer
            return flags & (5 if self.answers else 4)
        return 0

    def readinto(self, buffer):
        if not self.answers:
            return None
        size = min(len(buffer), len(self.answers))
        buffer[:size] = self.answers[:size]
        self.answers = self.answers[size:] or b""
        return size

    def write(self, data):
        self.asked += bytes(data)
        size = len(data)
        while self._answer():
            pass
        return size

    # Takes one packet off what was asked. Returns whether there was one.
    def _answer(self):
        asked = self.asked
        if len(asked) < 2:
            return False
        size = asked[1] & 127
        at = 2
        if asked[1] & 128:
            size |= asked[2] << 7
            at = 3
        if len(asked) < at + size:
            return False
        kind = asked[0] >> 4
        body = asked[at : at + size]
        self.asked = asked[at + size :] or b""
        if kind == 1:
            self.answers += _CONNACK
        elif kind == 3 and asked[0] & 6:
            topic = struct.unpack(">H", body)[0]
            self.answers += b"\x40\x02" + body[2 + topic : 4 + topic]
        elif kind in (8, 10):
            self.answers += bytes((kind + 1 << 4, 4)) + body[:2] + b"\0\0"
        elif kind == 12:
            self.answers += b"\xd0\0"
        return True
