# SPDX-License-Identifier: MIT
# settings.json and provision.json become one dict; faults are said in a
# sentence and cost only what they concern.
import io
import json
import logging
import os

from mpy_blox.config import config, init_config, read_settings
from mpy_blox.config.secure_nvs import NotInitialised, SecureNVS

out = io.StringIO()
logging.basicConfig(level=logging.INFO, stream=out, force=True)


def write(path, text):
    with open(path, 'w') as f:
        f.write(text)


def said():
    text = out.getvalue()
    out.seek(0)
    out.write(' ' * len(text))
    out.seek(0)
    return text.strip()


SecureNVS().clear()
try:
    SecureNVS().read()
    assert False
except NotInitialised:
    pass

# no settings.json: said, and the program gets an empty configuration
assert init_config() is config
assert 'settings.json' in said() and config['secure'] == {}

# settings and secrets, taken in once
settings = {
    'hostname': 'tester',
    'logging.level': 'WARNING',
    'mqtt': {'server': 'localhost', 'port': 1884},
    'my.own': [1, 2],
}
write('/settings.json', json.dumps(settings))
secrets = {'wlan.ssid': 'home', 'mqtt.password': 'secret'}
write('/provision.json', json.dumps(secrets))
assert init_config() is config
for key in settings:
    assert config[key] == settings[key], key
assert config['secure'] == secrets
assert config['mqtt.password'] == 'secret'
assert 'provision.json' not in os.listdir('/')
assert logging.getLogger().level == logging.WARNING
logging.getLogger().setLevel(logging.INFO)
said()

# read again, as after a reset
config.clear()
init_config()
assert config['my.own'] == [1, 2] and config['wlan.ssid'] == 'home'
secure = SecureNVS()
secure.read()
assert secure.initialised and secure == secrets
secure['extra'] = 'kept'
secure.commit()
again = SecureNVS()
again.read()
assert again['extra'] == 'kept'

# a level that does not exist
write('/settings.json', '{"logging.level": "LOUD"}')
init_config()
assert logging.getLogger().level == logging.INFO
assert 'LOUD' in said()

# not JSON: line and column, and the secrets are still there
write('/settings.json', '{\n  "a": 1\n  "b": 2\n}')
for call in (init_config, read_settings):
    try:
        call()
        assert False
    except ValueError as e:
        assert '3' in e.args[0], e.args
        assert len(e.args[0].split('\n')) == 1
assert config['secure']['wlan.ssid'] == 'home'

# a provision.json that is not JSON stays where it is
write('/provision.json', '{"wlan.ssid": ')
write('/settings.json', '{}')
said()
init_config()
assert 'provision.json' in os.listdir('/')
assert 'provision.json' in said()
assert config['wlan.ssid'] == 'home'

os.remove('/provision.json')
os.remove('/settings.json')
secure.clear()
assert not secure and not secure.initialised
print('OK')
