# SPDX-License-Identifier: MIT
# Log records to a syslog server, over UDP. What it cannot reach is lost, and
# nothing waits for it.

import asyncio
import logging
import socket

from micropython import const
from mpy_blox.log_handlers.records import (
    RFC3164,
    RFC5424,
    RecordHandler,
    level_of,
    records,
)

logger = logging.getLogger('syslog')

PORT = const(514)
_RETRY = const(60)  # seconds to the next try to find the server


class SyslogHandler(logging.Handler):
    # Sends records of that level and above. Lines are always split: a datagram
    # holds one. split_lines is there for programs that say so.
    def __init__(
        self,
        hostname,
        syslog_level=logging.ERROR,
        split_lines=True,
        port=PORT,
        rfc5424=False,
        source=None,
    ):
        super().__init__(syslog_level)
        self.hostname = hostname
        self.port = port
        self.sock = None
        self.address = None
        self._records = source or RecordHandler()
        form = RFC5424 if rfc5424 else RFC3164
        from mpy_blox.config import config

        self._reader = self._records.reader(
            form, syslog_level, config.get('hostname', 'mpy-blox')
        )
        if source:
            source.wakes.append(self.send)
        asyncio.create_task(self._find())

    def __str__(self):
        return '<SyslogHandler hostname=%s>' % self.hostname

    # When it is a handler by itself; else records() is.
    def emit(self, record):
        self._records.emit(record)
        self.send()

    def send(self):
        if not self.sock:
            return
        line = self._reader.next()
        while line is not None:
            try:
                self.sock.sendto(line, self.address)
            except OSError:
                pass  # no network, or no room: UDP loses
            line = self._reader.next()

    async def _find(self):
        said = False
        while not self.sock:
            try:
                found = socket.getaddrinfo(
                    self.hostname, self.port, 0, socket.SOCK_DGRAM
                )
                self.address = found[0][-1]
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                sock.setblocking(False)
                self.sock = sock
            except (OSError, IndexError) as e:
                if not said:
                    said = True
                    logger.warning(
                        "no server '%s' (%s); tried again, check "
                        'logging.syslog.hostname in settings.json',
                        self.hostname,
                        e,
                    )
                await asyncio.sleep(_RETRY)
        self.send()


async def setup(settings):
    SyslogHandler(
        settings['logging.syslog.hostname'],
        level_of(settings.get('logging.syslog.level'), logging.ERROR),
        port=settings.get('logging.syslog.port', PORT),
        rfc5424=settings.get('logging.syslog.rfc5424', False),
        source=records(),
    )
