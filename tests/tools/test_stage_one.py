# SPDX-License-Identifier: MIT
"""tools/stage_one.py packs what devices that run the original can take in."""

import ast
import pathlib
import struct
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools'))
import stage_one  # noqa: E402

TAG = 'mpy6-bytecode-esp32'
INFO = 'mpy_blox-1.0.0.dev0.dist-info/'


def run(out, *words, tag=TAG):
    return subprocess.run(
        [sys.executable, ROOT / 'tools/stage_one.py', '--version', '1.0.0.dev0',
         '--tag', tag, '--mpy-cross', ROOT / 'build/mpy-cross/mpy-cross',
         '--out', out, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def original(tmp_path):
    """A function that packs a wheel with these members."""
    def make(*members, tag=TAG):
        path = tmp_path / 'mpy_blox-0.6.0.whl'
        with zipfile.ZipFile(path, 'w') as archive:
            archive.writestr('mpy_blox-0.6.0.dist-info/WHEEL', 'Tag: %s' % tag)
            for member in members:
                archive.writestr(member, b'x')
        return path
    return make


def test_its_shape_is_what_the_original_takes(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 0 and 'without a way back' in done.stdout
    (path,) = tmp_path.glob('*.whl')
    assert path.name == 'mpy_blox-1.0.0.dev0-%s.whl' % TAG
    data = path.read_bytes()
    assert len(data) < 48 * 1024
    with zipfile.ZipFile(path) as wheel:
        assert wheel.comment == b''
        names = wheel.namelist()
        # In the order in which they are written: what boots comes first.
        assert names == ['mpy_blox/app.mpy', 'mpy_blox/__init__.mpy',
                         INFO + 'METADATA', INFO + 'WHEEL', INFO + 'RECORD']
        for member in wheel.infolist():
            assert member.compress_type == zipfile.ZIP_STORED
            extra = struct.unpack_from('<H', data, member.header_offset + 28)
            assert (len(member.extra), extra) == (0, (0,))
        for name in ('METADATA', 'WHEEL'):
            text = wheel.read(INFO + name).decode()
            assert '' not in text.split('\n') and text.count('Tag: ') < 2
        for name in names[:2]:
            head = wheel.read(name)
            assert head[:2] == b'M\x06' and head[2] >> 2 == 0, 'bytecode'


def test_a_part_has_of_the_others_what_stands_before_it():
    """Joined, its imports of them are gone."""
    folder = ROOT / 'python/migrate'
    assert sorted(stage_one.PARTS) == sorted(p.stem for p in folder.glob('*.py'))
    known = {}
    for part in stage_one.PARTS:
        body = ast.parse((folder / (part + '.py')).read_text()).body
        for node in body:
            if isinstance(node, ast.ImportFrom) and node.level:
                names = {alias.name for alias in node.names}
                assert names <= known[node.module], (part, node.module)
        known[part] = {n.name for n in body if hasattr(n, 'name')}
        for node in body:
            if isinstance(node, ast.Assign):
                known[part].update(target.id for target in node.targets)
    everywhere = [name for names in known.values() for name in names]
    assert len(everywhere) == len(set(everywhere)), 'a name of two parts'
    assert 'from .' not in stage_one.joined()


def test_it_is_the_same_byte_for_byte(tmp_path):
    for folder in ('one', 'two'):
        assert run(tmp_path / folder).returncode == 0
    one, two = (next((tmp_path / f).glob('*.whl')) for f in ('one', 'two'))
    assert one.read_bytes() == two.read_bytes()


def test_it_knows_the_hash_of_the_way_back(tmp_path, original):
    path = original('mpy_blox/app.mpy')
    done = run(tmp_path / 'out', '--original', path)
    assert done.returncode == 0 and 'without' not in done.stdout
    digest = subprocess.run(['sha256sum', path], stdout=subprocess.PIPE,
                            text=True).stdout.split()[0]
    (wheel,) = (tmp_path / 'out').glob('*.whl')
    assert digest.encode() in wheel.read_bytes()


def test_a_wheel_that_is_not_the_originals_is_refused(tmp_path, original):
    done = run(tmp_path, '--original', original('other/app.mpy'))
    assert done.returncode == 1 and 'it has no mpy_blox/app.mpy' in done.stderr
    done = run(tmp_path, '--original', original('mpy_blox/app.mpy', tag='x'))
    assert 'it is tagged x, not ' + TAG in done.stderr
    done = run(tmp_path, '--original', tmp_path / 'none.whl')
    assert 'no wheel' in done.stderr
