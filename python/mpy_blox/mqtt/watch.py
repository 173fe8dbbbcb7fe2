# SPDX-License-Identifier: MIT
# Follows the update channel of a device that has what its list asks for, and
# no more. What comes is mpy_blox.mqtt.news', loaded for it and forgotten;
# mpy_blox.mqtt.update and _blox_ota, which do all else, are loaded when another
# list or a command comes, and stay then.

import io
from asyncio import create_task
from hashlib import sha256

from mpy_blox.forget import borrow


# Stands for an MQTTUpdateChannel, and for its updater, while all is done: has
# what that has (news.member).
class Watch(io.IOBase):
    full = None  # the MQTTUpdateChannel, once there is work
    came = ()  # files with what came on cmd, for the updater

    def __init__(self, channel, auto_update, mqtt_conn):
        self.channel = channel
        self.auto_update = auto_update
        self.mqtt_conn = mqtt_conn

    def __getattr__(self, name):
        return borrow('mqtt.news').member(self, name)

    # A payload: on the channel its hash is all that counts; what comes on cmd
    # is kept for who can read it. No module is loaded here, below the packet:
    # that would take more of the C stack than a chip shall need.
    def begin(self, topic, size, retain):
        on_cmd = topic == self.topics[1]
        if self.full:
            self.sink = self.full.updater
            return self.sink and self.sink.begin(topic, size, retain)
        if size and not (on_cmd and retain):
            self.path = on_cmd and '/.blox/came%d' % len(self.came)
            self.sink = open(self.path, 'wb') if on_cmd else sha256()
            return True
        if retain or not on_cmd:
            create_task(self.hear(retain and on_cmd))

    def write(self, data):
        sink = self.sink
        (sink.write if hasattr(sink, 'write') else sink.update)(data)
        return len(data)

    def end(self, ok):
        sink, self.sink = self.sink, None
        if hasattr(sink, 'end'):
            return sink.end(ok)
        if hasattr(sink, 'close'):
            sink.close()
            if ok:
                self.came += (self.path,)
            sink = ok
        if ok:
            create_task(self.hear(sink))

    async def hear(self, what):
        await borrow('mqtt.news').hear(self, what)

    # A connection that is made again has subscribed already.
    def connected(self, connection):
        if not self.full:
            return borrow('mqtt.about').say_settled(self)
