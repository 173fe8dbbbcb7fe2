# SPDX-License-Identifier: MIT
# The update card. Loaded at each connection and for each list that asks for
# something, and forgotten. Home Assistant makes what it shows of what the
# device says of its updates anyway, on `update`; what the sets are called
# stands in the template.

import json

from _blox_mqtt import MQTTMessage
from micropython import const
from mpy_blox.config import config
from mpy_blox.forget import borrow

_TODO = '/.blox/todo'  # core/ota/todo.h
_SETS = '/.hass.sets'  # lines of hash, name, what it changes; the newest first
_NAME_MAX = const(60)  # characters of a list of names
_SUMMARY_MAX = const(255)  # Home Assistant takes no more

# A name has letters: were it a number, Home Assistant would take a lower one
# for older.
_TEMPLATE = const(
    '{%% set v = value_json %%}{%% set n = %s %%}'
    '{%% set now = n[v.installed] if v.installed in n else'
    " 'set ' ~ v.installed if v.installed else '%s' %%}"
    '{%% set new = n[v.latest] if v.latest in n else'
    " 'set ' ~ v.latest if v.latest else now %%}{{ {"
    "'installed_version': now,"
    "'latest_version': new,"
    "'in_progress':"
    " v.state in ['downloading','installing','rebooting','trial'],"
    "'update_percentage':"
    ' ((v.done + (v.received / v.total if v.total else 0)) * 100 / v.of) | int'
    " if v.state == 'downloading' and v.of else none,"
    "'release_summary': (v.error or ('' if new == now else"
    " %s.get(v.latest, '')))[:255]"
    '} | to_json }}'
)


_DOCUMENT = const(
    '{"name":"Update","uniq_id":%s,"tit":%s,"stat_t":%s,"val_tpl":%s,'
    '"cmd_t":%s,"pl_inst":"{\\"cmd\\":\\"install\\"}","dev":{"ids":%s,'
    '"name":%s,"mf":"Mpy-BLOX","mdl":%s,"sw":%s%s},'
    '"o":{"name":"mpy-blox","sw":%s}%s}'
)


# Offers it, or takes it back if the setting hass.update_card is false.
# device: what platform.describe() says.
async def announce(connection, state_topic, command_topic, device):
    node = connection.client_id
    payload = b''
    if config.get('hass.update_card', True):
        payload = _document(device, state_topic, command_topic)
    topic = 'homeassistant/update/%s-update/config' % node
    await connection.publish(MQTTMessage(topic, payload, 1, True))


# What is said of device and origin is what core/hass/document.c says.
def _document(device, state_topic, command_topic):
    node, name, model, version, firmware, area, available = device
    parts = [
        json.dumps(part)
        for part in (
            node + '-update',
            'Packages of ' + name,
            state_topic,
            _template('mpy-blox ' + version),
            command_topic,
            node,
            name,
            model,
            '%s (MicroPython %s)' % (version, firmware),
            version,
        )
    ]
    parts.insert(9, ',"sa":' + json.dumps(area) if area else '')
    parts.append(',"avty_t":' + json.dumps(available) if available else '')
    return _DOCUMENT % tuple(parts)


# before: what is there before any list.
def _template(before):
    names, changes, taken = {}, {}, [before]
    for key, name, change in reversed(_known()):
        if name in taken:
            name = '%s (%s)' % (name, key)
        taken.append(name)
        names[key] = name
        changes[key] = change
    return _TEMPLATE % (
        json.dumps(names),
        _plain(before),
        json.dumps(changes),
    )


# Takes in the names of what is to be done. Returns whether they are new.
# installed: the hash of the list in force, as far as it is known.
def learn(versions, installed):
    try:
        with open(_TODO, 'rb') as file:
            key = _hex(file.read(40)[8:12])
            entries = list(_entries(file))
    except OSError:
        return False
    known = _known()
    if known and known[0][0] == key:
        return False
    line = key, _name(entries, key), _changes(entries, versions)
    installed = _hex(installed)
    kept = [k for k in known if k[0] == installed and k[0] != key]
    lines = ['\t'.join(parts) + '\n' for parts in [line] + kept]
    borrow('util').rewrite_file(_SETS, ''.join(lines))
    return True


def _known():
    try:
        with open(_SETS) as file:
            lines = [tuple(line.rstrip('\n').split('\t')) for line in file]
    except (OSError, ValueError):
        return []
    return [line for line in lines if len(line) == 3]


def _hex(data):
    return ''.join('%02x' % byte for byte in data)


# (type, name or path, version), wheels first.
def _entries(file):
    found = []
    head = file.read(8)
    while len(head) == 8 and head[0]:
        file.read(32)
        name = _plain(str(file.read(head[2]), 'utf-8'))
        found.append((head[0], name, _plain(str(file.read(head[3]), 'utf-8'))))
        head = file.read(8)
    return sorted(found)


# It stands in a template: no quote, no brace.
def _plain(text):
    plain = bytearray()
    for c in text.encode():  # a str of one character would be kept for ever
        if 47 <= c <= 57 or 65 <= c & 0xDF <= 90 or c in b' ._-+,()':
            plain.append(c)
        elif c & 0xC0 != 0x80:  # begins a character
            plain.append(63)
    return str(plain, 'ascii')


# 'mpy-blox 1.2.0', or 'lamp 2.0, user_main.py and 3 more (1a2b3c4d)'.
def _name(entries, key):
    if len(entries) == 1 and entries[0][0] == 1:
        return '%s %s' % entries[0][1:]
    texts = [('%s %s' % entry[1:]).rstrip() for entry in entries]
    return '%s (%s)' % (_some(texts, _NAME_MAX), key)


# 'mpy-blox 1.1.0 to 1.2.0, user_main.py, without old.py'.
def _changes(entries, versions):
    texts = []
    for kind, name, version in entries:
        before = versions.get(name)
        if kind == 1 and before:
            texts.append('%s %s to %s' % (name, _plain(before), version))
        elif kind == 3:
            texts.append('without ' + name)
        else:
            texts.append(('%s %s' % (name, version)).rstrip())
    return _some(texts, _SUMMARY_MAX)


# As many of them as fit.
def _some(texts, size):
    text = ''
    for n, more in enumerate(texts):
        rest = len(texts) - n - 1
        longer = text + (', ' if n else '') + more
        if len(longer) + (len(' and 999 more') if rest else 0) > size:
            if not n:
                return more[: size - 3] + '...'
            return '%s and %d more' % (text, rest + 1)
        text = longer
    return text
