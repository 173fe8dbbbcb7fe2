# SPDX-License-Identifier: MIT
# One connection, wherever to: the byte link, at whose other end the host is.
# Once closed there is no other until the next reset.
from errno import ECONNREFUSED

from target import Link

AF_INET = 2
SOCK_STREAM = 1
_used = False


def getaddrinfo(host, port, *hints):
    return [(AF_INET, SOCK_STREAM, 0, '', (host, port))]


def socket(*hints):
    global _used
    if _used:
        raise OSError(ECONNREFUSED)
    _used = True
    return Link()
