# SPDX-License-Identifier: MIT
"""Where options come from: the command line, the environment, config.json."""

import json
import os

import pytest


@pytest.fixture
def config(tmp_path):
    """Writes config.json; its environment for the tool."""
    home = tmp_path / 'home'

    def write(text, mode=0o600):
        path = home / '.config/blox/config.json'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        path.chmod(mode)
        return {'HOME': str(home)}

    return write


def said_host(result):
    """The host the tool tried to reach (nothing listens on port 1)."""
    assert result.code == 4, result.err
    return result.err.split(': ')[1]


def test_the_command_line_beats_the_environment_beats_the_file(blox, config):
    env = config({'host': '127.0.0.3', 'port': 1})
    assert said_host(blox('nodes', **env)) == '127.0.0.3:1'
    env['BLOX_HOST'] = '127.0.0.2'
    assert said_host(blox('nodes', **env)) == '127.0.0.2:1'
    assert said_host(blox('nodes', '-h', '127.0.0.1', **env)) == '127.0.0.1:1'


def test_the_file_is_where_xdg_says_or_blox_config(blox, config, tmp_path):
    env = config({'host': '127.0.0.3', 'port': 1})
    other = tmp_path / 'other/blox'
    other.mkdir(parents=True)
    (other / 'config.json').write_text('{"host": "127.0.0.4", "port": 1}')
    env['XDG_CONFIG_HOME'] = str(tmp_path / 'other')
    assert said_host(blox('nodes', **env)) == '127.0.0.4:1'
    (tmp_path / 'mine').write_text('{"host": "127.0.0.5", "port": "1"}')
    env['BLOX_CONFIG'] = str(tmp_path / 'mine')
    assert said_host(blox('nodes', **env)) == '127.0.0.5:1'
    env['BLOX_CONFIG'] = str(tmp_path / 'slip')
    result = blox('nodes', **env)
    assert (result.code, result.err) == (
        3, 'blox: %s: No such file or directory; mend BLOX_CONFIG\n' %
        env['BLOX_CONFIG'])


@pytest.mark.parametrize('text, sentence', [
    ('{"host": "x",\n "port": }', 'line 2: not JSON; mend it'),
    ('[]', 'not a JSON object; write {"host": "..."}'),
    ('{"port": "many"}',
     '"port" is not a number; see \'blox nodes --help\''),
    ('{"port": 70000}',
     '"port" is not a port, 1 to 65535; see \'blox nodes --help\''),
    ('{"host": []}',
     '"host" is neither text nor number; see \'blox nodes --help\''),
    ('{"protocol_version": "3"}', '"protocol_version" is neither mqttv5 nor '
     'mqttv311; see \'blox nodes --help\''),
])
def test_a_wrong_file_is_one_clear_sentence(blox, config, text, sentence):
    env = config(text)
    result = blox('nodes', **env)
    assert result.code == 3
    assert result.err == 'blox: %s/.config/blox/config.json: %s\n' % (
        env['HOME'], sentence)


def test_a_wrong_variable_is_a_wrong_use(blox):
    result = blox('nodes', BLOX_PORT='many')
    assert result.code == 2
    assert result.err == ("blox: BLOX_PORT in the environment is not a number;"
                          " see 'blox nodes --help'\n")


def test_keys_of_other_verbs_and_unknown_ones_are_left_alone(blox, config):
    env = config({'host': '127.0.0.3', 'port': 1, 'tomorrow': {'a': 1},
                  'insecure': False})
    assert said_host(blox('nodes', **env)) == '127.0.0.3:1'


def test_a_file_that_cannot_be_read_is_said(blox, config):
    env = config({})
    os.rename(env['HOME'] + '/.config/blox/config.json',
              env['HOME'] + '/.config/blox/was')
    os.mkdir(env['HOME'] + '/.config/blox/config.json')
    result = blox('nodes', **env)
    assert result.code == 3
    assert 'config.json: Is a directory; make it readable' in result.err


# ---- passwords --------------------------------------------------------------

@pytest.fixture
def locked(mosquitto, tmp_path):
    """A broker that lets `desk` in with the password `pw-of-desk`."""
    import subprocess
    passwords = tmp_path / 'passwords'
    subprocess.run(['mosquitto_passwd', '-b', '-c', passwords, 'desk',
                    'pw-of-desk'], check=True)
    return mosquitto('allow_anonymous false', 'password_file %s' % passwords)


def test_a_password_from_the_weakest_place_opens(blox, config, locked):
    env = config({'username': 'desk', 'password': 'pw-of-desk'})
    result = blox('nodes', *locked.options(), **env)
    assert (result.code, result.err) == (0, '')


def test_a_stronger_place_wins_for_the_password_too(
        blox, config, locked, tmp_path):
    env = config({'username': 'desk', 'password': 'wrong'})
    (tmp_path / 'file').write_text('pw-of-desk\n')
    wrong = blox('nodes', *locked.options(), **env)
    by_file = blox('nodes', *locked.options(), '--pw-file', 'file',
                   BLOX_PASSWORD='also wrong', **env)
    by_variable = blox('nodes', *locked.options(), BLOX_PASSWORD='pw-of-desk',
                       **env)
    assert [r.code for r in (wrong, by_file, by_variable)] == [5, 0, 0]


def test_a_password_others_can_read_is_warned_of(blox, config, locked):
    env = config({'username': 'desk', 'password': 'pw-of-desk'}, 0o644)
    result = blox('nodes', *locked.options(), **env)
    assert result.code == 0
    assert 'others on this machine can read the password' in result.err
    assert 'pw-of-desk' not in result.err


PLANTED = 'planted-secret-5ec12e7'

WAYS = [
    ['nodes', '--json'], ['show', 'x', '--json'],
    ['diff', 'x', 'secret.py'], ['channel', 'show', '--json'],
    ['channel', 'clear', 'x', '--yes'], ['gc', '--dry-run'],
    ['plan', '--node', 'x', 'secret.py'], ['publish', '--node', 'x', 'secret.py'],
    ['nodes', '--destroy'], ['nodes', '--port', 'x'], ['help', 'nodes'],
]


WAITING = [
    ['watch', '--for', '1'], ['logs', '--for', '1'],
    ['cmd', 'x', 'info', '--wait', '1'],
]


@pytest.mark.parametrize('place', ['option', 'variable', 'config', 'file'])
def test_no_secret_is_ever_shown(blox, config, broker, tmp_path, place):
    (tmp_path / 'secret.py').write_text('x = 1\n')
    (tmp_path / 'pw').write_text(PLANTED + '\n')
    env = config({'username': 'desk', 'password': PLANTED}
                 if place == 'config' else {'username': 'desk'})
    more = {'option': ['--pw', PLANTED], 'file': ['--pw-file', 'pw']}
    if place == 'variable':
        env['BLOX_PASSWORD'] = PLANTED
    for way in WAYS + (WAITING if place == 'config' else []):
        options = [] if way[0] == 'help' else [*broker.options(),
                                               *more.get(place, [])]
        result = blox(*way, *options, **env)
        assert PLANTED not in result.out + result.err, way
    locked = blox('nodes', '-h', '127.0.0.1', '-p', '1', *more.get(place, []),
                  **env)
    assert PLANTED not in locked.out + locked.err
