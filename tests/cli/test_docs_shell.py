# SPDX-License-Identifier: MIT
"""The shell examples of docs/blox.md run as they stand, one after the other."""

import os
import pathlib
import re
import subprocess

from cli_support import TOOL, TOP

PROJECT = '''\
[project]
name = "lamp"
version = "1.0"
'''


def examples():
    text = (TOP / 'docs/blox.md').read_text()
    return re.findall(r'^```sh\n(.*?)^```$', text, re.M | re.S)


def test_the_examples_run_one_after_the_other(broker, tmp_path):
    folder = tmp_path / 'project'
    for path, content in (('pyproject.toml', PROJECT), ('lamp.py', 'x = 1\n'),
                          ('user_main.py', 'import lamp\n'),
                          ('assets/a.txt', 'a')):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    tools = tmp_path / 'bin'
    tools.mkdir()
    (tools / 'blox').symlink_to(TOOL)
    path = f'{tools}:{pathlib.Path(TOP) / "build/mpy-cross"}:/usr/bin:/bin'
    shown = examples()
    assert len(shown) == 4
    done = subprocess.run(
        ['bash', '-euxo', 'pipefail'], input='\n'.join(shown), cwd=folder,
        env={'PATH': path, 'BLOX_HOST': '127.0.0.1', 'HOME': str(tmp_path),
             'BLOX_PORT': str(broker.port), 'LANG': os.environ.get('LANG', 'C')},
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'battery' not in done.stdout
    assert sorted(p.name for p in (folder / 'dist').iterdir()) == [
        'lamp-1.0-mpy6-bytecode-esp32.whl',
        'lamp-1.0-mpy6-bytecode-esp32c3.whl', 'lamp-1.0-py3-none-any.whl',
        'lamp_assets-2.0-py3-none-any.whl']
    assert b'"signature"' in broker.retained()['mpypi/channels/latest']
