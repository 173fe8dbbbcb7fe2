# SPDX-License-Identifier: MIT
"""The sessions that README.md and docs/blox.md show are what happens."""

import re
import shlex

import pytest
from cli_fleet import Fleet, set_name, sha256
from cli_support import TOP

CODE = b'x = 1\n'
OURS = set_name([{'path': 'user_main.py', 'pkg_sha256': sha256(CODE)}])
GOOD, BAD, AWAY = ('esp32-840d8ed29760', 'esp32c3-0000c0ffee01',
                   'esp32c3-0000c0ffee02')
UNDONE = ('the update was undone, it crashed 3 times on trial; the set before '
          'it runs')
# On the way to its end a node may be seen in any of its states.
UNDER_WAY = re.compile(r'^\S+: (waiting|downloading|rebooting|trial)$\n', re.M)


def sessions(name):
    """The indented blocks that begin with a prompt, as (command, output)."""
    text = (TOP / name).read_text()
    for block in re.findall(r'(?:^    .*\n|^\n(?=    ))+', text, re.M):
        block = re.sub(r'^    ', '', block, flags=re.M).lstrip()
        if block.startswith('$ blox '):
            for part in block.split('$ blox ')[1:]:
                command, _, output = part.partition('\n')
                yield command, output.rstrip('\n')


def play(fleet):
    """Devices that take an update, each in its own way."""
    before = {'installed': '8ef79698', 'latest': '8ef79698'}
    fleet.node(GOOD, platform='esp32', update={'state': 'confirmed', **before})
    fleet.node(BAD, update=before)
    fleet.node(AWAY, 'offline', update={'state': 'confirmed', **before})
    fleet.send('mpypi/packages/wheel/' + '9' * 64, 'nobody needs me')

    def act(payload):
        for name in GOOD, BAD:
            for state in 'downloading', 'rebooting', 'trial':
                fleet.update(name, state=state, latest=OURS)
        fleet.update(GOOD, state='confirmed', latest=OURS, installed=OURS)
        fleet.update(BAD, state='rolled_back', latest=OURS, error=UNDONE)

    fleet.on('mpypi/channels/latest', act)
    fleet.answers(GOOD, {'user_main.py': CODE})
    fleet.wait()


@pytest.mark.parametrize('name', ['README.md', 'docs/blox.md'])
def test_a_session_is_what_happens(blox, broker, tmp_path, name):
    (tmp_path / 'user_main.py').write_bytes(CODE)
    shown = list(sessions(name))
    assert shown
    fleet = Fleet(broker.port)
    try:
        play(fleet)
        for command, output in shown:
            result = blox(*shlex.split(command), BLOX_HOST='127.0.0.1',
                          BLOX_PORT=str(broker.port))
            said = UNDER_WAY.sub('', result.out + result.err).rstrip('\n')
            assert said == UNDER_WAY.sub('', output), command
    finally:
        fleet.close()


def test_what_a_device_says_in_it_is_what_devices_say():
    source = (TOP / 'core/ota/settle.c').read_text()
    assert UNDONE in re.sub(r'"\s*"', '', source)


def test_the_table_of_exit_codes_is_the_tools(blox):
    table = re.findall(r'^\| (\d) \| (.*) \|$',
                       (TOP / 'docs/blox.md').read_text(), re.M)
    lines = re.findall(r'^  (\d)  (.*)$', blox('--help').out, re.M)
    assert table == lines


def test_every_verb_is_named_in_the_documentation(blox):
    text = (TOP / 'docs/blox.md').read_text()
    listed = blox('--help').out.split('tells more):\n')[1].split('\n\n')[0]
    for line in listed.splitlines():
        verb = line[2:18].strip()
        if verb not in ('help', 'completion'):
            assert '`%s' % verb in text, verb
