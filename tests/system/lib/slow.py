# SPDX-License-Identifier: MIT
"""A slow line to a broker."""

import socket
import threading
import time

from lib.ports import free_port


class SlowLine:
    """Listens on `port` and passes what comes on to `target` (a port), and
    back at `rate` bytes a second. Use as a context manager."""

    def __init__(self, target, rate):
        self.target = target
        self.rate = rate
        self.port = free_port()
        self.listener = socket.create_server(("127.0.0.1", self.port))

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            for pair in ((near, far, None), (far, near, self.rate)):
                threading.Thread(
                    target=self._pass_on, args=pair, daemon=True
                ).start()

    @staticmethod
    def _pass_on(source, to, rate):
        try:
            while data := source.recv(4096):
                to.sendall(data)
                if rate:
                    time.sleep(len(data) / rate)
        except OSError:
            pass
        source.close()
        to.close()
