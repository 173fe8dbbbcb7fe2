#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Everything of docs/targets.md: device tests, what chips trip over, an
update over the byte link. Writes build/targets.json: run.py TARGET..."""

import pathlib
import re
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / 'tools'), str(TOP / 'tests/system')]

import device_tests  # noqa: E402
import emulator  # noqa: E402
import mpyfile  # noqa: E402
import report  # noqa: E402
import update  # noqa: E402
from lib.wheels import make_samples  # noqa: E402

STACK_LIMIT = 3 * 1024
UNPACKERS = ('install', 'unpack', 'trial')  # loaded by the boot that unpacks


def text_of(name, modules=None):
    folder = emulator.BUILD / 'natmod' / emulator.ARCHS[name]
    return sum(mpyfile.load(path).text for path in folder.glob('*.mpy')
               if modules is None or path.stem[6:] in modules)


def chip(name):
    """Returns (whether rom_chip.py passed, {entry point: bytes of stack})."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        with emulator.Target(name) as target:
            result = target.run(device_tests.rom(
                name, folder, pathlib.Path(__file__).with_name('rom_chip.py'),
                make_samples(folder)))
    stacks = {}
    for entry, size in re.findall(r'^stack (\S+) (\d+)', result.output, re.M):
        stacks[entry] = max(stacks.get(entry, 0), int(size))
    if not result.ok:
        print('%s: chip: FAILED: %s\n%s' % (name, result.status,
                                            result.output))
    for entry, size in stacks.items():
        print('%s: stack of %-22s %5d bytes' % (name, entry, size))
    return result.ok, stacks


def updated(name):
    """Returns the figures of an update, or None when it failed."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return update.update(name, pathlib.Path(folder))
        except update.Failed as e:
            print('%s: update: FAILED: %s' % (name, e))
            return None


def rows(name):
    passed, failed = device_tests.run(name)
    for script, output in failed:
        print('--- %s: %s' % (script, output))
    fine, stacks = chip(name)
    figures = updated(name)
    done = [True] * passed + [False] * len(failed) + [fine, bool(figures)]
    yield report.entry(name + '.tests_passed', sum(done), 'tests',
                       1, 'higher')
    yield report.entry(name + '.tests_failed', done.count(False), 'tests', 0)
    yield report.entry(name + '.text_bytes', text_of(name), 'bytes')
    yield report.entry(name + '.stack_bytes', max(stacks.values(), default=0),
                       'bytes', STACK_LIMIT)
    if figures:
        peak = figures['heap_unpack_bytes'] - figures['begins_bytes'] \
            - text_of(name, UNPACKERS)
        yield report.entry(name + '.resident_bytes',
                           figures['resident_bytes'], 'bytes')
        yield report.entry(name + '.peak_heap_unpack_bytes', peak, 'bytes')
        yield report.entry(name + '.instructions_per_ota_byte',
                           figures['instructions_per_ota_byte'],
                           'instructions')


def main(argv):
    return report.finish('targets', [
        row for name in argv[1:] for row in rows(name)])


if __name__ == '__main__':
    sys.exit(main(sys.argv))
