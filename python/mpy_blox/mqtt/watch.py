# SPDX-License-Identifier: MIT
# Follows the update channel of a device that has what its list asks for, and
# no more. What comes is mpy_blox.mqtt.news', loaded for it and forgotten;
# mpy_blox.mqtt.update and _blox_ota, which do all else, are loaded when another
# list or a command comes, and stay then.

import io

from mpy_blox.forget import borrow


# Stands for an MQTTUpdateChannel, and for its updater, while all is done: has
# what that has (news.member). As a sink it hands each payload to another one.
class Watch(io.IOBase):
    full = None  # the MQTTUpdateChannel, once there is work

    def __init__(self, channel, auto_update, mqtt_conn):
        self.channel = channel
        self.auto_update = auto_update
        self.mqtt_conn = mqtt_conn

    def __getattr__(self, name):
        return borrow('mqtt.news').member(self, name)

    def begin(self, *payload):
        self.sink = borrow('mqtt.news').begin(self, *payload)
        return self.sink is not None

    def write(self, data):
        return self.sink.write(data)

    def end(self, ok):
        sink, self.sink = self.sink, None
        sink.end(ok)

    # A connection that is made again has subscribed already.
    def connected(self, connection):
        if not self.full:
            return borrow('mqtt.about').say_settled(self)
