# SPDX-License-Identifier: MIT
# Keeps the last records, for a terminal that connects later and, with
# logging.replay_buffer.persistence, over a reset or a power cut: in two files
# of bounded size. A record that the power cut in half is left out.

import asyncio
import logging
import os

from micropython import const
from mpy_blox.log_handlers.records import records

logger = logging.getLogger('replay_buffer')

MAX_RECORDS = const(150)
_BYTES = const(64)  # of an average record
_SIZE_MIN = const(4096)
_SIZE_MAX = const(8192)
_FLUSH = const(5)  # seconds between two writes to flash
_CURRENT = '/replay.log'
_BEFORE = '/replay.log.1'
_END = '\x1e'  # ASCII's record separator, behind each


class ReplayBufferHandler(logging.Handler):
    # source: the records, in which it is the size.
    def __init__(self, max_records=MAX_RECORDS, persistence=False):
        super().__init__()
        size = max_records * _BYTES
        size = max(_SIZE_MIN, min(size, _SIZE_MAX))
        self.source = records(size, max_records)
        self.size = size
        self._pending = []
        self._flag = asyncio.ThreadSafeFlag()
        if persistence:
            self._load(_BEFORE)
            self._load(_CURRENT)
            logging.root.addHandler(self)
            asyncio.create_task(self._write())

    # What was kept, as it was; its time is in its text.
    def _load(self, path):
        try:
            with open(path) as file:
                content = file.read()
        except (OSError, ValueError):
            return
        for text in content.split(_END)[:-1]:
            level, _, message = text.partition(' ')
            if level.isdigit():
                self.source.put(int(level), 'before', message)

    def emit(self, record):
        text = '%d %s: %s' % (
            record.levelno,
            record.name,
            record.getMessage(),
        )
        if len(self._pending) < 32:
            self._pending.append(text.replace(_END, ' '))
            self._flag.set()

    async def _write(self):
        while True:
            await self._flag.wait()
            await asyncio.sleep(_FLUSH)
            pending, self._pending = self._pending, []
            try:
                self._append(pending)
            except OSError as e:
                logger.error('keeping records failed: %s', e)
                await asyncio.sleep(60)

    # The older half goes when the newer one is full: by a rename, so that
    # either is whole whenever the power is cut.
    def _append(self, pending):
        with open(_CURRENT, 'a') as file:
            for text in pending:
                file.write(text)
                file.write(_END)
            size = file.tell()
        if size > self.size // 2:
            try:
                os.remove(_BEFORE)
            except OSError:
                pass  # there was none
            os.rename(_CURRENT, _BEFORE)


async def setup(settings):
    ReplayBufferHandler(
        settings.get('logging.replay_buffer.max_records', MAX_RECORDS),
        settings.get('logging.replay_buffer.persistence', False),
    )
