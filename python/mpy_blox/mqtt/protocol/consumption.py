# SPDX-License-Identifier: MIT

import asyncio


# async for msg in client.consume(): ends with the connection.
class Consumption:
    def __init__(self, client):
        self.client = client

    def __aiter__(self):
        return self

    async def __anext__(self):
        client = self.client
        while not client.held:
            if client.lost.is_set():
                if client.reason:
                    raise client.reason
                raise StopAsyncIteration
            await asyncio.sleep_ms(10)
        return client.held.pop(0)
