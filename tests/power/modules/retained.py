# SPDX-License-Identifier: MIT
# In the place of a connection to a broker, with what that broker retains.
import asyncio

AT_WORK = ('downloading', 'installing', 'rebooting')
CHUNK = 1024  # bytes of a payload that come at once


class Connection:
    is_connected = True

    # payload: a function that returns a topic's payload, or None.
    def __init__(self, client_id, payload):
        self.client_id = client_id
        self.payload = payload
        self.on_connect = []
        self.on_disconnect = []
        self.sinks = {}
        self.delivering = 0

    def add_sink(self, topic, sink):
        self.sinks[topic] = sink

    def remove_sink(self, topic):
        self.sinks.pop(topic, None)

    async def connected(self):
        pass

    async def disconnect(self):
        pass

    async def publish(self, message):
        pass

    async def unsubscribe(self, topic):
        pass

    async def subscribe(self, topic, consumer, qos):
        payload = self.payload(topic)
        if payload is not None:
            asyncio.create_task(self.deliver(topic, payload))

    async def deliver(self, topic, payload):
        sink = self.sinks[topic]
        if sink.begin(topic, len(payload), True):
            self.delivering += 1
            for at in range(0, len(payload), CHUNK):
                sink.write(payload[at : at + CHUNK])
                await asyncio.sleep_ms(1)
            sink.end(True)
            self.delivering -= 1


# Follows the channel "test" until there is nothing more to do. patience:
# seconds that a list may take to be read.
async def follow(connection, patience):
    from mpy_blox.mqtt.update import MQTTUpdateChannel

    channel = MQTTUpdateChannel('test', True, connection)
    await channel.register()
    try:
        await asyncio.wait_for(channel.update_done.wait(), patience)
    except asyncio.TimeoutError:
        pass
    while connection.delivering or channel.updater.state in AT_WORK:
        await asyncio.sleep_ms(10)
