# SPDX-License-Identifier: MIT
# Sets the clock from an SNTP server (RFC 4330), with the names of
# MicroPython's own ntptime. The server is the one board's --ntp names; without
# it the clock is set from the host's.
import _board
import socket
import struct
from machine import RTC
from time import gmtime

host = "pool.ntp.org"
timeout = 1

# Seconds from 1900-01-01 to 2000-01-01.
NTP_DELTA = 3155673600


def time():
    server = _board.ntp()
    if server is None:
        # Without a network a name server would not answer either.
        socket.getaddrinfo("127.0.0.1", 123)
        return _board.host_time()
    query = bytearray(48)
    query[0] = 0x1B
    address = socket.getaddrinfo(server[0], server[1])[0][-1]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.settimeout(timeout)
        s.sendto(query, address)
        reply = s.recv(48)
    finally:
        s.close()
    return struct.unpack("!I", reply[40:44])[0] - NTP_DELTA


def settime():
    tm = gmtime(time())
    RTC().datetime((tm[0], tm[1], tm[2], tm[6] + 1, tm[3], tm[4], tm[5], 0))
