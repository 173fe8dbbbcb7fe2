# SPDX-License-Identifier: MIT
# What user_main does on a device under test: says that it runs, confirms a
# set on trial, follows the channel when there is a broker, and is switched
# off once nothing more happens.
import asyncio
import os

import _power

AT_WORK = ('downloading', 'installing', 'rebooting')
PATIENCE = 30  # seconds of the device's time that a list may take to be read
CHUNK = 1024  # bytes of a payload that come at once


# main: of a program with a main.py of its own.
async def run(secure=None):
    from mpy_blox import update

    if secure is None:
        from mpy_blox.config import config

        secure = config['secure']
    said = ';'.join(sorted('%s=%s' % item for item in secure.items()))
    _power.reached(said)
    if update.on_trial():
        update.confirm()
        while there('/.blox/journal'):
            await asyncio.sleep_ms(10)
    if _power.broker():
        await follow()
    _power.off()


def there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


async def follow():
    from mpy_blox.mqtt.update import MQTTUpdateChannel

    channel = MQTTUpdateChannel('test', True, Connection())
    await channel.register()
    try:
        await asyncio.wait_for(channel.update_done.wait(), PATIENCE)
    except asyncio.TimeoutError:
        pass
    while channel.updater.state in AT_WORK:
        await asyncio.sleep_ms(10)


# In the place of a connection to a broker that retains the scenario's
# payloads.
class Connection:
    client_id = 'esp32-power'
    is_connected = True

    def __init__(self):
        self.on_connect = []
        self.on_disconnect = []
        self.sinks = {}

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
        payload = _power.payload(topic)
        if payload is not None:
            asyncio.create_task(self.deliver(topic, payload))

    async def deliver(self, topic, payload):
        sink = self.sinks[topic]
        if not sink.begin(topic, len(payload), True):
            return
        for at in range(0, len(payload), CHUNK):
            sink.write(payload[at : at + CHUNK])
            await asyncio.sleep_ms(1)
        sink.end(True)
