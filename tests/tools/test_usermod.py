# SPDX-License-Identifier: MIT
"""Linked into a firmware: make and CMake compile the same sources, and the
frozen library is what a wheel brings."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MPY_DIR = os.environ.get('MPY_DIR', str(ROOT / 'ext/micropython'))


def configure(build, **environment):
    """(sources, include folders), as MicroPython's usermod.cmake finds them."""
    subprocess.run(
        ['cmake', '-S', ROOT / 'tests/tools/usermod', '-B', build,
         '-DMICROPY_DIR=' + MPY_DIR,
         '-DUSER_C_MODULES=%s/bind/micropython.cmake' % ROOT],
        env={**os.environ, **environment}, check=True,
        stdout=subprocess.DEVNULL)
    return tuple((build / name).read_text().split()
                 for name in ('sources', 'folders'))


@pytest.fixture(scope='module')
def by_cmake(tmp_path_factory):
    return configure(tmp_path_factory.mktemp('usermod'))


def by_make(name, *words):
    """A variable of MicroPython's makefiles with bind/micropython.mk."""
    text = 'include %s/py/mkenv.mk\nUSER_C_MODULES := %s\n' % (MPY_DIR, ROOT)
    text += 'include %s/bind/micropython.mk\nall:\n\t@echo $(%s)\n' % (ROOT, name)
    done = subprocess.run(
        ['make', '-s', '-f', '-', 'TOP=' + MPY_DIR, *words, 'all'], input=text,
        check=True, text=True, stdout=subprocess.PIPE)
    return done.stdout.splitlines()[-1].split()


def test_cmake_and_make_compile_the_same_sources(by_cmake):
    sources, _ = by_cmake
    assert sorted(sources) == sorted(by_make('SRC_USERMOD_C'))
    assert str(ROOT / 'bind/mqtt/mqtt.c') in sources
    missing = [path for path in sources if not os.path.exists(path)]
    assert not missing


def test_cmake_and_make_look_for_headers_in_the_same_folders(by_cmake):
    flags = [flag[2:] for flag in by_make('CFLAGS_USERMOD')
             if flag.startswith('-I')]
    assert sorted(by_cmake[1]) == sorted(flags)


def test_bearssl_may_be_elsewhere(tmp_path):
    """ESP32's makefile hands CMake no variable but its own: what stands on
    its command line comes in the environment."""
    elsewhere = str(tmp_path / 'bearssl')
    assert '-I' + elsewhere in by_make('CFLAGS_USERMOD', 'BEARSSL_DIR=' + elsewhere)
    _, folders = configure(tmp_path / 'build', BEARSSL_DIR=elsewhere)
    assert elsewhere in folders
    assert str(ROOT / 'ext/bearssl') not in folders


def library():
    """The library's modules: path below python/ to dotted name."""
    names = {}
    for folder in ('mpy_blox', 'logging'):
        for path in (ROOT / 'python' / folder).rglob('*.py'):
            path = path.relative_to(ROOT / 'python')
            dotted = '.'.join(path.with_suffix('').parts)
            names[str(path)] = dotted.removesuffix('.__init__')
    return names


def frozen(folder, arguments=''):
    """What include(python/manifest.py<arguments>) freezes."""
    manifest = folder / 'manifest.py'
    manifest.write_text('include(%r%s)\n' % (
        str(ROOT / 'python/manifest.py'), arguments))
    script = folder / 'list.py'
    script.write_text(
        'import sys\n'
        'sys.path.insert(0, %r)\n'
        'import manifestfile\n'
        'manifest = manifestfile.ManifestFile(manifestfile.MODE_FREEZE, {"MPY_LIB_DIR": ""})\n'
        'manifest.execute(%r)\n'
        'for file in manifest.files():\n'
        '    print(file.target_path)\n'
        % (MPY_DIR + '/tools', str(manifest)))
    done = subprocess.run(['/usr/bin/python3', script], check=True, text=True,
                          stdout=subprocess.PIPE)
    return sorted(done.stdout.split())


def test_the_manifest_freezes_what_a_wheel_brings(tmp_path):
    assert frozen(tmp_path) == sorted([*library(), 'frozen_names.py'])


def test_the_manifest_freezes_main_py_on_demand(tmp_path):
    with_main = frozen(tmp_path, ', main=True')
    assert set(with_main) - set(frozen(tmp_path)) == {'main.py'}


def test_the_firmware_has_the_version_of_the_library():
    said = (ROOT / 'python/frozen_names.py').read_text()
    version = (ROOT / 'VERSION').read_text().strip()
    assert "\nVERSION = '%s'\n" % version in said


def test_the_firmware_has_the_name_of_each_module():
    """Else the device keeps it in RAM once the module was loaded."""
    said = [line.strip() for line in (
        ROOT / 'python/frozen_names.py').read_text().splitlines()
        if line.startswith('    import ')]
    wanted = {name.rsplit('.', up)[0] for name in library().values()
              for up in range(name.count('.'))}
    assert said == ['import %s as %s' % (name, name.rpartition('.')[2])
                    for name in sorted(wanted)]
