# SPDX-License-Identifier: MIT
# _blox_verify by itself, with a list that was signed once by openssl: what it
# finds right, and that nothing of it can be changed. Runs on rv32 too.
import gc
import io

import _blox_verify

TOPIC = 'mpypi/channels/latest'
KEY = (
    'BJYvx8avfpkwlyemcnvLFq7Bzo3Vj2/Z56UbT93pbUNh0GqlaK41VpOENSlL'
    '7NN9wbJHtmhZjM6WdUUEdbnz79E='
)
NEXT = (
    'BJCDJLDQm9UbnEdI7ePHvkE/Q9dAVpY8oO0FEOB0esUBhdwVGByUzXLbtUXN'
    'Htb2hQ0eL7QWgJMx+UExs7x4UVg='
)
LIST = (
    b'[{"type":"delete","path":"old.py"},{"type":"key","key":"BJCDJLDQm9UbnE'
    b'dI7ePHvkE/Q9dAVpY8oO0FEOB0esUBhdwVGByUzXLbtUXNHtb2hQ0eL7QWgJMx+UExs7x4'
    b'UVg="},{"type":"signature","alg":"ES256","serial":"1795334400","sig":"'
    b'MEUCIQDcuENcSzGSslZ+BavA8plT0KTU5Zgnag2888oixTJiMQIgRnH2Db7bNXoWi6MKxh'
    b'iZFnI/4FOBSaCMenzr1getGu4="}]'
)
COMMAND = 'mpypi/nodes/esp32-00/cmd'


def check(content=LIST, topic=TOPIC, command=False, key=KEY, next=None, last=b''):
    signature = _blox_verify.Signature(topic, command, key, next, last)
    again = True
    while again:
        file = io.BytesIO(content)
        while signature.read(file):
            pass
        again = signature.end()
    return signature


def refused(sentence, *arguments, **more):
    try:
        check(*arguments, **more)
    except (ValueError, RuntimeError) as e:
        assert sentence in e.args[0], e.args[0]
    else:
        assert False, sentence


right = check()
assert right.serial == '1795334400'
assert right.new_key == NEXT
assert len(right.record) == 24
assert int.from_bytes(right.record[:8], 'big') == 1795334400
assert check(next=NEXT).record == right.record
assert check(key=NEXT, next=KEY).serial == '1795334400'
assert check(last=right.record).serial == '1795334400'
refused('wrong signature', key=NEXT)
refused('wrong signature', topic=COMMAND)
refused('its serial was used before', command=True, last=right.record)
refused('replayed', last=b'\xff' * 24)
refused('its serial was used before', last=right.record[:8] + bytes(16))
refused('the serial kept in NVS is damaged', last=b'x')
refused('not signed', b'')
refused('not signed', b'[]')
refused('not signed', LIST[:-1])
for at in range(0, len(LIST), 17):
    changed = LIST[:at] + bytes([LIST[at] ^ 1]) + LIST[at + 1 :]
    refused('list: ', changed)

# Keys.
_blox_verify.check_key(KEY)
for wrong in ('', 'x', KEY[:-1], KEY[:-2] + '-=', 'B' + 'A' * 85 + 'A='):
    try:
        _blox_verify.check_key(wrong)
    except ValueError as e:
        assert e.args[0].startswith('update.public_key: not '), e.args[0]
    else:
        assert False, wrong
try:
    _blox_verify.Signature(TOPIC, False, 'x', None, b'')
except ValueError as e:
    assert 'not the base64' in e.args[0]
else:
    assert False
try:
    _blox_verify.check_key(5)
except TypeError:
    pass
else:
    assert False


# What read() raises passes through, and what it is read from is a stream.
class Broken(io.IOBase):
    def readinto(self, buffer):
        raise KeyError('gone')


for wrong, kind in ((Broken(), KeyError), (5, OSError)):
    try:
        _blox_verify.Signature(TOPIC, False, KEY, None, b'').read(wrong)
    except kind:
        pass
    else:
        assert False, kind

# The object holds what it points into.
signature = _blox_verify.Signature('mpypi/' + 'channels/latest', False, KEY, None, b'')
gc.collect()
junk = [bytes(50) for _ in range(100)]
for _ in range(2):
    file = io.BytesIO(LIST)
    while signature.read(file):
        pass
    again = signature.end()
assert not again and signature.serial == '1795334400'
print('OK')
