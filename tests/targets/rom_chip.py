# SPDX-License-Identifier: MIT
# What a chip can trip over: data at odd addresses, numbers of 32 bits; and, for
# the C stack's sake (rom_stack.py), calls of what no device test calls.
import asyncio
import io
import json
import logging
import os

import _blox_conf
import _blox_hass
import _blox_log
import _blox_pkg
import stack
from _blox_command import Command
from _blox_hass_command import command
from _blox_keep import Keep
from _blox_settle import Settle
from mpy_blox.mqtt.hass.documents import _document, _items
from mpy_blox.mqtt.hass.entity import topic
from mpy_blox.mqtt.hass.number import MQTTNumber
from mpy_blox.mqtt.hass.select import MQTTSelect

WHEEL = '/tests/sample-1.0-py3-none-any.whl'


def at_offsets(data):
    for offset in range(4):
        buffer = bytearray(offset + len(data))
        buffer[offset:] = data
        yield memoryview(buffer)[offset:]


# ---- Odd addresses, 32-bit numbers

HASH = b'sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
for lines in at_offsets(b'x.py,' + HASH + b',4294967295\n'):
    (name, (digest, size)), = _blox_pkg.records(lines).items()
    assert (name, size, len(digest)) == ('x.py', 4294967295, 32)

with open(WHEEL, 'rb') as file:
    content = file.read()


class File(io.IOBase):
    def __init__(self, data):
        self.data, self.at = data, 0

    def seek(self, offset):
        self.at = offset

    def readinto(self, buffer):
        size = max(0, min(len(buffer), len(self.data) - self.at))
        buffer[:size] = self.data[self.at : self.at + size]
        self.at += size
        return size


for data in at_offsets(content):
    archive, at, names = _blox_pkg.Zip(File(data), len(data)), 0, 0
    for into in at_offsets(bytes(300)):
        entry = archive.next(at)
        if entry is None:
            break
        member = archive.open(at)
        while member.readinto(into):
            pass
        at, names = entry[0], names + 1
    assert names >= 3

# ---- Settings, what an update left, commands

_blox_conf.check_settings(json.dumps({'mqtt': {'server': 'x'}, 'a': [[[[1]]]]}))
if '.blox' not in os.listdir('/'):
    os.mkdir('/.blox')


def write(path, content):
    with open(path, 'w') as file:
        file.write(content)
    return path


write('/.blox/ready', 'nonsense')
settle = Settle(None)
while settle.step():
    pass


def tell(told):
    one = Command(write('/.blox/command', json.dumps(told)), True, 'idle')
    while one.step() is None:
        pass
    return json.loads(one.reply()[2])


assert tell({'cmd': 'hash', 'path': WHEEL[1:], 'id': 7})['size'] == len(content)
assert tell({'cmd': 'hash', 'path': '../x', 'id': 7})['id'] == 7
assert tell([{'type': 'command', 'cmd': 'rollback'}])['ok'] is False

keep = Keep(4)
number = keep.add('a/b', b'payload', 1)
assert Keep(4).load()[0][1:] == ('a/b', b'payload', 1)
keep.done(number)

# ---- Home Assistant


class Connection:
    client_id = name = 'node'
    on_connect = []
    is_connected = False

    def status_topic(self):
        return 'mpypi/nodes/node/status'


async def hass():
    connection = Connection()
    number = MQTTNumber('Level \u2713', '%', 'level', print, connection,
                        (0, 100))
    choice = MQTTSelect('Mode', ['auto', 'away'], print, connection)
    device = ('node', 'host', 'model', '1.0', '1.25', 'Attic',
              connection.status_topic())
    text = _blox_hass.Text()
    for entity in number, choice:
        config = json.loads(bytes(text(device, _items(entity), True)))
        assert config['dev']['sa'] == 'Attic' and config['uniq_id']
    document = _document(device, [number, choice], [('gone', 'sensor')])
    assert len(json.loads(bytes(document))['cmps']) == 3
    assert b'21.5' in text(number._words, 'level', 21.5, None)
    assert b'away' in text(choice._words, None, 'away', None)
    assert topic(choice, 'state').endswith('/state')
    command(number, b'12.5')
    command(choice, b'auto')
    try:
        command(choice, b'none such')
        assert False
    except ValueError:
        pass


asyncio.run(hass())

# ---- Logging

logger = stack.Measured('logger.Logger', logging.getLogger('chip'))
ring = _blox_log.Ring(1024, 8)


class Handler(logging.Handler):
    def emit(self, record):
        ring.put(record)
        record.write(io.StringIO(), True)


logging.root.addHandler(Handler())
logger.warning('%s of %d and %r: %.3f', 'one', 2, b'three', 4.0)
try:
    raise ValueError('inner')
except ValueError as e:
    logger.exc(e, 'outer %s', 'x' * 300)
for form in range(4):
    reader = _blox_log.Reader(ring, form, 0, 'host')
    assert reader.next()
    while reader.next():
        pass
print('OK')
