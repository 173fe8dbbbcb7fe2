# SPDX-License-Identifier: MIT
"""A broker that does what a test says, byte by byte."""

import socket

CONNACK = bytes.fromhex("2003000000")


class Script:
    """Listens on a free port. accept() takes a connection and its CONNECT;
    then read() and send() are the broker."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.port = self.listener.getsockname()[1]
        self.peer = None

    def accept(self, connack=CONNACK):
        """Returns the CONNECT packet, answered by connack."""
        self.peer, _ = self.listener.accept()
        self.peer.settimeout(20)
        packet = self.packet()
        self.peer.sendall(connack)
        return packet

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.peer.recv(size - len(data))
            if not more:
                raise EOFError("the client closed the connection")
            data += more
        return data

    def packet(self):
        """The next packet from the client; EOFError when it has closed."""
        packet = self._exactly(1)
        remaining = shift = 0
        while True:
            byte = self._exactly(1)
            packet += byte
            remaining |= (byte[0] & 127) << shift
            shift += 7
            if byte[0] < 128:
                return packet + self._exactly(remaining)

    def packet_of(self, kind):
        """The next packet of this type; others are passed over."""
        while True:
            packet = self.packet()
            if packet[0] >> 4 == kind:
                return packet

    def send(self, data):
        """Sends bytes, or hex digits."""
        if isinstance(data, str):
            data = bytes.fromhex(data)
        self.peer.sendall(data)

    def hang_up(self):
        self.peer.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.peer:
            self.peer.close()
        self.listener.close()
