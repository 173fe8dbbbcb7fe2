# SPDX-License-Identifier: MIT
"""Lines to a broker: a slow one, one that can be held, one that fails."""

import socket
import threading
import time


def hang_up(*ends):
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the peer was quicker


class Line:
    """Listens on `port` and passes everything on to `target` (a port) and
    back. Use as a context manager. A kind of line has a carry(source, to, up)
    of its own; up: these bytes go to the broker."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.ends = ()  # of the newest connection

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.listener.close()
        hang_up(*self.ends)

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
            self.ends = (near, far)
            for pair in ((near, far, True), (far, near, False)):
                pair[1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._run, args=pair, daemon=True).start()

    def _run(self, source, to, up):
        try:
            self.carry(source, to, up)
        except OSError:
            pass
        hang_up(source, to)

    def carry(self, source, to, up):
        raise NotImplementedError


class SlowLine(Line):
    """What comes back does so at `rate` bytes a second."""

    def __init__(self, target, rate):
        super().__init__(target)
        self.rate = rate

    def carry(self, source, to, up):
        while data := source.recv(4096):
            to.sendall(data)
            if not up:
                time.sleep(len(data) / self.rate)


class Gate(Line):
    """What comes back can be held at any byte, and the line cut there."""

    def __init__(self, target):
        super().__init__(target)
        self._changed = threading.Condition()
        self._left = None  # bytes that may still pass; None: any number

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
        """Ends the connection at this byte, and lets a new one pass."""
        with self._changed:
            ends, self.ends = self.ends, ()
            hang_up(*ends)
            self._left = None
            self._changed.notify_all()

    def __exit__(self, *exc):
        super().__exit__(*exc)
        self.cut()  # who waits to pass goes on, and ends

    def carry(self, source, to, up):
        while data := source.recv(4096):
            while data:
                count = len(data) if up else self._allowed(len(data), source)
                to.sendall(data[:count])
                data = data[count:]

    def _allowed(self, count, source):
        with self._changed:
            self._changed.wait_for(lambda: self._left != 0 or source not in self.ends)
            if source not in self.ends:
                raise OSError("cut")
            if self._left is not None:
                count = min(count, self._left)
                self._left -= count
                self._changed.notify_all()
            return count


class FaultLine(Line):
    """fail(kind, direction, at) arms it: at byte `at`, from now on, of what
    goes 'up' (to the broker) or 'down' the line is cut ('cut'), swallows
    everything from there on ('hole'), stops for a second ('delay') or goes on
    a byte at a time ('split'). One fault happens once; `happened` is set
    then."""

    def __init__(self, target):
        super().__init__(target)
        self.lock = threading.Lock()
        self.fault = None
        self.happened = threading.Event()

    def fail(self, kind, direction, at):
        with self.lock:
            self.happened.clear()
            self.fault = [kind, direction, at]

    def _due(self, direction, size):
        """(kind, bytes before it) when the fault is within these bytes."""
        with self.lock:
            if not self.fault or self.fault[1] != direction:
                return None, size
            kind, _, at = self.fault
            if at >= size:
                self.fault[2] -= size
                return None, size
            self.fault = None
            return kind, at

    def carry(self, source, to, up):
        step = 4096
        swallow = False
        while data := source.recv(step):
            kind, before = self._due("up" if up else "down", len(data))
            if not swallow:
                to.sendall(data[:before])
            if kind:
                self.happened.set()
            if kind == "cut":
                break
            if kind == "delay":
                time.sleep(1)
            swallow = swallow or kind == "hole"
            step = 1 if kind == "split" else step
            if not swallow:
                to.sendall(data[before:])
