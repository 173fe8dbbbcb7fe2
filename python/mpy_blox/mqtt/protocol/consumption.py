# SPDX-License-Identifier: MIT


# async for msg in client.consume(): ends with the connection.
class Consumption:
    def __init__(self, client):
        self.client = client

    def __aiter__(self):
        return self

    async def __anext__(self):
        client = self.client
        while not client._held:
            if client._sock is False:
                if client._reason:
                    raise client._reason
                raise StopAsyncIteration
            client._arrived.clear()
            await client._arrived.wait()
        return client._held.pop(0)
