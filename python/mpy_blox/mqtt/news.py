# SPDX-License-Identifier: MIT
# Follows the update channel of a device that has what its list asks for, and
# no more: nothing of that is loaded then. The session keeps what comes
# (core/mqtt/unread.h); it is judged here, and mpy_blox.mqtt.update and _blox_ota,
# which do all else, are loaded when another list or a command has come, and
# stay then. This is loaded for it and forgotten.

import asyncio
import gc
import os

from micropython import const
from mpy_blox import app, update
from mpy_blox.forget import borrow

_CAME = const('/.blox/came%d')  # what came on cmd, for the updater
_RESTS = const('mqtt.about')  # in on_connect, as long as there is no updater


# Stands for an MQTTUpdateChannel that is not there, or not yet.
class _Waiting:
    updater = None

    def __init__(self, connection):
        self.mqtt_conn = connection
        self.update_done = asyncio.Event()


async def follow(connection, channel, auto_update):
    app._updates = _Waiting(connection)
    about = borrow('mqtt.about')
    topics = about.topics(connection, channel)
    settled = about.settled(topics)
    if not settled:
        warned = settled is not None
        about = None  # is loaded again: there may be little memory
        if await _work(connection, channel, auto_update, warned, ()):
            return
    from hashlib import sha256

    connection.add_sink(topics[0], sha256)
    connection.add_sink(topics[1], _CAME)
    if _RESTS not in connection.on_connect:
        connection.on_connect.append(_RESTS)
    if connection.is_connected:
        about = borrow('mqtt.about')
        asyncio.create_task(about.connected(connection))


# Loads what an update takes, while the heap is young and before the program
# is there: the largest first.
def load_early(config):
    native = '_blox_plan _blox_command _blox_ota'
    if 'update.public_key' in config:
        native += ' _blox_verify'
    for name in native.split():
        __import__(name)
    __import__('mpy_blox.mqtt.update')


# Boot has waited for what the broker had to send. At rest app._updates is None,
# but on trial it tells whether the broker was reached.
def waited(connection):
    if _RESTS in connection.on_connect and not update.on_trial():
        app._updates = None


# What came: the hash of what is on the channel now; False when nothing is
# there any more; True when the updater is wanted, for what the broker sends
# again, or for one of so many files.
async def hear(connection, what, files):
    came = _came(files)
    if _RESTS in connection.on_connect:
        if not (came or what is True or _is_new(what)):
            return
        from mpy_blox.config import config

        channel = borrow('mqtt.about').followed(connection)
        auto_update = config.get('update.auto_update', False)
        if not await _work(connection, channel, auto_update, True, came):
            return
    for path in came:
        _hand_on(app._updates, path)


# Those that were not handed on yet.
def _came(files):
    if not files:
        return ()
    there = borrow('marks').there
    return [_CAME % i for i in range(files) if there(_CAME % i)]


def _is_new(what):
    seen = borrow('platform').origin()
    if not what:
        return not seen or any(seen[1])
    if not seen or what.digest() != seen[1]:
        return True
    if app._updates:
        app._updates.update_done.set()
    return False


# From here on it is the updater's. Returns whether that could be loaded. What is
# loaded stays: it shall lie low in the heap, the largest piece first, so that
# without one for that nothing stays. A command has no need of it, and a set on
# trial needs the memory more.
async def _work(connection, channel, auto_update, warned, came):
    gc.collect()
    full = None
    try:
        if warned and not came and not update.on_trial():
            __import__('_blox_plan')
        from mpy_blox.mqtt.update import MQTTUpdateChannel

        full = MQTTUpdateChannel(channel, auto_update, connection)
        full.warned = warned
        full.listens = bool(came)
        if app._updates:
            full.update_done = app._updates.update_done
        await full.register()
    except MemoryError:
        full = None
    if not full:
        gc.collect()
        await _too_little(connection, channel, auto_update, came)
        return False
    app._updates = full
    if _RESTS in connection.on_connect:
        connection.on_connect.remove(_RESTS)
        if full.updater:
            connection.add_sink(full.channel_topic, full.updater)
            connection.add_sink(full.cmd_topic, full.updater)
    return True


# Says so, and what follows: all the same where there was no memory to say so, or
# a connection that does not end.
async def _too_little(connection, channel, auto_update, came):
    borrow('early').note_starved()  # before anybody hears of it
    try:
        about = borrow('mqtt.about')
        sentence = about.too_little()
        borrow('marks').logger().error('%s', sentence)
        await about.say(connection, channel, sentence)
        about = None
        if (auto_update or came) and borrow('early').may_reset():
            await asyncio.wait_for(connection.disconnect(), 5)
    except Exception as e:
        borrow('marks').logger().error('%s', e)
    borrow('early').starve(auto_update, len(came))


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
