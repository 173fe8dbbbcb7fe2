# SPDX-License-Identifier: MIT
# A UART as a TCP port: what comes in on one goes out on the other
# (docs/blocks/socket_uart.md).

import asyncio
from logging import getLogger

logger = getLogger('socket_uart')


class SocketUART:
    # status_pin_id: a pin that changes with whatever the UART sends.
    def __init__(self, uart, status_pin_id=None, port=3767, baud=115200):
        self.uart = uart
        self.status_pin_id = status_pin_id
        self.port = port
        self.baud = baud
        self._busy = False
        self._pin = None
        self._server = None

    def start(self):
        self.uart.init(self.baud, timeout=0)

    def stop(self):
        if self._server is not None:
            self._server.close()
            self._server = None
        self.uart.deinit()

    # Serves one client after the other, until it is cancelled or stop().
    async def serve_forever(self):
        if self.status_pin_id is not None:
            from machine import Pin

            self._pin = Pin(self.status_pin_id, Pin.OUT)
        self._server = await asyncio.start_server(
            self._client, '0.0.0.0', self.port
        )
        logger.info('%s is at port %d', self.uart, self.port)
        await self._server.wait_closed()

    async def _client(self, reader, writer):
        peer = writer.get_extra_info('peername')
        if self._busy:
            logger.warning('%s is turned away: the UART has a client', peer)
            await writer.wait_closed()
            return
        self._busy = True
        logger.info('%s connected', peer)
        try:
            await self.serve_client(reader, writer)
        except OSError as e:
            logger.warning('%s is gone (%s)', peer, e)
        finally:
            self._busy = False
            await writer.wait_closed()

    # Both ways, until the client closes.
    async def serve_client(self, reader, writer):
        uart = asyncio.StreamReader(self.uart)
        out = asyncio.create_task(self._carry(uart, writer, self._pin))
        try:
            await self._carry(reader, uart, None)
        finally:
            out.cancel()
            try:
                await out
            except (asyncio.CancelledError, OSError):
                pass

    async def _carry(self, source, sink, pin):
        buffer = bytearray(256)
        view = memoryview(buffer)
        while True:
            size = await source.readinto(buffer)
            if size is None:  # a UART may wake without bytes
                continue
            if size == 0:
                return
            if pin is not None:
                pin.value(not pin.value())
            sink.write(view[:size])
            await sink.drain()
