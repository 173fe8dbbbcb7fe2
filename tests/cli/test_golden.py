# SPDX-License-Identifier: MIT
"""The words of the tool: command, output and exit code as a transcript.

Each file of golden/ holds some. After a change that is meant:
    BLESS=1 /usr/bin/python3 -m pytest tests/cli/test_golden.py
"""

import os
import pathlib
import shlex

import pytest

GOLDEN = pathlib.Path(__file__).parent / 'golden'
VERSION = (GOLDEN.parents[2] / 'VERSION').read_text().strip()


def transcript(blox, commands):
    text = ''
    for command in commands:
        result = blox(*shlex.split(command)[1:])
        text += f'$ {command}\n{result.out}{result.err}'
        text += f'exit {result.code}\n\n'
    return text.replace(VERSION, 'VERSION')


def commands_of(text):
    return [line[2:] for line in text.splitlines() if line.startswith('$ ')]


@pytest.mark.parametrize('name', sorted(p.name for p in GOLDEN.iterdir()))
def test_transcript(blox, tmp_path, name):
    (tmp_path / 'user_main.py').write_text('x = 1\n')
    expected = (GOLDEN / name).read_text()
    said = transcript(blox, commands_of(expected))
    if os.environ.get('BLESS'):
        (GOLDEN / name).write_text(said)
    else:
        assert said == expected


@pytest.mark.parametrize('name', sorted(p.name for p in GOLDEN.iterdir()))
def test_output_fits_a_terminal(name):
    lines = (GOLDEN / name).read_text().splitlines()
    shown = [line for line in lines if not line.startswith(('$', 'blox: '))]
    assert [line for line in shown if len(line) > 80] == []
