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
_PENDING = const(32)  # records that may wait for it; more are not kept
_END = '\x1e'  # ASCII's record separator, behind each


class ReplayBufferHandler:
    def __init__(self, max_records=MAX_RECORDS, persistence=False):
        size = max_records * _BYTES
        self.size = max(_SIZE_MIN, min(size, _SIZE_MAX))
        self.source = records(self.size, max_records)
        self._pending = []
        self._flag = asyncio.ThreadSafeFlag()
        if persistence:
            self._load(_BEFORE)
            self._load(_CURRENT)
            self.source.keep = self._keep
            asyncio.create_task(self._write())

    # What was kept, as it was, with its time.
    def _load(self, path):
        try:
            with open(path) as file:
                content = file.read()
        except (OSError, ValueError):
            return
        for text in content.split(_END)[:-1]:
            head, _, message = text.partition('\t')
            try:
                level, seconds, milliseconds, name = head.split(' ', 3)
                self.source.ring.put(
                    int(level), int(seconds), int(milliseconds), name, message
                )
            except ValueError:
                pass  # no record of ours

    def _keep(self, record):
        if len(self._pending) < _PENDING:
            text = self.source.ring.text(record)
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
            os.rename(_CURRENT, _BEFORE)


async def setup(settings):
    ReplayBufferHandler(
        settings.get('logging.replay_buffer.max_records', MAX_RECORDS),
        settings.get('logging.replay_buffer.persistence', False),
    )
