# SPDX-License-Identifier: MIT
# What the device says about itself on `info` (PROTOCOL §4). Loaded for it, and
# forgotten.

import os
import sys

from micropython import const
from mpy_blox import update
from mpy_blox.forget import borrow

_TOO_LITTLE = const('not enough memory for an update')
_BESIDE = const(' beside the program; it is begun after the next reset')
_AT_ALL = const(', not even before the program; install it over serial')
_SETTLED = const(('boots', 'src', 'list', 'origin', 'crash'))
_CHANNELS = const('mpypi/channels/')

marks = borrow('marks')
platform = borrow('platform')


# (what wheels are tagged with, the native-module version that is loaded,
# modules that are frozen)
def target():
    return platform.tag(), platform.mpy_version(), platform.frozen()


def document(channel, state, error):
    import json

    return json.dumps(_info(channel, state, error))


# What the device says about itself, in this order.
def _info(channel, state, error):
    import gc
    from collections import OrderedDict

    import machine

    uname = os.uname()
    gc.collect()
    fs = os.statvfs('/')
    info = OrderedDict(
        (
            (
                'uname',
                OrderedDict(
                    (
                        ('sysname', uname[0]),
                        ('machine', uname[4]),
                        ('version', uname[3]),
                    )
                ),
            ),
            ('versions', platform.installed()),
            ('platform', platform.tag()),
            ('mpy', platform.mpy_version()),
            ('channel', channel),
            ('files', _src_files()),
            ('heap_free', gc.mem_free()),
            ('fs_free', fs[0] * fs[3] if fs[3] < fs[2] else 0),
            (
                'boot',
                {
                    'count': marks.boot_count(),
                    'cause': _cause(machine),
                    'trial': marks.on_trial(),
                    'safe_mode': bool(update.safe_mode),
                },
            ),
            (
                'update',
                {
                    'state': state,
                    'serial': _serial(),
                    'error': error,
                },
            ),
        )
    )
    frozen = platform.frozen().split()
    if frozen:
        info['frozen'] = frozen
    return info


# Whether a power cut in the middle of an update can be mended: by the main.py
# that ran, by one that imported mpy_blox.rescue, or by the one in place when
# that runs at the next boot.
def rescue_installed():
    import __main__

    if 'mpy_blox.rescue' in sys.modules or hasattr(__main__, 'RESCUE'):
        return True
    try:
        with open('/main.py') as file:
            return not _main_is_frozen() and any(
                line.startswith('RESCUE = ') for line in file
            )
    except OSError:
        return False


def _main_is_frozen():
    return 'main' in platform.frozen().split()


# A state document with what was kept of the crash that explains it.
def explained(text, rolled_back):
    import json

    trial = borrow('trial_more')
    if update.safe_mode and text.endswith(':null}'):
        reason = 'safe mode: ' + trial.safe_mode_reason()
        text = text[:-5] + json.dumps(reason) + '}'
    traceback = json.dumps(trial.traceback(rolled_back))
    return '%s,"traceback":%s}' % (text[:-1], traceback)


# Why updates must not be installed, or None.
def obstacle():
    if not rescue_installed():
        return (
            "%s does not declare RESCUE; install the library's main.py, "
            "or begin yours with 'import mpy_blox.rescue'"
            % ("the firmware's main.py" if _main_is_frozen() else '/main.py')
        )


# Says whose lists are taken on these topics. Returns why none may be, or None.
def take_key(topics):
    from mpy_blox.config import config

    if 'update.public_key' not in config:
        marks.logger().warning(
            'update lists are not signed: whoever may publish on the broker '
            'can install programs here'
        )
        return None
    return borrow('mqtt.signed').begin(topics)


# Those of an update channel, and of the device's commands.
def topics(connection, channel):
    return _CHANNELS + channel, 'mpypi/nodes/' + connection.client_id + '/cmd'


# The channel that is followed at rest.
def followed(connection):
    for topic in connection._sinks:
        if topic.startswith(_CHANNELS):
            return topic[len(_CHANNELS) :]


# Whether nothing is to be done, nor to be told, for the list in force. None:
# it was not said yet whose lists are taken.
def settled(topics):
    if update.safe_mode or obstacle() or take_key(topics):
        return None
    try:
        if any(entry[0] not in _SETTLED for entry in os.ilistdir('/.blox')):
            return False
    except OSError:
        pass  # no update yet
    found = platform.origin()
    if found is None:
        return False
    list_hash, channel_hash, settled = found[:3]
    if marks.there('/.blox/list'):
        return bool(settled)
    return not any(list_hash) and not any(channel_hash)


# Does what an updater at rest does when it is connected.
async def connected(connection):
    error = too_little() if marks.there(marks.EARLY) else None
    await say(connection, followed(connection), error)


# Why there is no update, and what to do.
def too_little():
    if not update.managed:
        return _TOO_LITTLE + '; register its channel before anything else'
    early = marks.on_trial() or borrow('early').may_reset()
    return _TOO_LITTLE + (_BESIDE if early else _AT_ALL)


async def say(connection, channel, error):
    try:
        await _say_settled(connection, channel, error)
    except Exception as e:
        marks.logger().error('updating: %s', e)


async def _say_settled(connection, channel, error):
    import binascii

    from _blox_mqtt import MQTTMessage

    node = 'mpypi/nodes/' + connection.client_id
    state = 'failed' if error else 'idle'
    found = platform.origin()
    latest, now = found[3:] if found else (b'', b'')
    names = [
        '"%s"' % str(binascii.hexlify(part), 'ascii') if any(part) else 'null'
        for part in (now, latest)
    ]
    text = (
        '{"state":"%s","pkg":null,"received":0,"total":0,"done":0,"of":0,'
        '"installed":%s,"latest":%s,"error":%s}'
        % (state, names[0], names[1], '"%s"' % error if error else 'null')
    )
    for topic, payload in (
        ('/update', text),
        ('/info', document(channel, state, error)),
    ):
        message = MQTTMessage(node + topic, payload, 1, True)
        await connection.publish(message)
    for topic in topics(connection, channel):
        if topic not in connection._subscriptions:
            await connection.subscribe(topic, None, 1)
    await offer_card(connection)


# Home Assistant's update card for the device. todo: what a list asks for has
# names that the card may not know.
async def offer_card(connection, todo=False):
    from mpy_blox.config import config

    node = 'mpypi/nodes/' + connection.client_id
    try:
        card = borrow('mqtt.card')
        packages = platform.installed()
        new = False
        try:
            found = todo and platform.origin()
            new = todo and card.learn(packages, found[4] if found else b'')
        except OSError as e:  # it costs a name
            marks.logger().warning(
                'the update card will not know what the new set is called: %s',
                e,
            )
        if new or not todo:
            version = packages.get('mpy-blox', 'unknown')
            device = platform.describe(connection, config, version)
            await card.announce(
                connection, node + '/update', node + '/cmd', device
            )
    except Exception as e:
        marks.logger().warning('Home Assistant gets no update card: %s', e)


def _cause(machine):
    cause = machine.reset_cause()
    for name, constant in (
        ('power', 'PWRON_RESET'),
        ('hard', 'HARD_RESET'),
        ('watchdog', 'WDT_RESET'),
        ('sleep', 'DEEPSLEEP_RESET'),
        ('soft', 'SOFT_RESET'),
    ):
        if cause == getattr(machine, constant, None):
            return name
    return 'unknown'


# Of the list in force, or None: it stands in its last entry.
def _serial():
    try:
        with open('/.blox/list', 'rb') as file:
            file.seek(max(0, file.seek(0, 2) - 192))
            tail = file.read()
    except OSError:
        return None
    entry = tail[tail.rfind(b'{') :]
    _, found, rest = entry.partition(b'"serial":"')
    if not found or b'"type":"signature"' not in entry:
        return None
    return rest[: rest.find(b'"')].decode()


# {path: first 8 hex digits of its SHA-256} of the files that came as src.
def _src_files():
    try:
        with open('/.blox/src') as file:
            return {line[9:].rstrip('\n'): line[:8] for line in file}
    except OSError:
        return {}


# How long rescue() lets a new set run that does not feed the watchdog.
def set_watchdog():
    count, words, causes = marks.read_boots()
    limit = marks.seconds('update.trial_watchdog', 120)
    if words[:1] != [str(limit)]:
        with open(marks.BOOTS, 'w') as file:
            file.write('%d %d\n%s' % (count, limit, causes))
