# SPDX-License-Identifier: MIT
"""`blox wheel build`, `show`, `check`: from a project to what devices take."""

import base64
import json
import random
import shutil
import subprocess
import zipfile

import pytest
from cli_support import TOP, record_digest

NATIVE = TOP / 'build/natmod/x64/_blox_wav.mpy'
PROJECT = '[project]\nname = "Big.Pkg"\nversion = "1.0"\n'


@pytest.fixture
def project(tmp_path):
    """Writes a project's files, a dict of path to contents."""

    def make(files, folder='project'):
        for path, content in files.items():
            file = tmp_path / folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else content.encode()
            file.write_bytes(data)
        return folder

    return make


def build(blox, *args, **env):
    """The wheel that was built, open."""
    result = blox('wheel', 'build', *args, '--json', **env)
    assert (result.code, result.err) == (0, '')
    return json.loads(result.out)['file']


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def code_of(path):
    return sorted(n for n in members(path) if '.dist-info/' not in n)


# ---- which modules ----------------------------------------------------------

LAYOUTS = {
    'src': (PROJECT, {'src/big_pkg/__init__.py': '', 'src/more.py': '',
                      'tests/test_it.py': ''},
            ['big_pkg/__init__.py', 'more.py']),
    'package': (PROJECT, {'Big_Pkg/__init__.py': '', 'Big_Pkg/a/b.py': '',
                          'setup.py': '', 'Big_Pkg/data.bin': '1'},
                ['Big_Pkg/__init__.py', 'Big_Pkg/a/b.py', 'Big_Pkg/data.bin']),
    'module': (PROJECT, {'Big_Pkg.py': '', 'other.py': ''}, ['Big_Pkg.py']),
    'setuptools packages':
        (PROJECT + '[tool.setuptools]\npackages = ["a", "a.b"]\n'
         'py-modules = ["m"]\npackage-dir = {"" = "lib"}\n',
         {'lib/a/__init__.py': '', 'lib/a/b/c.py': '', 'lib/m.py': '',
          'lib/n.py': ''},
         ['a/__init__.py', 'a/b/c.py', 'm.py']),
    'setuptools find':
        (PROJECT + '[tool.setuptools.packages.find]\nwhere = ["lib"]\n',
         {'lib/a/__init__.py': '', 'b.py': ''}, ['a/__init__.py']),
    'flit': (PROJECT + '[tool.flit.module]\nname = "other"\n',
             {'other.py': '', 'big_pkg.py': ''}, ['other.py']),
    'poetry packages':
        ('[tool.poetry]\nname = "Big.Pkg"\nversion = "1.0"\n'
         'packages = [{include = "a", from = "lib"}, {include = "m.py"}]\n',
         {'lib/a/__init__.py': '', 'm.py': '', 'n.py': ''},
         ['a/__init__.py', 'm.py']),
    'what is left out':
        (PROJECT, {'Big_Pkg/__init__.py': '', 'Big_Pkg/.hidden': '',
                   'Big_Pkg/__pycache__/a.pyc': '', 'Big_Pkg/b.pyc': ''},
         ['Big_Pkg/__init__.py']),
}


@pytest.mark.parametrize('layout', LAYOUTS)
def test_finds_the_modules(blox, project, tmp_path, layout):
    toml, files, wanted = LAYOUTS[layout]
    folder = project({'pyproject.toml': toml, **files})
    wheel = tmp_path / build(blox, folder)
    assert wheel.name == 'big_pkg-1.0-py3-none-any.whl'
    assert code_of(wheel) == sorted(wanted)


def test_a_plain_folder_goes_in_as_it_is(blox, project, tmp_path):
    folder = project({'a/b.json': '{}', 'c, "d".py': 'x', 'sub/e+f#.txt': ''})
    wheel = tmp_path / build(blox, folder, '--name', 'Assets', '--version',
                             '1.0-2', '--out', 'made/here')
    assert str(wheel).endswith('made/here/assets-1.0_2-py3-none-any.whl')
    assert code_of(wheel) == ['a/b.json', 'c, "d".py', 'sub/e+f#.txt']
    assert blox('wheel', 'check', wheel).code == 0


def test_the_current_folder_and_dist_are_what_is_left_out(
        blox, project, tmp_path):
    project({'pyproject.toml': PROJECT, 'Big_Pkg.py': ''}, '.')
    assert build(blox) == 'dist/big_pkg-1.0-py3-none-any.whl'
    assert (tmp_path / 'dist/big_pkg-1.0-py3-none-any.whl').is_file()


# ---- METADATA ---------------------------------------------------------------

def metadata(blox, project, tmp_path, toml, *args):
    folder = project({'pyproject.toml': toml, 'p.py': '__version__ = "7.1"\n'})
    found = members(tmp_path / build(blox, folder, *args))
    return next(d for n, d in found.items() if n.endswith('METADATA')).decode()


def test_metadata_of_the_standard_table(blox, project, tmp_path):
    assert metadata(blox, project, tmp_path, '''
[project]
name = "p"
version = "1.0"
description = """Blinks
and beeps"""
authors = [{name = "A", email = "a@b.c"}, {name = "B"}, {email = "c@d.e"}]
license = {text = "MIT"}
requires-python = ">=3.4"
dependencies = ["mpy-blox>=1.0", "x[y]; z"]
readme = "README.md"
''') == '''\
Metadata-Version: 2.1
Name: p
Version: 1.0
Summary: Blinks and beeps
Author-email: A <a@b.c>
Author: B
Author-email: c@d.e
License: MIT
Requires-Python: >=3.4
Requires-Dist: mpy-blox>=1.0
Requires-Dist: x[y]; z'''


def test_metadata_of_poetrys_table(blox, project, tmp_path):
    assert metadata(blox, project, tmp_path, '''
[tool.poetry]
name = "p"
version = "1.0"
description = "Blinks"
authors = ["A <a@b.c>"]
license = "MIT"
[tool.poetry.dependencies]
python = "^3.4"
a = "^1.2.3"
b = "^0.2.3"
c = "^0.0.3"
d = "~1.2"
e = "~1"
f = "*"
g = ">=1,<3"
h = {version = "^2", extras = ["x"]}
i = {version = "1.0", optional = true}
j = "1.5"
''') == '''\
Metadata-Version: 2.1
Name: p
Version: 1.0
Summary: Blinks
Author-email: A <a@b.c>
License: MIT
Requires-Python: >=3.4,<4
Requires-Dist: a>=1.2.3,<2
Requires-Dist: b>=0.2.3,<0.3
Requires-Dist: c>=0.0.3,<0.0.4
Requires-Dist: d>=1.2,<1.3
Requires-Dist: e>=1,<2
Requires-Dist: f
Requires-Dist: g>=1,<3
Requires-Dist: h>=2,<3
Requires-Dist: j==1.5'''


def test_a_dynamic_version_is_the_modules_own(blox, project, tmp_path):
    toml = '[project]\nname = "p"\ndynamic = ["version"]\n'
    assert 'Version: 7.1' in metadata(blox, project, tmp_path, toml)
    assert 'Version: 8' in metadata(blox, project, tmp_path, toml, '--version',
                                    '8')


def test_the_command_line_wins_over_the_project(blox, project, tmp_path):
    said = metadata(blox, project, tmp_path,
                    '[project]\nname = "p"\nversion = "1"\n'
                    '[tool.setuptools]\npy-modules = ["p"]\n',
                    '--name', 'other', '--version', '2')
    assert 'Name: other\nVersion: 2' in said


# ---- bytecode ---------------------------------------------------------------

def test_compiles_for_a_platform(blox, project, tmp_path):
    folder = project({'pyproject.toml': PROJECT,
                      'Big_Pkg/__init__.py': 'X = 1\n',
                      'Big_Pkg/m.py': 'def f():\n    raise ValueError\n',
                      'Big_Pkg/data.py.txt': 'x'})
    wheel = tmp_path / build(blox, folder, '--platform', 'esp32c3')
    assert wheel.name == 'big_pkg-1.0-mpy6-bytecode-esp32c3.whl'
    found = members(wheel)
    assert code_of(wheel) == ['Big_Pkg/__init__.mpy', 'Big_Pkg/data.py.txt',
                              'Big_Pkg/m.mpy']
    assert found['Big_Pkg/m.mpy'][:2] == b'M\x06'
    assert b'Big_Pkg/m.py' in found['Big_Pkg/m.mpy']  # as tracebacks name it
    assert b'Tag: mpy6-bytecode-esp32c3\n' in found[
        'big_pkg-1.0.dist-info/WHEEL']


def test_native_decorators_are_for_the_platform(blox, project, tmp_path):
    folder = project({'pyproject.toml': PROJECT, 'Big_Pkg.py':
                      '@micropython.native\ndef f():\n    return 1\n'})
    for platform, arch in (('esp32', 'xtensawin'), ('unix_x64', 'x64')):
        wheel = tmp_path / build(blox, folder, '--platform', platform)
        shown = json.loads(blox('wheel', 'show', '--json', wheel).out)
        assert (shown['native'], shown['mpy']) == (arch, '6.3')
        member = next(m for m in shown['members'] if m['path'].endswith('mpy'))
        assert member['code'] == f'{arch}, mpy 6.3'


def test_the_same_files_are_the_same_wheel(blox, project, tmp_path):
    files = {'pyproject.toml': PROJECT, 'Big_Pkg/a.py': 'x = 1\n' * 99,
             'Big_Pkg/b.py': '', 'Big_Pkg/c/d.py': ''}
    one = project(files, 'one')
    two = project(dict(reversed(files.items())), 'two')
    made = [(tmp_path / build(blox, folder, '--out', out, **env)).read_bytes()
            for folder, out, env in (
                (one, 'x', {}), (two, 'y', {}),
                (two, 'z', {'SOURCE_DATE_EPOCH': '1700000000'}))]
    assert made[0] == made[1] != made[2]
    with zipfile.ZipFile(tmp_path / 'z' / 'big_pkg-1.0-py3-none-any.whl') as a:
        assert {i.date_time for i in a.infolist()} == {
            (2023, 11, 14, 22, 13, 20)}


# ---- Python's own tools -----------------------------------------------------

def test_pythons_own_tools_take_it(blox, project, tmp_path):
    folder = project({'pyproject.toml': PROJECT + 'description = "x"\n',
                      'Big_Pkg/__init__.py': 'X = 41\n' * 200,
                      'Big_Pkg/e.txt': ''})
    wheel = tmp_path / build(blox, folder)
    for command in (['-m', 'zipfile', '-t', wheel],
                    ['-m', 'wheel', 'unpack', '-d', tmp_path / 'un', wheel],
                    ['-m', 'pip', '-q', 'install', '--no-index', '--target',
                     tmp_path / 'pip', wheel],
                    ['-c', f'import sys; sys.path = ["{tmp_path}/pip"]; '
                     'import Big_Pkg; assert Big_Pkg.X == 41']):
        done = subprocess.run(['/usr/bin/python3', *map(str, command)],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    unpacked, = (tmp_path / 'un').rglob('e.txt')
    assert unpacked.read_bytes() == b''


# ---- wheel show, wheel check ------------------------------------------------

def test_shows_a_wheel_of_someone_else(blox, pip_wheel):
    result = blox('wheel', 'show', pip_wheel)
    assert (result.code, result.err) == (0, '')
    assert 'name      pip\n' in result.out
    assert 'tag       py3-none-any\n' in result.out
    assert 'window    32768 bytes\n' in result.out
    shown = json.loads(blox('wheel', 'show', '--json', pip_wheel).out)
    with zipfile.ZipFile(pip_wheel) as archive:
        assert [(m['path'], m['size'], m['packed'])
                for m in shown['members']] == sorted(
            (i.filename, i.file_size, i.compress_size)
            for i in archive.infolist())


def test_every_wheel_is_checked_whatever_the_one_before_was(
        blox, wheel, tmp_path):
    good = wheel(file='a.whl')
    wheel(members={'more.py': b''}, file='b.whl')
    result = blox('wheel', 'check', 'b.whl', good, 'no.whl')
    assert result.code == 3
    assert result.out == f'{good}: bigpkg 1.0 for py3-none-any, 4 files: ' \
        'sound\n'
    assert result.err == (
        'blox: b.whl: more.py: is not in RECORD; build the wheel again\n'
        'blox: no.whl: No such file or directory; name a file that can be '
        'read\n')


def test_native_members_are_for_the_platform(blox, project, tmp_path):
    folder = project({'_n.mpy': NATIVE.read_bytes()})
    names = ['--name', 'n', '--version', '1']
    assert build(blox, folder, *names, '--platform', 'unix_x64')
    for args, why in (
            ([], '_n.mpy: native code for x64, but its tag says any device; '
             'build it with --platform'),
            (['--platform', 'esp32c3'], '_n.mpy: native code for x64, but its '
             'tag says esp32c3; build it for that')):
        result = blox('wheel', 'build', folder, *names, *args, '--out', 'bad')
        assert result.code == 3
        assert result.err.endswith(why + '\n') and result.err.count('\n') == 1
        assert not (tmp_path / 'bad').exists()


def test_native_members_are_of_one_micropython(blox, project):
    older = bytearray(NATIVE.read_bytes())
    older[2] = older[2] & 0xfc | 2
    folder = project({'a.mpy': NATIVE.read_bytes(), 'b.mpy': bytes(older)})
    result = blox('wheel', 'build', folder, '--name', 'n', '--version', '1',
                  '--platform', 'unix_x64')
    assert result.code == 3
    assert result.err.endswith(
        'b.mpy: native code of mpy 6.2, others are of 6.3; build all of it '
        'for one MicroPython\n')


def rezip(path, comment=b'', extra=b'', change=None):
    """Packs a wheel's members again with Python's zipfile."""
    found = members(path)
    record = next(n for n in found if n.endswith('RECORD'))
    for name, data in (change or {}).items():
        found[name] = data
    found[record] = ''.join(
        f'{n},{record_digest(d)},{len(d)}\n' for n, d in found.items()
        if n != record).encode() + f'{record},,'.encode()
    with zipfile.ZipFile(path, 'w') as archive:
        archive.comment = comment
        for name, data in found.items():
            info = zipfile.ZipInfo(name)
            info.extra = extra
            archive.writestr(info, data)
            info.extra = b''  # the central header goes without


def test_what_the_original_does_not_take(blox, project, tmp_path):
    folder = project({'p.py': 'x\n'})
    names = ['--name', 'p', '--version', '1']
    wheel = tmp_path / build(blox, folder, *names, '--compat')
    assert blox('wheel', 'check', '--compat', wheel).code == 0
    info = 'p-1.dist-info/'
    text = members(wheel)[info + 'METADATA']
    other = members(wheel)[info + 'WHEEL']
    for why, how in (
            ('the zip has a comment', {'comment': b'hello'}),
            ('in their extra fields', {'extra': b'\x99\x99\2\0ab'}),
            ('METADATA has a blank line', {'change': {
                info + 'METADATA': text + b'\n\nTold at length.'}}),
            ('METADATA has a blank line', {'change': {
                info + 'METADATA': text + b'\n'}}),
            ('WHEEL has a blank line', {'change': {
                info + 'WHEEL': other + b'\r\n\r\n'}}),
            ('WHEEL has several Tag lines', {'change': {
                info + 'WHEEL': other + b'\nTag: py2-none-any'}})):
        shutil.copy(wheel, tmp_path / 'x.whl')
        rezip(tmp_path / 'x.whl', **how)
        assert blox('wheel', 'check', 'x.whl').code == 0, why
        result = blox('wheel', 'check', '--compat', 'x.whl')
        assert result.code == 3 and why in result.err
        assert result.err.endswith("; build it with 'blox wheel build'\n")
    large = project({'noise.bin': base64.b64encode(
        random.Random(1).randbytes(49000))}, 'large')
    result = blox('wheel', 'build', large, *names, '--compat')
    assert result.code == 3 and 'over the 48 KiB that fit' in result.err
    assert build(blox, large, *names)


# ---- what goes wrong --------------------------------------------------------

WRONG = {
    'no pyproject.toml': (
        {'a.py': ''}, [], 'project: no pyproject.toml in it; write one, or '
        'give --name and --version'),
    'bad TOML': (
        {'pyproject.toml': '[project]\nname = x\n'}, [],
        'project/pyproject.toml: line 2: a value that is none; mend it'),
    'no table': (
        {'pyproject.toml': '[build-system]\n'}, [],
        'pyproject.toml: neither [project] nor [tool.poetry] is there; add '
        'one'),
    'no name': (
        {'pyproject.toml': '[project]\nversion = "1"\n'}, [],
        'pyproject.toml: the project has no name; add one'),
    'no version': (
        {'pyproject.toml': '[project]\nname = "p"\n', 'p.py': ''}, [],
        'pyproject.toml: the project has no version; add one, or give '
        '--version'),
    'no dynamic version': (
        {'pyproject.toml': '[project]\nname = "p"\ndynamic = ["version"]\n',
         'p.py': 'x.__version__ = "1"\n'}, [],
        'pyproject.toml: the version is dynamic and no module says '
        '__version__; give --version'),
    'no module': (
        {'pyproject.toml': PROJECT}, [],
        'project: no folder src, no package Big_Pkg and no Big_Pkg.py; say '
        'packages in pyproject.toml'),
    'a missing package': (
        {'pyproject.toml': PROJECT + '[tool.setuptools]\npackages = ["a.b"]'},
        [], "pyproject.toml: 'a/b' is not in project; mend the name"),
    'a pattern': (
        {'pyproject.toml': '[tool.poetry]\nname = "p"\nversion = "1"\n'
         'packages = [{include = "p/*.py"}]\n'}, [],
        "pyproject.toml: 'p/*.py' is a pattern; name the package or module"),
    'no include': (
        {'pyproject.toml': '[tool.poetry]\nname = "p"\nversion = "1"\n'
         'packages = [{from = "p"}]\n'}, [],
        "pyproject.toml: an entry of packages in [tool.poetry] has no "
        "'include'"),
    'an empty folder': (
        {'.hidden': ''}, ['--name', 'p', '--version', '1'],
        'no files to pack; name another folder'),
    'one module twice': (
        {'m.py': '', 'm.mpy': ''}, ['--name', 'p', '--version', '1'],
        'm.py and m.mpy are one module; take one away'),
    'a path no device takes': (
        {'a\\b.py': ''}, ['--name', 'p', '--version', '1'],
        'a\\b.py: the path has a backslash; rename it'),
    'no bytecode': (
        {'m.mpy': 'M\x05'}, ['--name', 'p', '--version', '1'],
        'dist/p-1-py3-none-any.whl: m.mpy: not bytecode of format 6, which '
        'devices load; compile it with mpy-cross of MicroPython 1.19 or '
        'later'),
    'no Python': (
        {'a/m.py': 'x = 1\ny = (\n'},
        ['--name', 'p', '--version', '1', '--platform', 'esp32'],
        'a/m.py: line 3: SyntaxError: invalid syntax; mend it'),
    'no compiler': (
        {'m.py': ''}, ['--name', 'p', '--version', '1', '--platform', 'esp32',
                       '--mpy-cross', './none'],
        './none: No such file or directory; name the compiler with '
        '--mpy-cross'),
}


@pytest.mark.parametrize('case', WRONG)
def test_what_cannot_be_built_is_said_in_one_sentence(
        blox, project, tmp_path, case):
    files, args, sentence = WRONG[case]
    project(files)
    result = blox('wheel', 'build', 'project', *args)
    assert (result.code, result.out) == (3, '')
    assert result.err == f'blox: {sentence}\n'
    assert not (tmp_path / 'dist').exists()


def test_names_that_no_package_has(blox, project):
    folder = project({'a.py': ''})
    for name, version, why in (
            ('a/b', '1', "'a/b' is no name of a package; take letters, "
             "digits, '-', '_' and '.', at most 64"),
            ('a', '1/2', "'1/2' is no version; write it like 1.2.0")):
        result = blox('wheel', 'build', folder, '--name', name, '--version',
                      version)
        assert (result.code, result.err) == (2, f'blox: {why}\n')


def test_a_date_that_is_none(blox, project):
    folder = project({'a.py': ''})
    result = blox('wheel', 'build', folder, '--name', 'a', '--version', '1',
                  SOURCE_DATE_EPOCH='today')
    assert (result.code, result.err) == (
        3, "blox: SOURCE_DATE_EPOCH: 'today' is not a number of seconds; "
        'unset it\n')


def test_a_folder_that_cannot_be_written(blox, project, tmp_path):
    folder = project({'a.py': ''})
    (tmp_path / 'file').write_text('')
    result = blox('wheel', 'build', folder, '--name', 'a', '--version', '1',
                  '--out', 'file/x')
    assert (result.code, result.err) == (
        3, 'blox: file/x: Not a directory; name a place that can be '
        'written\n')
