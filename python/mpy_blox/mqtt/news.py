# SPDX-License-Identifier: MIT
# What a watch.Watch does: begins to follow a channel, judges what came, loads
# the updater when there is work for it. Loaded for each, and forgotten.

import asyncio
import os

from mpy_blox.forget import borrow


# Other attributes than a Watch at rest has.
def member(watch, name):
    if name == 'register':
        return lambda: _register(watch)
    if watch.full:
        return getattr(watch.full, name)
    if name == 'updater':
        return watch
    if name == 'pkgs_installed':
        return borrow('versions').installed()
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
    raise AttributeError("'Watch' object has no attribute '%s'" % name)


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


# What came: the hash of what is on the channel now; False when nothing is
# there any more; True when the updater is wanted, for what came on cmd.
async def hear(watch, what):
    if what is not True:
        seen = borrow('versions').origin()
        if what is False:
            what = not seen or any(seen[1])
        elif not seen or what.digest() != seen[1]:
            what = True
        elif watch.auto_update:
            watch.update_done.set()
    if what is True:
        await _work(watch)


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
        path, watch.came = watch.came[0], watch.came[1:]
        _hand_on(watch.full, path)


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
