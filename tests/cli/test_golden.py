# SPDX-License-Identifier: MIT
"""The words of the tool: command, output and exit code as a transcript.

Each file of golden/ holds some; those of golden/fleet have a broker with the
devices of cli_fleet.populate(). After a change that is meant:
    BLESS=1 /usr/bin/python3 -m pytest tests/cli/test_golden.py
"""

import os
import pathlib
import re
import shlex

import pytest
from cli_fleet import Fleet, populate

GOLDEN = pathlib.Path(__file__).parent / 'golden'
VERSION = (GOLDEN.parents[2] / 'VERSION').read_text().strip()
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ')

ID = re.compile(r'"id": "[0-9a-f]{16}"')


def names(folder):
    return sorted(p.name for p in folder.glob('*.txt'))


def transcript(blox, commands, **env):
    text = ''
    for command in commands:
        result = blox(*shlex.split(command)[1:], **env)
        text += f'$ {command}\n{result.out}{result.err}'
        text += f'exit {result.code}\n\n'
    text = ID.sub('"id": "ID"', text.replace(VERSION, 'VERSION'))
    return TIME.sub('TIME', text)


def commands_of(text):
    return [line[2:] for line in text.splitlines() if line.startswith('$ ')]


def compare(path, said):
    if os.environ.get('BLESS'):
        path.write_text(said)
    else:
        assert said == path.read_text()


@pytest.fixture
def files(tmp_path):
    (tmp_path / 'user_main.py').write_text('x = 1\n')


@pytest.mark.parametrize('name', names(GOLDEN))
def test_transcript(blox, files, name):
    path = GOLDEN / name
    compare(path, transcript(blox, commands_of(path.read_text())))


@pytest.mark.parametrize('name', names(GOLDEN / 'fleet'))
def test_transcript_with_a_fleet(blox, files, broker, tmp_path, name):
    path = GOLDEN / 'fleet' / name
    env = {'BLOX_HOST': '127.0.0.1', 'BLOX_PORT': str(broker.port)}
    (tmp_path / 'other.py').write_text('y = 1\n')
    fleet = Fleet(broker.port)
    try:
        populate(fleet)
        said = transcript(blox, commands_of(path.read_text()), **env)
    finally:
        fleet.close()
    compare(path, said.replace(str(broker.port), 'PORT'))


@pytest.mark.parametrize('name', names(GOLDEN))
def test_help_fits_a_terminal(name):
    lines = (GOLDEN / name).read_text().splitlines()
    shown = [line for line in lines if not line.startswith(('$', 'blox: '))]
    assert [line for line in shown if len(line) > 80] == []
