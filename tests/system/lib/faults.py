# SPDX-License-Identifier: MIT
"""A line to a broker that fails at a byte."""

import socket
import threading
import time


class FaultLine:
    """Listens on `port` and leads to `target` (a port). fail(kind, direction,
    at) arms it: at byte `at`, from now on, of what goes 'up' (to the broker)
    or 'down' the line is cut ('cut'), swallows everything from there on
    ('hole'), stops for a second ('delay') or goes on a byte at a time
    ('split'). One fault happens once; `happened` is set then."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
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

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.listener.close()

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
            for source, to, direction in ((near, far, "up"), (far, near, "down")):
                to.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(
                    target=self._carry, args=(source, to, direction), daemon=True
                ).start()

    def _carry(self, source, to, direction):
        step = 4096
        swallow = False
        try:
            while data := source.recv(step):
                kind, before = self._due(direction, len(data))
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
        except OSError:
            pass
        for end in (source, to):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
