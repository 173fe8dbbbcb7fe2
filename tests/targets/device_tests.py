#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The scripts of tests/device/ on an emulated target, native modules loaded
from a ROMFS: device_tests.py TARGET [PART_OF_NAME]. A script prints OK at its end.
"""

import pathlib
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / 'tools'), str(TOP / 'tests/system')]

import emulator  # noqa: E402
from lib.short import shortened  # noqa: E402
from lib.wheels import make_samples  # noqa: E402

HERE = pathlib.Path(__file__).parent
# What needs a network, or a firmware's own module that is no part of ours.
NOT_HERE = {
    'test_socket_uart': 'TCP',
}


def scripts():
    return [path for path in sorted((TOP / 'tests/device').glob('test_*.py'))
            if path.stem not in NOT_HERE]


def is_static(name):
    return name.endswith('-static')


def library(name):
    """The library for this target and its firmware's Python: path in the
    ROMFS to file. A static firmware has the library in it."""
    files = {}
    folders = [TOP / 'targets/common/rom']
    if not is_static(name):
        folders.append(emulator.BUILD / 'dist' / emulator.PLATFORMS[name])
    for folder in folders:
        for path in folder.rglob('*'):
            if path.is_file():
                files['lib/%s' % path.relative_to(folder)] = path
    return files


def add(files, folder, module, source):
    """Adds a module made of this source to the ROMFS's top."""
    files[module + '.mpy'] = folder / (module + '.mpy')
    emulator.compile_script(source, files[module + '.mpy'], source.name)


def rom(name, folder, script, samples=(), measured=False):
    """The ROMFS that runs a script; measured: tells the C stack that native
    modules take."""
    files = library(name)
    add(files, folder, 'run', HERE / 'rom_run.py')
    if not is_static(name):
        text = shortened(script.read_text())
        script = folder / script.name
        script.write_text(text)
    add(files, folder, 'script', script)
    if measured:
        add(files, folder, 'stack', HERE / 'rom_stack.py')
    if '/tests/' in script.read_text():
        files.update({'tests/' + path.name: path for path in samples})
    return files


def run(name, part=''):
    """Returns (passed, [(script's name, output)])."""
    passed, failed = 0, []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        samples = make_samples(folder)
        for script in scripts():
            if part not in script.stem:
                continue
            with emulator.Target(name) as target:
                result = target.run(rom(name, folder, script, samples))
            if result.ok:
                passed += 1
            else:
                failed.append((script.stem, '%s\n%s' % (
                    result.status, result.output)))
            print('%s: %s: %s' % (name, script.stem,
                                  'OK' if result.ok else 'FAILED'),
                  flush=True)
    return passed, failed


def main(argv):
    passed, failed = run(*argv[1:])
    if not passed and not failed:
        sys.exit('%s: no script in tests/device has %s in its name' % (
            argv[1], argv[2]))
    for script, output in failed:
        print('--- %s: %s' % (script, output))
    print('%s: %d passed, %d failed' % (argv[1], passed, len(failed)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
