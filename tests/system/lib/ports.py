# SPDX-License-Identifier: MIT
"""Free ports on the loopback interface."""

import socket
import time


def free_port(kind=socket.SOCK_STREAM):
    """A port number nobody listens on right now."""
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, timeout=10):
    """Returns when something accepts connections on the port."""
    end = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise TimeoutError("nothing listens on port %d" % port)
            time.sleep(0.02)
