# SPDX-License-Identifier: MIT
# What a watch.Watch does: begins to follow a channel, takes what comes, loads
# the updater when there is work for it. Loaded for each, and forgotten.

import asyncio
import os

from micropython import const
from mpy_blox.forget import borrow

_CAME = const('/.blox/came')  # and a number: what came on cmd, for the updater


# Other attributes than a Watch at rest has.
def member(watch, name):
    if name == 'register':
        return lambda: _register(watch)
    if name == 'came':  # files with what came on cmd
        watch.came = []
        return watch.came
    if watch.full:
        return getattr(watch.full, name)
    if name == 'updater':
        return watch
    if name == 'pkgs_installed':
        return borrow('mqtt.about').installed()
    if name == 'perform_update':
        return _nothing
    if name == 'update_done':  # nothing more to wait for
        watch.update_done = asyncio.Event()
        return watch.update_done
    values = {
        'state': 'idle', 'error': None, 'warned': False,
        'update_available': False,
    }  # fmt: skip
    if name in values:
        return values[name]
    raise AttributeError(name)


async def _nothing():
    pass


async def _register(watch):
    connection = watch.mqtt_conn
    node = 'mpypi/nodes/' + connection.client_id
    watch.topics = ('mpypi/channels/' + watch.channel, node + '/cmd')
    if not borrow('mqtt.about').settled(watch):
        return await _work(watch)
    for topic in watch.topics:
        connection.add_sink(topic, watch)
    connection.on_connect.append(watch.connected)
    if connection.is_connected:
        asyncio.create_task(watch.connected(connection))


# A payload begins. Returns who takes it, or None: on the channel its hash is
# all that counts; what comes on cmd is kept for who can read it.
def begin(watch, topic, size, retain):
    if watch.full:
        updater = watch.full.updater
        return updater if updater and updater.begin(topic, size, retain) else None
    if topic == watch.topics[1]:
        if size and not retain:
            return Kept(watch)
        work = retain  # which is to be complained about
    else:
        seen = borrow('origin').read()
        if size:
            return Hashed(watch, seen)
        work = not seen or any(seen.channel)  # no list any more
    if work:
        asyncio.create_task(_work(watch))


class Hashed:
    def __init__(self, watch, seen):
        from hashlib import sha256

        self.watch = watch
        self.seen = seen
        self.hash = sha256()

    def write(self, data):
        self.hash.update(data)
        return len(data)

    def end(self, ok):
        digest = self.hash.digest()
        if not ok:
            return
        if not self.seen or digest != self.seen.channel:
            asyncio.create_task(_work(self.watch))
        elif self.watch.auto_update:
            self.watch.update_done.set()


class Kept:
    def __init__(self, watch):
        self.watch = watch
        path = '%s%d' % (_CAME, len(watch.came))
        self.file = open(path, 'wb')
        watch.came.append(path)

    def write(self, data):
        return self.file.write(data)

    def end(self, ok):
        self.file.close()
        asyncio.create_task(_work(self.watch))


# From here on it is the updater's.
async def _work(watch):
    if not watch.full:
        try:
            from mpy_blox.mqtt.update import MQTTUpdateChannel
        except MemoryError:
            await borrow('mqtt.about').too_little(watch)
            return
        channel = watch.channel, watch.auto_update, watch.mqtt_conn
        update_done, warned = watch.update_done, watch.warned
        watch.full = full = MQTTUpdateChannel(*channel)
        full.update_done = update_done
        full.warned = warned
        full.listens = bool(watch.came)
        await full.register()
    while watch.came:
        _hand_on(watch.full, watch.came.pop(0))


# Gives an MQTTUpdateChannel what came on cmd before it was there.
def _hand_on(channel, path):
    updater = channel.updater
    if updater:
        size = os.stat(path)[6]
        if updater.begin(channel.cmd_topic, size, False):
            with open(path, 'rb') as file:
                data = file.read(512)
                while data:
                    updater.write(data)
                    data = file.read(512)
            updater.end(True)
    os.remove(path)
