# SPDX-License-Identifier: MIT
"""Lines of a known speed, for both sides of a comparison: a TCP link and a
serial line that carry no more bytes a second than told."""

import os
import pty
import select
import socket
import threading
import time
import tty

CHUNK = 1024


class Pace:
    """Lets at most `rate` bytes a second pass, evenly."""

    def __init__(self, rate):
        self.rate = rate
        self.due = time.monotonic()

    def wait(self, count):
        self.due = max(self.due, time.monotonic() - 0.02) + count / self.rate
        time.sleep(max(0, self.due - time.monotonic()))


def pump(read, write, pace):
    """Moves bytes from read to write until either end closes."""
    try:
        while True:
            data = read(CHUNK)
            if not data:
                break
            pace.wait(len(data))
            write(data)
    except OSError:
        pass


class Link:
    """A TCP port on loopback that leads to another, `rate` bytes a second
    each way. Small socket buffers, so that a sender feels the pace."""

    def __init__(self, port, rate):
        self.target = port
        self.rate = rate
        self.server = socket.create_server(('127.0.0.1', 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            far = socket.create_connection(('127.0.0.1', self.target))
            for a, b in ((near, far), (far, near)):
                a.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
                threading.Thread(target=self._carry, args=(a, b),
                                 daemon=True).start()

    def _carry(self, source, sink):
        pump(source.recv, sink.sendall, Pace(self.rate))
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.server.close()


class SerialLine:
    """A pty that leads to another at a baud rate (8N1: ten bits a byte)."""

    def __init__(self, port, baud):
        self.far = os.open(port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.far)
        self.near, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.port = os.ttyname(self.slave)
        self.running = True
        self.threads = [
            threading.Thread(target=self._carry, args=ends, daemon=True)
            for ends in ((self.near, self.far, baud), (self.far, self.near,
                                                       baud))]
        for thread in self.threads:
            thread.start()

    def _carry(self, source, sink, baud):
        pace = Pace(baud / 10)
        while self.running:
            if select.select([source], [], [], 0.1)[0]:
                data = os.read(source, 64)
                pace.wait(len(data))
                os.write(sink, data)

    def close(self):
        self.running = False
        for thread in self.threads:
            thread.join()
        for fd in (self.near, self.slave, self.far):
            os.close(fd)
