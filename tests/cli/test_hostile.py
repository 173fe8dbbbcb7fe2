# SPDX-License-Identifier: MIT
"""Whoever may publish may write anything: it must not confuse the tool, nor
the terminal of who looks."""

import json

import pytest
from cli_fleet import Fleet

INFOS = [
    'null', '[]', '7', '"x"', '{', '[' * 5000, '{"a":' * 500, '\xff\xfe',
    {'versions': ['1', 2, None]}, {'versions': {'x': 1, 'mpy-blox': None}},
    {'versions': 'x', 'files': [1, '2'], 'uname': []},
    {'files': {'': '', 'a\x1b[2J': 'x' * 99}, 'platform': 3},
    {'platform': 'esp32', 'frozen': [3, None, ['x'], ' ', 'x' * 9999]},
    {'platform': 'esp32', 'frozen': 'main'},
    {'platform': '\x1b]0;owned\x07', 'channel': 'a\u202eb', 'mpy': 'x' * 9999},
    {'heap_free': 1e308, 'fs_free': -5, 'boot': 'x', 'platform': 'p' * 500},
    {'boot': {'count': 'many', 'cause': 7}, 'channel': 'latest',
     'platform': 'esp32', 'versions': {'p' * 300: 'v' * 300}},
]
UPDATES = [
    'null', '[]', '{"state":', {'state': 5}, {'state': 'x' * 999},
    {'state': 'downloading', 'received': 'x', 'total': 1e300},
    {'state': 'downloading', 'received': -1, 'total': 0.001, 'done': 1e99},
    {'state': 'failed', 'error': 'a\x1b[31m\r\nb\x9b', 'latest': 7},
    {'state': 'rolled_back', 'error': ['x'], 'traceback': '\n\n\x00\n'},
]
LISTS = [
    'null', '{}', '[[]]', '[{}]', '[{"type":"src"}]', '["\x1b"]',
    [{'type': 'tomorrow', 'path': '../x', 'pkg_sha256': '9' * 64}],
]


@pytest.fixture
def fleet(broker):
    fleet = Fleet(broker.port)
    for i, info in enumerate(INFOS):
        fleet.send('mpypi/nodes/info%02d/info' % i, info)
    for i, update in enumerate(UPDATES):
        fleet.send('mpypi/nodes/update%d/update' % i, update)
    for i, payload in enumerate(LISTS):
        fleet.send('mpypi/channels/bad%d' % i, payload)
    for topic in ('mpypi/nodes//info', 'mpypi/nodes/a b%s%n/info',
                  'mpypi/nodes/x/status', 'mpypi/packages/wheel/',
                  'mypypi/packages/../x', 'mpypi/packages/other/thing'):
        fleet.send(topic, '{}')
    fleet.wait()
    yield fleet
    fleet.close()


def is_plain(text):
    return all(c >= ' ' or c == '\n' for c in text) and '\u202e' not in text


def test_nothing_that_was_published_confuses_what_reads(
        blox, broker, fleet, tmp_path):
    (tmp_path / 'user_main.py').write_text('x = 1\n')
    names = [line.split()[0] for line in
             blox('nodes', *broker.options()).out.splitlines()[1:]]
    assert 'update7' in names and 'info13' in names
    for verb in (['nodes'], ['watch', '--for', '1'], ['channel', 'show'],
                 ['gc', '--dry-run'], ['channel', 'show', 'bad5'],
                 ['plan', '--channel', 'latest', 'user_main.py'],
                 *(['show', name] for name in names
                   if name > 'info08' and name.isalnum()),
                 ['plan', 'user_main.py', *(
                     '--node=' + name for name in names if name.isalnum())]):
        result = blox(*verb, *broker.options())
        assert result.code in (0, 3, 7, 8), (verb, result.err)
        assert is_plain(result.out + result.err), verb


def test_json_stays_json(blox, broker, fleet):
    nodes = json.loads(blox('nodes', '--json', *broker.options()).out)
    assert len(nodes) >= len(INFOS) - 8 + len(UPDATES)
    channels = json.loads(blox('channel', 'show', '--json',
                               *broker.options()).out)
    assert [c['error'] is None for c in channels] == \
        [c['channel'] == 'bad6' for c in channels]


def test_what_a_list_of_tomorrow_names_is_not_removed(
        blox, broker, mosquitto):
    fleet = Fleet(broker.port)
    fleet.send('mpypi/channels/new', LISTS[-1])
    fleet.send('mpypi/packages/wheel/' + '9' * 64, 'needed')
    fleet.send('mpypi/packages/wheel/' + '8' * 64, 'not needed')
    fleet.wait()
    fleet.close()
    result = blox('gc', '--yes', '--wait', '1', *broker.options())
    assert (result.code, result.err) == (0, '')
    assert result.out.endswith('1 removed\n')
    assert 'mpypi/packages/wheel/' + '9' * 64 in broker.retained()
