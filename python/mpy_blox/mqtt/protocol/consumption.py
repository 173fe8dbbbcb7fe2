# SPDX-License-Identifier: MIT


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
            client.arrived.clear()
            await client.arrived.wait()
        return client.held.pop(0)
