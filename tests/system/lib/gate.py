# SPDX-License-Identifier: MIT
"""A line to a broker that can be held, and cut, at any byte."""

import socket
import threading

from lib.ports import free_port


def hang_up(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the peer was quicker


class Gate:
    """Listens on `port` and passes everything on to `target` (a port) and
    back; what comes back can be held. Use as a context manager."""

    def __init__(self, target):
        self.target = target
        self.port = free_port()
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self._changed = threading.Condition()
        self._left = None  # bytes that may still pass; None: any number
        self._ends = []

    def hold_after(self, count):
        """From now on `count` more bytes pass to the board, then none."""
        with self._changed:
            self._left = count

    def wait_held(self, timeout=20):
        """Waits until they have passed."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._left == 0, timeout):
                raise TimeoutError("%s bytes are left to pass" % self._left)

    def release(self):
        with self._changed:
            self._left = None
            self._changed.notify_all()

    def cut(self):
        """Ends every connection at this byte, and lets new ones pass."""
        with self._changed:
            ends, self._ends = self._ends, []
            for end in ends:
                hang_up(end)
            self._left = None
            self._changed.notify_all()

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.listener.close()
        self.cut()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            with self._changed:
                self._ends = [near, far]
            for pair in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source, to, gated):
        try:
            while data := source.recv(4096):
                while data:
                    count = self._allowed(len(data), source) if gated else len(data)
                    to.sendall(data[:count])
                    data = data[count:]
        except OSError:
            pass
        hang_up(source)
        hang_up(to)

    def _allowed(self, count, source):
        with self._changed:
            self._changed.wait_for(lambda: self._left != 0 or source not in self._ends)
            if source not in self._ends:
                raise OSError("cut")
            if self._left is not None:
                count = min(count, self._left)
                self._left -= count
                self._changed.notify_all()
            return count
