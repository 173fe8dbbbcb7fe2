# SPDX-License-Identifier: MIT
# mpy_blox.socket_uart between a client and a UART that answers in capitals.
import asyncio
import io

import network

from mpy_blox.socket_uart import SocketUART

PORT = 13767


class Uart(io.IOBase):
    def __init__(self):
        self.incoming = b''
        self.baud = None

    def init(self, baud, timeout):
        self.baud = baud

    def deinit(self):
        self.baud = None

    def ioctl(self, request, flags):
        if request == 3:
            return flags & (5 if self.incoming else 4)
        return -1

    def readinto(self, buffer):
        size = min(len(buffer), len(self.incoming))
        if not size:
            return None
        buffer[:size] = self.incoming[:size]
        self.incoming = self.incoming[size:]
        return size

    def write(self, data):
        self.incoming += bytes(data).upper()
        return len(data)


async def talk(text):
    reader, writer = await asyncio.open_connection('127.0.0.1', PORT)
    writer.write(text)
    await writer.drain()
    answer = await asyncio.wait_for(reader.readexactly(len(text)), 5)
    return reader, writer, answer


async def main():
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    wlan.connect('any', 'network')
    while not wlan.isconnected():
        await asyncio.sleep_ms(10)

    uart = Uart()
    bridge = SocketUART(uart, port=PORT, baud=9600)
    bridge.start()
    assert uart.baud == 9600
    server = asyncio.create_task(bridge.serve_forever())
    await asyncio.sleep_ms(20)
    for text in (b'hello', b'x' * 3000, b'\0\xff'):
        reader, writer, answer = await talk(text)
        assert answer == text.upper()
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep_ms(20)

    # A second client is turned away while there is one.
    reader, writer, answer = await talk(b'first')
    other, other_writer = await asyncio.open_connection('127.0.0.1', PORT)
    assert await asyncio.wait_for(other.read(10), 5) == b''
    await other_writer.wait_closed()
    writer.write(b'still')
    await writer.drain()
    assert await asyncio.wait_for(reader.readexactly(5), 5) == b'STILL'
    await writer.wait_closed()

    bridge.stop()
    await asyncio.wait_for(server, 5)
    assert uart.baud is None


asyncio.run(main())
print('OK')
