# SPDX-License-Identifier: MIT
# Follows the update channel of a device that has what its list asks for, and
# no more: mpy_blox.mqtt.update and _blox_ota, which do all else, are loaded
# when another list or a command comes, and stay then.

import asyncio
import io

from micropython import const
from mpy_blox.forget import forget

_CAME = const('/.blox/came')  # and a number: what came on cmd, for the updater


# Stands for an MQTTUpdateChannel, and for its updater, while all is done.
class Watch(io.IOBase):
    state = 'idle'
    error = None
    warned = False  # said whose lists are taken
    full = None  # the MQTTUpdateChannel, once there is work

    def __init__(self, channel, auto_update, mqtt_conn):
        self.channel = channel
        self.auto_update = auto_update
        self.mqtt_conn = mqtt_conn
        self.update_done = asyncio.Event()
        self._came = []  # files with what came on cmd

    async def register(self):
        node = 'mpypi/nodes/' + self.mqtt_conn.client_id
        self.topics = ('mpypi/channels/' + self.channel, node + '/cmd')
        self.seen = self._about('settled', self)
        if self.seen is None:
            return await self._work()
        for topic in self.topics:
            self.mqtt_conn.add_sink(topic, self)
        self.mqtt_conn.on_connect.append(self._connected)
        if self.mqtt_conn.is_connected:
            asyncio.create_task(self._connected(self.mqtt_conn))

    @property
    def updater(self):
        return self.full.updater if self.full else self

    @property
    def update_available(self):
        return self.full is not None and self.full.update_available

    @property
    def pkgs_installed(self):
        return self._about('installed')

    async def perform_update(self):
        if self.full:
            await self.full.perform_update()

    # A connection that is made again has subscribed already.
    async def _connected(self, connection):
        if not self.full:
            await self._about('say_settled', self)

    # A payload begins, is written, ends: on the channel its hash is all that
    # counts; what comes on cmd is kept for who can read it.
    def begin(self, topic, size, retain):
        if self.full:
            return self._hand_over(topic, size, retain)
        command = topic == self.topics[1]
        # No list any more; or what is to be complained about.
        if retain if command else not size and any(self.seen):
            asyncio.create_task(self._work())
            return False
        if not size:
            return False
        if command:
            path = '%s%d' % (_CAME, len(self._came))
            file = open(path, 'wb')
            self._came.append(path)
            self._take = file.write
            self._end = lambda ok: file.close()
        else:
            from hashlib import sha256

            self._hash = sha256()
            self._take = self._hash.update
            self._end = self._compare
        return True

    def _hand_over(self, *arguments):
        updater = self.full.updater
        if not updater:
            return False
        self._take = updater.write
        self._end = updater.end
        return updater.begin(*arguments)

    def write(self, data):
        self._take(data)
        return len(data)

    def end(self, ok):
        self._end(ok)
        self._take = self._end = None
        if self._came:
            asyncio.create_task(self._work())

    def _compare(self, ok):
        digest, self._hash = self._hash.digest(), None
        if not ok:
            return
        if digest == self.seen:
            self.update_done.set()
        else:
            asyncio.create_task(self._work())

    # From here on it is the updater's.
    async def _work(self):
        if not self.full:
            try:
                from mpy_blox.mqtt.update import MQTTUpdateChannel
            except MemoryError:
                await self._about('too_little', self)
                return
            self.full = full = MQTTUpdateChannel(
                self.channel, self.auto_update, self.mqtt_conn
            )
            full.update_done = self.update_done
            full.warned = self.warned
            full.listens = bool(self._came)
            await full.register()
        while self._came:
            self._about('hand_on', self.full, self._came.pop(0))

    # Runs a function of about.py, which is loaded for it and forgotten.
    def _about(self, name, *arguments):
        from mpy_blox.mqtt import about

        try:
            return getattr(about, name)(*arguments)
        finally:
            del about
            forget('mpy_blox.mqtt.about')
            forget('mpy_blox.firmware')
            forget('mpy_blox.origin')
