# SPDX-License-Identifier: MIT
# The secure configuration: what the older record, a damaged one, a full NVS
# and a board without any make of it.
import io
import json
import logging
import os
import sys

import _blox_seal
import esp32
import machine
from mpy_blox.config import config, init_config
from mpy_blox.config.secure_nvs import NotInitialised, SecureNVS

SECRETS = {'wlan.ssid': 'home', 'mqtt.password': 'secret'}
ORIGINAL = {'wlan.ssid': 'older'}
chip = machine.unique_id()
nvs = esp32.NVS('sec_cfg')
out = io.StringIO()
logging.basicConfig(level=logging.INFO, stream=out, force=True)


def said(words):
    return words in out.getvalue()


def write(path, text):
    with open(path, 'w') as f:
        f.write(text)


def provision(secrets):
    write('/provision.json', json.dumps(secrets))
    return init_config()


def is_there(path):
    return path in os.listdir('/')


def set_original(secrets):
    iv = os.urandom(16)
    plain = json.dumps(secrets).encode()
    payload = _blox_seal.seal(plain, chip, iv)[49:]
    nvs.set_blob('iv', iv)
    nvs.set_i32('payload_s', len(payload))
    nvs.set_blob('payload', payload)
    nvs.commit()


def change_record(at):
    buffer = bytearray(600)
    size = nvs.get_blob('rec', buffer)
    buffer[at] ^= 1
    nvs.set_blob('rec', buffer[:size])
    nvs.commit()


def record():
    buffer = bytearray(4224)
    return bytes(buffer[: nvs.get_blob('rec', buffer)])


def read():
    secure = SecureNVS()
    try:
        secure.read()
    except NotInitialised:
        return None
    return secure


SecureNVS().clear()
write('/settings.json', '{}')

# importing it reads nothing
assert config == {}

# the record is the contract's, with a fresh iv at each write
provision(SECRETS)
first = record()
assert first[0] == 1 and len(first) == 49 + 64, len(first)
assert json.loads(_blox_seal.unseal(first, chip)) == SECRETS
read().commit()
assert record()[1:17] != first[1:17]

# settings found without fault are not checked again until they change
sys.modules.pop('_blox_conf', None)
init_config()
assert '_blox_conf' not in sys.modules
# ... and what did its part has left the heap
for name in ('load', 'sealed'):
    assert 'mpy_blox.config.' + name not in sys.modules
write('/settings.json', '{"hostname": 5}')
assert 'hostname' not in init_config() and said('hostname must be')
out.seek(0)
assert 'hostname' not in init_config() and said('hostname must be')
write('/settings.json', '{}')

# a key twice, the first with a fault: the last counts, as in json
write('/settings.json', '{"mqtt": {"port": "x"}, "mqtt": null}')
assert init_config()['mqtt'] is None
write('/settings.json', '{}')

# merged: a second provision.json adds and replaces, and takes nothing away
provision({'wlan.ssid': 'new', 'api.token': 't'})
assert read() == {
    'wlan.ssid': 'new', 'mqtt.password': 'secret', 'api.token': 't'
}
SecureNVS().clear()

# the older record is read, and stays when ours is written
set_original(ORIGINAL)
assert read() == ORIGINAL
provision({'mqtt.password': 'p'})
assert read() == {'wlan.ssid': 'older', 'mqtt.password': 'p'}
assert nvs.get_i32('payload_s') == 32

# a record damaged anywhere is not believed: the older one serves
for at in (0, 1, 17, 60):
    change_record(at)
    assert read() == ORIGINAL, at
    change_record(at)
assert read()['mqtt.password'] == 'p'

# ... and without an older one the device is not provisioned, and says so
nvs.erase_key('iv')
change_record(60)
assert read() is None
assert init_config()['secure'] == {}
assert said('damaged, or written by another chip; provision the device again')

# provisioned again, it is whole again
provision(SECRETS)
assert read() == SECRETS

# clear leaves nothing of either record
set_original(ORIGINAL)
SecureNVS().clear()
for key in ('rec', 'iv', 'payload_s', 'payload'):
    try:
        nvs.erase_key(key)
        assert False, key
    except OSError:
        pass
assert read() is None

# the older record of another chip, or with nonsense in it
set_original(['no object'])
assert read() is None
for size in (-1, 0, 1, 2147483647):
    nvs.set_i32('payload_s', size)
    assert read() is None
SecureNVS().clear()

# a set is confirmed: ours takes the place of the older record
def has(key):
    try:
        return nvs.get_i32(key) is not None if key == 'payload_s' else bool(
            nvs.get_blob(key, bytearray(4224))
        )
    except OSError:
        return False


def is_replaced():
    read().replace_original()
    return has('rec') and not any(map(has, ('iv', 'payload_s', 'payload')))


set_original(ORIGINAL)
assert not has('rec') and is_replaced()
assert read() == ORIGINAL
set_original({'wlan.ssid': 'oldest'})
assert is_replaced() and read() == ORIGINAL
set_original(SECRETS)
change_record(60)
assert is_replaced() and read() == SECRETS
first = record()
assert is_replaced() and record() == first

# ... but nothing is lost that could not be read
set_original(ORIGINAL)
nvs.set_blob('iv', b'x' * 16)
change_record(60)
SecureNVS().replace_original()
assert has('rec') and has('iv') and has('payload_s') and has('payload')
SecureNVS().clear()
SecureNVS().replace_original()
assert not has('rec')

# clear takes nothing of others, and room again for what comes
other = esp32.NVS('other')
other.set_blob('mine', b'm' * 400)
provision(SECRETS)
SecureNVS().clear()
buffer = bytearray(400)
assert other.get_blob('mine', buffer) == 400 and buffer[0] == 109
other.erase_key('mine')

# secrets that do not fit
assert provision({'x': 'y' * 4200})['x'][0] == 'y'
assert is_there('provision.json')
assert said('over 4096 bytes; put less into provision.json')
assert read() is None


# a file that is not worth reading, and one that is not worth taking
write('/provision.json', '{"x": "' + 'y' * 9000 + '"}')
init_config()
assert is_there('provision.json')
assert said('provision.json: over 8192 bytes; only secrets belong there (pro')
write('/provision.json', '{"mqtt.password": ["p"]}')
init_config()
assert is_there('provision.json') and said('must not be an object or array')
os.remove('/provision.json')

# settings that do not fit the heap, or only until they are a dict
for count in (70, 14):
    with open('/settings.json', 'w') as f:
        f.write('{"x": [')
        for _ in range(count):
            f.write('0,' * 2048)
        f.write('0]}')
    try:
        init_config()
        assert False
    except ValueError as e:
        assert e.args[0] == (
            'settings.json: too large for the memory; make it smaller'
        )
write('/settings.json', '{}')

# an NVS that others have filled: as soon as there is room they are taken in
full = esp32.NVS('full')
count = 0
try:
    while True:
        full.set_i32('n%d' % count, count)
        count += 1
except OSError:
    pass
assert provision(SECRETS)['secure'] == SECRETS
assert is_there('provision.json') and read() is None
assert said('NVS did not take it (')
for number in range(20):
    full.erase_key('n%d' % number)
assert init_config()['secure'] == SECRETS
assert not is_there('provision.json') and read() == SECRETS
for number in range(20, count):
    full.erase_key('n%d' % number)
SecureNVS().clear()


# an NVS that fails: the file stays, the secrets serve until the next reset
class FailingNVS:
    def __init__(self, namespace):
        self.nvs = nvs
        self.get_blob = nvs.get_blob
        self.get_i32 = nvs.get_i32
        self.set_i32 = nvs.set_i32
        self.commit = nvs.commit

    def set_blob(self, key, data):
        raise OSError(-4357, 'ESP_ERR_NVS_NOT_ENOUGH_SPACE')


class ForgetfulNVS(FailingNVS):
    def set_blob(self, key, data):
        nvs.set_blob(key, data[:-1] + bytes([data[-1] ^ 1]))


class Esp32:
    pass


def with_nvs(kind):
    module = Esp32()
    if kind:
        module.NVS = kind
    sys.modules['esp32'] = module


for kind, words in (
    (FailingNVS, 'NVS did not take it'),
    (ForgetfulNVS, 'NVS reads back otherwise'),
    (None, 'this board has no NVS'),
):
    with_nvs(kind)
    provision(SECRETS)
    assert config['mqtt.password'] == 'secret', kind
    assert config['secure'] == SECRETS, kind
    assert is_there('provision.json'), kind
    assert said(words) and said('(provision.json stays on the device)'), words
    out.seek(0)

# a board without NVS is like one that is not provisioned
os.remove('/provision.json')
assert read() is None
assert init_config() == {'secure': {}}
SecureNVS().clear()

sys.modules['esp32'] = esp32
SecureNVS().clear()
os.remove('/settings.json')
print('OK')
