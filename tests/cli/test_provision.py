# SPDX-License-Identifier: MIT
"""`blox provision` asks for secrets and shows them to nobody."""

import json
import stat
import subprocess

import pytest
from cli_support import TOP
from test_sign import on_terminal

SECRETS = ('planted-psk', 'planted-mqtt', 'planted-other')
LINES = 'home\n%s\n%s\n' % SECRETS[:2]


@pytest.fixture
def provision(blox, tmp_path):
    """Runs it with answers as lines of standard input."""

    def run(lines, *args, **env):
        (tmp_path / 'lines').write_bytes(
            lines if isinstance(lines, bytes) else lines.encode())
        with (tmp_path / 'lines').open() as stdin:
            done = blox('provision', *args, stdin=stdin, **env)
        assert not any(s in done.out + done.err for s in SECRETS)
        return done

    return run


def test_asks_on_a_terminal_and_echoes_no_secret(tmp_path):
    code, out, shown = on_terminal(
        ['provision', '--mqtt', 'garden'], tmp_path,
        [('wlan.ssid (empty: leave out): ', 'home'),
         ('wlan.psk (empty: leave out): ', SECRETS[0]),
         ('mqtt.password (empty: leave out): ', SECRETS[1]),
         ('mqtt_garden.password (empty: leave out): ', SECRETS[2])])
    assert code == 0 and 'home' in shown
    assert not any(secret in out + shown for secret in SECRETS)
    file = tmp_path / 'provision.json'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text()) == {
        'wlan.ssid': 'home', 'wlan.psk': SECRETS[0],
        'mqtt.password': SECRETS[1], 'mqtt_garden.password': SECRETS[2]}


def test_takes_lines_where_no_terminal_is(provision, tmp_path):
    done = provision(LINES)
    assert (done.code, done.err) == (0, '')
    assert done.out == (
        "provision.json: 3 values; 'make provision' takes it to a board, "
        'which deletes it\n')
    assert json.loads((tmp_path / 'provision.json').read_text()) == {
        'wlan.ssid': 'home', 'wlan.psk': SECRETS[0],
        'mqtt.password': SECRETS[1]}


def test_what_has_no_answer_is_left_out(provision, tmp_path):
    assert provision('\n\n %s \n' % SECRETS[1], 'x/../p.json').code == 3
    assert provision('\n\n %s \n' % SECRETS[1], 'p.json').code == 0
    assert json.loads((tmp_path / 'p.json').read_text()) == {
        'mqtt.password': ' %s ' % SECRETS[1]}
    done = provision('\n\n\n', 'q.json')
    assert (done.code, done.err) == (
        3, 'blox: provision: nothing was answered; nothing is written\n')
    assert not (tmp_path / 'q.json').exists()


def test_a_file_that_is_there_stays_unless_forced(provision, tmp_path):
    file = tmp_path / 'provision.json'
    file.write_text('mine')
    done = provision(LINES)
    assert (done.code, done.err) == (
        3, 'blox: provision.json: it is there already; name another file, or '
        'give --force to write over it\n')
    assert file.read_text() == 'mine'
    assert provision(LINES, '--force').code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert 'planted-psk' in file.read_text()


def test_the_public_half_of_a_key_goes_in(blox, provision, tmp_path):
    key = json.loads(blox('keygen', '--json', 'key.pem').out)
    done = provision('\n\n\n', '--key', 'key.pem')
    assert (done.code, done.err) == (0, '')
    assert json.loads((tmp_path / 'provision.json').read_text()) == {
        'update.public_key': key['public_key']}
    assert b'PRIVATE' not in (tmp_path / 'provision.json').read_bytes()


@pytest.mark.parametrize('lines, why', [
    ('home\n', 'provision: no line for wlan.psk, or one over 510 bytes; give '
     'one line for each question'),
    ('x' * 33 + '\n\n\n', "provision: wlan.ssid: a network's name has at most "
     '32 bytes; start again'),
    ('\nplanted\n\n', "provision: wlan.psk: a network's password has 8 to 63 "
     'characters, or 64 hex digits; start again'),
    ('\n' + 'g' * 64 + '\n\n', "provision: wlan.psk: a network's password has "
     '8 to 63 characters, or 64 hex digits; start again'),
    (b'\n\nplanted-mqtt\xff\n', 'provision: mqtt.password: that is not UTF-8; '
     'start again'),
    ('\n\n' + 'x' * 600 + '\n', 'provision: no line for mqtt.password, or one '
     'over 510 bytes; give one line for each question')])
def test_answers_that_cannot_be(provision, tmp_path, lines, why):
    done = provision(lines)
    assert (done.code, done.out, done.err) == (3, '', f'blox: {why}\n')
    assert not (tmp_path / 'provision.json').exists()


def test_64_hex_digits_are_a_password(provision):
    assert provision('a\n' + '0aF' * 21 + '1\n\n').code == 0


def test_a_device_takes_what_it_makes(provision, tmp_path):
    """The device's own checks of provision.json are those of its settings."""
    assert provision('H\u00e4us "q"\\\nplanted-psk\n\n').code == 0
    found = json.loads((tmp_path / 'provision.json').read_text())
    assert found['wlan.ssid'] == 'H\u00e4us "q"\\'
    assert subprocess.run(['git', 'check-ignore', '-q', 'provision.json'],
                          cwd=TOP).returncode == 0
