# SPDX-License-Identifier: MIT
# The log on a terminal: `nc <device> 8023`. Each viewer reads the same ring at
# its own pace, so one that stops reading costs the device nothing more, and
# loses lines, which it is told.

import asyncio
import logging

from micropython import const
from mpy_blox.log_handlers.records import COLOURED, records

logger = logging.getLogger('remote_terminal')

PORT = const(8023)
_VIEWERS = const(8)
_RETRY = const(10)  # seconds to the next try to listen
_PATIENCE = const(60)  # seconds a viewer may take nothing


class RemoteTerminalHandler:
    def __init__(self, host, port, source, replay=False):
        self.host = host
        self.port = port
        self.source = source
        self.replay = replay
        self.viewers = 0

    # For ever, over outages of the network.
    async def serve(self):
        while True:
            try:
                server = await asyncio.start_server(
                    self._viewer, self.host, self.port
                )
                logger.info('listening on port %d', self.port)
                await server.wait_closed()
            except OSError as e:
                logger.warning(
                    "cannot listen on '%s' port %d (%s); tried again",
                    self.host,
                    self.port,
                    e,
                )
            await asyncio.sleep(_RETRY)

    async def _viewer(self, stream, _):
        peer = '%s:%d' % tuple(stream.get_extra_info('peername')[:2])
        if self.viewers >= _VIEWERS:
            stream.write(b'all %d viewers are taken\r\n' % _VIEWERS)
            await _drain(stream)
            return await stream.wait_closed()
        self.viewers += 1
        logger.info('%s watches', peer)
        try:
            await self._show(stream)
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            self.viewers -= 1
            stream.close()
            logger.info('%s is gone', peer)

    async def _show(self, stream):
        reader = self.source.reader(COLOURED)
        if not self.replay:
            reader.skip()
        flag = asyncio.ThreadSafeFlag()
        self.source.wakes.append(flag.set)
        leaves = asyncio.create_task(_leaves(stream, flag))
        end = self.replay
        try:
            while not leaves.done():
                line = reader.next()
                lost = reader.lost()
                if lost:
                    stream.write(b'--- %d records lost ---\r\n' % lost)
                if line is not None:
                    stream.write(bytes(line).replace(b'\n', b'\r\n'))
                    stream.write(b'\r\n')
                elif end:
                    end = False
                    stream.write(b'--- end of replay ---\r\n')
                else:
                    await flag.wait()
                await _drain(stream)
        finally:
            leaves.cancel()
            self.source.wakes.remove(flag.set)


async def _drain(stream):
    await asyncio.wait_for(stream.drain(), _PATIENCE)


# Until the viewer closes; what it types means nothing.
async def _leaves(stream, flag):
    try:
        while await stream.read(64):
            pass
    except OSError:
        pass  # it broke off
    flag.set()


async def setup(settings):
    handler = RemoteTerminalHandler(
        settings['logging.remote_terminal.listen_host'],
        int(settings.get('logging.remote_terminal.listen_port', PORT)),
        records(),
        bool(settings.get('logging.replay_buffer')),
    )
    asyncio.create_task(handler.serve())
