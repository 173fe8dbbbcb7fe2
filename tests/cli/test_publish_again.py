# SPDX-License-Identifier: MIT
"""What the broker has is not sent again; what is cut off in the middle is
mended by a second run, and no list ever names what is not there."""

import json
import pathlib
import random
import socket
import sys

import paho.mqtt.publish as single
import pytest
from cli_support import sha256

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'system'))
from lib.lines import FaultLine  # noqa: E402

CODE = b'x = 1\n' * 50
NOISE = random.Random(5).randbytes(600000)


@pytest.fixture
def files(tmp_path, wheel):
    """A small file, an empty one, a large wheel: every kind of package."""
    (tmp_path / 'main.py').write_bytes(CODE)
    (tmp_path / 'empty.py').write_text('')
    path = wheel(size=10, file='big.whl')
    path = wheel(members={'bigpkg-1.0.dist-info/RECORD.jws': NOISE},
                 file='big.whl')
    return ['main.py', 'empty.py', path]


def publish(blox, port, *args):
    return blox('publish', '-h', '127.0.0.1', '-p', port, '--channel', 'x',
                '--form', 'a', '--form', 'b', '--form', 'c', *args)


class Counter(FaultLine):
    """Counts what passes."""

    def __init__(self, target):
        super().__init__(target)
        self.passed = {True: 0, False: 0}

    def carry(self, source, to, up):
        to.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        while data := source.recv(4096):
            to.sendall(data)
            self.passed[up] += len(data)


def test_a_second_run_sends_the_list_alone(blox, broker, files):
    first = publish(blox, broker.port, *files)
    assert (first.code, first.err) == (0, '')
    before = broker.retained()
    with broker.listen('#') as listener, Counter(broker.port) as line:
        listener.settle()
        listener.messages.clear()
        again = publish(blox, line.port, *files)
        assert (again.code, again.err) == (0, '')
        messages = listener.wait(1)
        listener.settle()
        # Of the large wheel no more came back than shows that it is there.
        assert line.passed[True] < 10000
        assert line.passed[False] < 300000 < 2 * len(NOISE)
    assert [m.topic for m in messages] == ['mpypi/channels/x']
    assert broker.retained() == before
    sha = sha256(pathlib.Path(files[2]).read_bytes())
    code = sha256(CODE)
    assert again.out.splitlines()[:-1] == [
        f'main.py: is on mpypi/packages/src/main.py/{code} already',
        'main.py: is on mpypi/packages/src/main.py already',
        'main.py: is on mypypi/packages/main.py already',
        f'bigpkg 1.0 (py3-none-any): is on mpypi/packages/wheel/{sha} already',
        f'bigpkg 1.0 (py3-none-any): is on mypypi/packages/{sha} already']


def test_only_what_changed_is_sent(blox, broker, files, tmp_path):
    assert publish(blox, broker.port, *files).code == 0
    (tmp_path / 'main.py').write_text('y = 2\n')
    again = publish(blox, broker.port, *files)
    sent = [line.split(' bytes on ')[1] for line in again.out.splitlines()
            if ' bytes on ' in line]
    code = sha256(b'y = 2\n')
    assert sent == [f'mpypi/packages/src/main.py/{code}',
                    'mpypi/packages/src/main.py', 'mypypi/packages/main.py',
                    'mpypi/channels/x']


def test_resend_sends_it_all(blox, broker, files):
    assert publish(blox, broker.port, *files).code == 0
    again = publish(blox, broker.port, '--resend', *files)
    assert again.out.count(' bytes on ') == 6 and 'already' not in again.out


def test_a_small_file_that_is_wrong_under_its_hash_is_sent_again(
        blox, broker, files):
    topic = f'mpypi/packages/src/main.py/{sha256(CODE)}'
    single.single(topic, b'damaged', 1, True, '127.0.0.1', broker.port)
    assert publish(blox, broker.port, 'main.py').code == 0
    assert broker.retained()[topic] == CODE


def test_one_who_may_not_read_publishes_all_the_same(
        blox, mosquitto, files, tmp_path):
    acl = tmp_path / 'acl'
    acl.write_text('topic write mpypi/#\ntopic write mypypi/#\n')
    broker = mosquitto('allow_anonymous true', f'acl_file {acl}')
    for _ in range(2):
        done = publish(blox, broker.port, *files)
        assert (done.code, done.err) == (0, '')
        assert done.out.count(' bytes on ') == 6


def test_mqtt_311_cannot_say_no_so_what_is_kept_is_looked_at(
        blox, mosquitto, files, tmp_path):
    acl = tmp_path / 'acl'
    acl.write_text('topic mpypi/#\ntopic read mypypi/#\n')
    broker = mosquitto('allow_anonymous true', f'acl_file {acl}')
    done = publish(blox, broker.port, '-V', 'mqttv311', 'main.py')
    assert (done.code, done.err) == (
        5, 'blox: mypypi/packages/main.py: the broker took it, but it cannot '
        "be seen there; let user '' write and read this topic, or give "
        '--force\n')
    assert 'mpypi/channels/x' not in broker.retained()
    assert publish(blox, broker.port, '-V', 'mqttv311', '--force',
                   'main.py').code == 0


def whole(found):
    """Whether every package that a list names is there, on one of its topics,
    with the bytes it should have."""
    hashes = {sha256(data) for data in found.values()} | {sha256(b'')}
    listed = json.loads(found.get('mpypi/channels/x', b'[]'))
    return all(entry['pkg_sha256'] in hashes for entry in listed)


# Bytes of a whole run: 1.2 MB go up, and 40 come down.
FAULTS = {
    ('cut', 'up'): (5, 150, 400, 9000, 600000, 1213000),
    ('cut', 'down'): (1, 14, 18, 22, 30, 34),
    ('hole', 'up'): (150, 600000),
    ('hole', 'down'): (14, 30),
}


@pytest.mark.parametrize('kind, direction', FAULTS)
def test_a_line_that_fails_anywhere_leaves_nothing_half(
        blox, broker, files, tmp_path, direction, kind):
    """The list of another program is there; it must stay or be replaced by the
    new one, with all its packages."""
    (tmp_path / 'old.py').write_text('old')
    assert publish(blox, broker.port, 'old.py').code == 0
    failed = 0
    for step, at in enumerate(FAULTS[kind, direction]):
        (tmp_path / 'main.py').write_text(f'x = {step}\n' * 50)
        with FaultLine(broker.port) as line:
            line.fail(kind, direction, at)
            done = publish(blox, line.port, '--timeout', 1, '--resend', *files)
        assert done.code in (0, 4), done.err
        assert done.err.count('\n') == (done.code != 0)
        failed += done.code == 4
        found = broker.retained()
        assert whole(found), (step, sorted(found))
        again = publish(blox, broker.port, *files)
        assert (again.code, again.err) == (0, '')
        found = broker.retained()
        assert whole(found)
        assert [e.get('path', e.get('name')) for e in json.loads(
            found['mpypi/channels/x'])] == ['main.py', 'empty.py', 'bigpkg']
    assert failed >= 1
