# SPDX-License-Identifier: MIT
# What a chip can trip over: data at odd addresses, numbers of 32 bits, and how
# deep the C stack gets. `stack <entry point> <bytes>` for each one measured.
import io
import json
import os

import _blox_conf
import _blox_mqtt
import _blox_pkg
import target
from _blox_settle import Settle

LIMIT = 3 * 1024
WHEEL = '/tests/sample-1.0-py3-none-any.whl'


def at_offsets(data):
    for offset in range(4):
        buffer = bytearray(offset + len(data))
        buffer[offset:] = data
        yield memoryview(buffer)[offset:]


def stack(name, function, *arguments):
    result, size = target.stack(function, *arguments)
    print('stack', name, size)
    assert size < LIMIT, (name, size)
    return result


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

# ---- Stack

settings = json.dumps({'mqtt': {'server': 'link'}, 'a': [[[[1]]]]})
stack('conf.check_settings', _blox_conf.check_settings, settings)
stack('mqtt.match', _blox_mqtt.match, 'a/+/#', 'a/b/c')
stack('pkg.records', _blox_pkg.records, b'x.py,' + HASH + b',1\n')
with open(WHEEL, 'rb') as file:
    archive = stack('pkg.Zip', _blox_pkg.Zip, file, len(content))
    stack('pkg.Zip.next', archive.next, 0)
    member = stack('pkg.Zip.open', archive.open, 0)
    stack('pkg.Member.readinto', member.readinto, bytearray(256))
if '.blox' not in os.listdir('/'):
    os.mkdir('/.blox')
with open('/.blox/ready', 'w') as file:
    file.write('nonsense')
settle = stack('settle.Settle', Settle, None)
while stack('settle.Settle.step', settle.step):
    pass
print('OK')
