# SPDX-License-Identifier: MIT
# What the broker has for this device: lists and commands.

import json
import time

import machine
from micropython import const

from .base import (
    BACK,
    BACK_WHEEL,
    LOADS,
    PLATFORM,
    VERSION,
    WHEEL,
    Hopeless,
    Problem,
    say,
    there,
)
from .forward import install

_PATIENCE = const(1800)  # seconds to get on, before the original is put back
_TRIES = const(3)  # of what fails although the broker is there
_PAUSE = const(10)  # seconds between them
_LIST_MAX = const(32768)
_started = time.ticks_ms()


# The entry of a list that is for this device: (version, SHA-256), or None.
def chosen(entries):
    found, ours = None, False
    for entry in entries:
        kind = entry.get('type')
        name = entry.get('name', '').lower().replace('_', '-').replace('.', '-')
        platform = kind == 'platform-wheel'
        if name != 'mpy-blox' or (kind != 'wheel' and not platform):
            continue
        fits = (
            entry.get('tag') == 'mpy6-bytecode-' + PLATFORM
            and entry.get('mpy', LOADS) == LOADS
        )
        if (fits if platform else not ours):
            ours = ours or platform
            found = entry['version'], entry['pkg_sha256']
    return found


def command(broker, told):
    name = told.get('cmd')
    known = name in ('rollback', 'reboot', 'info')
    answer = {'cmd': name, 'ok': known}
    if 'id' in told:
        answer['id'] = told['id']
    if not known:
        answer['error'] = 'the migration does not know it'
    broker.publish('reply', json.dumps(answer), False)
    if name == 'rollback':
        raise Hopeless('rollback was ordered')
    if name == 'reboot':
        machine.reset()


# Acts on a list.
def obey(broker, entries):
    found = chosen(entries)
    if found and found[1] == BACK:
        raise Hopeless('the list asks for the original')
    if not found or found[0] == VERSION:
        raise Hopeless(
            'the list has no mpy-blox for %s with mpy %s' % (PLATFORM, LOADS)
        )
    label = 'mpy-blox ' + found[0]
    broker.tell('downloading', pkg=label)
    broker.fetch(found[1], WHEEL, label)
    broker.tell('installing', pkg=label)
    install()


# One connection: the way back first, then what the channel says.
def follow(broker, config):
    channel = config.get('update.channel')
    broker.describe(channel)
    if BACK and not there(BACK_WHEEL):
        broker.tell('downloading', pkg='the way back')
        broker.fetch(BACK, BACK_WHEEL, 'the way back')
    broker.subscribe(broker.topic + 'cmd')
    broker.subscribe('mpypi/channels/%s' % channel)
    broker.tell('idle')
    entries, failures = None, 0
    while not is_late():
        told = hear(broker)
        if isinstance(told, dict):
            command(broker, told)
            continue
        entries = told or entries
        try:
            if entries:
                obey(broker, entries)
        except Hopeless:
            raise
        except Problem as e:
            failures += 1
            if failures == _TRIES:
                raise Hopeless(str(e))
            broker.tell('failed', str(e))


# The next list or command, or None when there was none for a while. What the
# broker kept on cmd is none.
def hear(broker):
    found = broker.wait(_PAUSE)
    if found is None:
        return None
    topic, size, retained = found
    if size > _LIST_MAX or (retained and topic == broker.topic + 'cmd'):
        say('not acted on: what came on', topic)
        broker.skip(size)
        return None
    return json.loads(b''.join(list(broker.payload(size)))) if size else None


def is_late():
    return time.ticks_diff(time.ticks_ms(), _started) > _PATIENCE * 1000
