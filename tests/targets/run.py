#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Everything of docs/targets.md: device tests, what chips trip over, an
update over the byte link. Writes build/targets.json: run.py TARGET..."""

import os
import pathlib
import re
import sys
import tempfile
from concurrent import futures

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / 'tools'), str(TOP / 'tests/system')]

import device_tests  # noqa: E402
import emulator  # noqa: E402
import mpyfile  # noqa: E402
import report  # noqa: E402
import stacks  # noqa: E402
import update  # noqa: E402

UNPACKERS = ('install', 'unpack', 'trial')  # loaded by the boot that unpacks


def text_of(name, modules=None):
    folder = emulator.BUILD / 'natmod' / emulator.ARCHS[name]
    return sum(mpyfile.load(path).text for path in folder.glob('*.mpy')
               if modules is None or path.stem[6:] in modules)


def updated(name):
    """Returns the figures of an update, or None when it failed."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return update.update(name, pathlib.Path(folder))
        except update.Failed as e:
            print('%s: update: FAILED: %s' % (name, e))
            return None


def verified(name):
    """Returns (heap bytes, instructions) of checking a signature, or None."""
    with tempfile.TemporaryDirectory() as temporary, \
            emulator.Target(name) as target:
        folder = pathlib.Path(temporary)
        files = device_tests.rom(name, folder,
                                 device_tests.HERE / 'rom_verify.py')
        device_tests.add(files, folder, 'signed',
                         TOP / 'tests/device/test_verify_native.py')
        result = target.run(files, count=True)
    if not result.ok:
        print('%s: verify: FAILED: %s\n%s' % (name, result.status,
                                              result.output))
        return None
    heap = re.search(r'^heap (\d+)$', result.output, re.M).group(1)
    return int(heap), result.marks[1] - result.marks[0]


def tests(name):
    """Returns whether each of the device tests passed."""
    passed, failed = device_tests.run(name)
    for script, output in failed:
        print('--- %s: %s' % (script, output))
    return [True] * passed + [False] * len(failed)


def count(name, done):
    yield report.entry(name + '.tests_passed', done.count(True), 'tests',
                       1, 'higher')
    yield report.entry(name + '.tests_failed', done.count(False), 'tests', 0)


def rows(name):
    done = tests(name)
    if device_tests.is_static(name):
        yield from count(name, done)
        return
    unmeasured, taken = stacks.measure_all(name)
    stacks.show(name, taken)
    figures = updated(name)
    verifying = verified(name)
    yield from count(name, done + [
        not unmeasured, bool(verifying), bool(figures)])
    yield report.entry(name + '.text_bytes', text_of(name), 'bytes')
    yield report.entry(name + '.stack_bytes', max(taken.values(), default=0),
                       'bytes', stacks.LIMIT)
    for entry, size in sorted(taken.items()):
        yield report.entry('%s.stack_bytes.%s' % (name, entry), size, 'bytes',
                           stacks.LIMIT)
    if verifying:
        yield report.entry(name + '.heap_verify_bytes', verifying[0], 'bytes')
        yield report.entry(name + '.instructions_verify', verifying[1],
                           'instructions')
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
    with futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        figures = list(pool.map(lambda name: list(rows(name)), argv[1:]))
    return report.finish('targets', sum(figures, []))


if __name__ == '__main__':
    sys.exit(main(sys.argv))
