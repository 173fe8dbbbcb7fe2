# SPDX-License-Identifier: MIT
"""publish --watch: each node is followed to its own end."""

import json
import select
import subprocess
import threading
import time

import pytest
from cli_brokers import paho_client
from cli_fleet import Fleet, set_name, sha256
from cli_support import TOOL

CODE = b'async def user_main():\n    pass\n'
SRC = {'path': 'user_main.py', 'pkg_sha256': sha256(CODE)}
OURS = set_name([SRC])


@pytest.fixture
def code(tmp_path):
    path = tmp_path / 'user_main.py'
    path.write_bytes(CODE)
    return path


@pytest.fixture
def fleet(broker):
    fleet = Fleet(broker.port)
    yield fleet
    fleet.close()


def watch(blox, broker, *options):
    return blox('publish', *broker.options(), '--channel', 'latest',
                '--quiet', '--watch', *options, 'user_main.py')


def on_list(fleet, act, channel='latest'):
    fleet.on('mpypi/channels/' + channel, lambda payload: act())


def test_each_node_is_followed_to_its_own_end(blox, broker, fleet, code):
    for name in ('good', 'bad', 'undone', 'refuses'):
        fleet.node(name, update={'state': 'confirmed', 'latest': '00000000'})
    fleet.node('dead', 'offline')
    fleet.node('mute')
    fleet.node('there', update={'state': 'idle', 'latest': OURS,
                                'installed': OURS})
    fleet.node('elsewhere', channel='other', update={'state': 'failed'})
    fleet.wait()

    def act():
        for name in ('good', 'bad', 'undone'):
            for state in ('downloading', 'installing'):
                fleet.update(name, state=state, latest=OURS)
        fleet.update('bad', state='failed', latest=OURS, error='no room')
        for name in ('good', 'undone'):
            fleet.send('mpypi/nodes/%s/status' % name, 'offline')
            fleet.send('mpypi/nodes/%s/status' % name, 'online')
            fleet.update(name, state='trial', latest=OURS)
        fleet.update('good', state='confirmed', latest=OURS, installed=OURS)
        fleet.update('undone', state='rolled_back', latest=OURS,
                     error='it crashed 3 times\x1b[2J')
        fleet.update('refuses', state='failed', latest='00000000',
                     error='list: not JSON')

    on_list(fleet, act)
    result = watch(blox, broker, '--watch-limit', '4')
    assert (result.code, result.err) == (7, '')
    lines = result.out.splitlines()
    assert {'bad: failed: no room', 'dead: offline', 'good: confirmed',
            'mute: silent', 'refuses: failed: list: not JSON',
            'there: confirmed',
            'undone: rolled back: it crashed 3 times?[2J'} < set(lines)
    assert lines[-1] == ('2 confirmed, 2 failed, 1 rolled back, 1 offline, '
                         '1 silent')
    assert 'elsewhere' not in result.out


def test_a_wheel_for_other_chips_is_not_for_this_node(
        blox, broker, fleet, wheel):
    fleet.node('esp32-01', platform='esp32')
    fleet.wait()
    result = blox('publish', *broker.options(), '--channel', 'latest',
                  '--watch', '--quiet', wheel(tag='mpy6-bytecode-esp32c3'))
    assert (result.code, result.err) == (0, '')
    assert result.out == 'esp32-01: not for it\n1 not for it\n'


def test_what_the_firmware_of_a_node_brings_is_not_for_it(
        blox, broker, fleet, wheel, code):
    """It takes the rest of the list, and that is the set it tells of."""
    fleet.node('frozen', frozen=['bigpkg', 'main'])
    fleet.wait()
    ours = dict(state='confirmed', latest=OURS, installed=OURS)
    on_list(fleet, lambda: fleet.update('frozen', **ours))
    result = watch(blox, broker, '--watch-limit', '4', wheel())
    assert (result.code, result.err) == (0, '')
    assert result.out.splitlines()[-1] == '1 confirmed'
    result = blox('plan', *broker.options(), '--node', 'frozen', '--json', wheel())
    assert json.loads(result.out)[0]['for_this_node'] is False


def test_what_was_said_of_an_earlier_update_does_not_count(
        blox, broker, fleet, code):
    fleet.node('one', update={'state': 'confirmed', 'latest': '00000000',
                              'installed': '00000000'})
    fleet.wait()
    result = watch(blox, broker, '--watch-limit', '1')
    assert result.code == 8
    assert result.out == 'one: waiting\none: silent\n1 silent\n'


def test_a_device_of_before_1_0_is_known_by_what_it_has(
        blox, broker, fleet, wheel):
    fleet.original('esp32-01')
    fleet.wait()

    def act():
        fleet.send('mpypi/nodes/esp32-01/info', {
            'uname': {'sysname': 'esp32'}, 'versions': {'bigpkg': '1.0'}})

    fleet.on('mpypi/nodes/esp32-01/cmd', lambda payload: act())
    result = blox('publish', *broker.options(), '--node', 'esp32-01',
                  '--watch', '--quiet', wheel())
    assert (result.code, result.out.splitlines()[-1]) == (0, '1 confirmed')


def test_two_hundred_nodes_some_failing_some_silent(
        blox, broker, fleet, code):
    names = ['esp32-%012x' % i for i in range(200)]
    for name in names:
        fleet.node(name)
    fleet.wait()

    def act():
        for i, name in enumerate(names):
            if i % 10 == 0:
                continue  # says nothing
            fleet.update(name, state='downloading', latest=OURS)
            if i % 10 == 1:
                fleet.update(name, state='failed', latest=OURS, error='why')
            else:
                fleet.update(name, state='confirmed', latest=OURS,
                             installed=OURS)

    on_list(fleet, act)
    result = watch(blox, broker, '--watch-limit', '4')
    assert result.code == 7
    assert result.out.splitlines()[-1] == '160 confirmed, 20 failed, 20 silent'


def test_a_broker_that_does_not_come_back_is_said(blox, mosquitto, code):
    broker = mosquitto('allow_anonymous true')
    fleet = Fleet(broker.port)
    fleet.node('one')
    fleet.wait()
    on_list(fleet, broker.process.terminate)
    result = watch(blox, broker, '--timeout', '1')
    fleet.close()
    assert result.code == 4
    lost, refused = result.err.splitlines()
    assert lost.endswith(': the connection was lost; connecting again')
    assert 'Connection refused; check --host and --port' in refused


def take_over(broker):
    """Another client of our id: the broker closes our connection."""
    thief = paho_client('desk')
    thief.connect('127.0.0.1', broker.port)
    thief.loop_start()
    end = time.monotonic() + 10
    while not thief.is_connected() and time.monotonic() < end:
        time.sleep(0.01)
    thief.disconnect()
    thief.loop_stop()


def test_a_lost_connection_does_not_end_the_watch(blox, broker, fleet, code):
    fleet.node('one')
    fleet.node('two')
    fleet.wait()

    def act():
        for name in 'one', 'two':
            fleet.update(name, state='trial', latest=OURS)
        threading.Thread(target=lose).start()

    def lose():
        take_over(broker)
        for name in 'one', 'two':
            fleet.update(name, state='confirmed', latest=OURS, installed=OURS)

    on_list(fleet, act)
    result = watch(blox, broker, '--id', 'desk')
    assert (result.code, result.out.splitlines()[-1]) == (0, '2 confirmed')
    assert result.err.endswith(': the connection was lost; connecting again\n')
    assert result.err.count('\n') == 1


@pytest.mark.parametrize('verb, topic', [('watch', 'status'), ('logs', 'log')])
def test_it_ends_when_nobody_reads_on(broker, fleet, verb, topic):
    """As in `blox watch | head -1`."""
    tool = subprocess.Popen([TOOL, verb, *map(str, broker.options())],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 30
    ended, number = None, 0
    while ended is None and time.monotonic() < end:
        number += 1
        fleet.send('mpypi/nodes/n%d/%s' % (number, topic), 'online')
        if not tool.stdout.closed and select.select([tool.stdout], [], [], 0.1)[0]:
            tool.stdout.close()
        try:
            ended = tool.wait(0.1)
        except subprocess.TimeoutExpired:
            pass
    tool.kill()
    assert (ended, tool.stderr.read()) == (
        3, b'blox: standard output: cannot be written; free room or mend the '
        b'pipe\n')
    tool.stderr.close()


def test_watch_lines_are_json_for_programs(blox, broker, fleet):
    fleet.node('one')
    fleet.wait()
    result = blox('watch', *broker.options(), '--for', '1', '--json')
    assert [json.loads(line)['node'] for line in result.out.splitlines()] == \
        ['one']
