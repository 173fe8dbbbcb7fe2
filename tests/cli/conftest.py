# SPDX-License-Identifier: MIT
"""What the tests of the host tool share: the tool, wheels, brokers."""

import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from cli_brokers import Mosquitto  # noqa: E402
from cli_support import TOOL, record_digest  # noqa: E402

LIMIT = 60  # seconds a run may take


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def blox(tmp_path):
    """Runs the tool in an empty folder, as in a pipe."""

    def run(*args, password=None, stdin=subprocess.DEVNULL, **env):
        env = {'PATH': os.environ['PATH'], 'LANG': 'C', **env}
        if password is not None:
            env['BLOX_PASSWORD'] = password
        done = subprocess.run(
            [TOOL, *map(str, args)], cwd=tmp_path, env=env, stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=LIMIT)
        assert 'Sanitizer' not in done.stderr, done.stderr
        return Result(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def wheel(tmp_path):
    """Makes wheels; what a test wants wrong it passes as `members`."""

    def make(name='bigpkg', version='1.0', tag='py3-none-any', size=1000,
             members=None, file=None):
        stem = f'{name}-{version}'
        info = f'{stem}.dist-info'
        files = {
            f'{name}/__init__.py': b'#' * size,
            f'{info}/METADATA':
                f'Metadata-Version: 2.1\nName: {name}\n'
                f'Version: {version}\n'.encode(),
            f'{info}/WHEEL': f'Wheel-Version: 1.0\nTag: {tag}\n'.encode(),
        }
        files[f'{info}/RECORD'] = ''.join(
            f'{path},{record_digest(data)},{len(data)}\n'
            for path, data in files.items()).encode()
        files.update(members or {})
        path = tmp_path / (file or f'{stem}-{tag}.whl')
        with zipfile.ZipFile(path, 'w') as archive:
            for member, data in files.items():
                if data is not None:
                    archive.writestr(zipfile.ZipInfo(member), data)
        return path

    return make


@pytest.fixture
def mosquitto(tmp_path):
    """Starts brokers, each with lines for its configuration file."""
    brokers = []

    def start(*lines):
        broker = Mosquitto(tmp_path / f'broker{len(brokers)}', *lines)
        brokers.append(broker)
        return broker

    yield start
    for broker in brokers:
        broker.stop()


@pytest.fixture
def broker(mosquitto):
    return mosquitto('allow_anonymous true')


@pytest.fixture
def pip_wheel():
    """A real wheel, large and made by someone else (python3-pip-whl)."""
    return next(pathlib.Path('/usr/share/python-wheels').glob('pip-*.whl'))
