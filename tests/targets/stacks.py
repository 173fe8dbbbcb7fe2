#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The C stack that each entry point of the native modules takes at most, while
device tests, rom_chip.py and a small update run: stacks.py TARGET [SCRIPT]..."""

import pathlib
import re
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / 'tools'), str(TOP / 'tests/system')]

import device_tests  # noqa: E402
import emulator  # noqa: E402
import update  # noqa: E402
from lib.brokers import Broker  # noqa: E402
from lib.wheels import make_samples  # noqa: E402

ROM = pathlib.Path(__file__).parent
LIMIT = 3 * 1024
HEAP = 768 * 1024  # all native modules are loaded at once


def told(*outputs):
    """{entry point: bytes}, the most of all."""
    stacks = {}
    for entry, size in re.findall(r'^stack (\S+) (\d+)$', '\n'.join(outputs),
                                  re.M):
        stacks[entry] = max(stacks.get(entry, 0), int(size))
    return stacks


def scripts():
    yield ROM / 'rom_chip.py'
    yield from device_tests.scripts()


def measure(name, paths):
    """Returns (names of scripts that failed, {entry point: bytes})."""
    failed, stacks = [], {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        samples = make_samples(folder)
        for path in paths:
            with emulator.Target(name) as target:
                result = target.run(device_tests.rom(
                    name, folder, path, samples, measured=True), HEAP)
            if not result.ok:
                failed.append(path.stem)
                print('%s: measured %s: FAILED: %s\n%s' % (
                    name, path.stem, result.status, result.output))
            take(stacks, told(result.output))
    return failed, stacks


def take(stacks, more):
    for entry, size in more.items():
        stacks[entry] = max(stacks.get(entry, 0), size)


def measure_update(name, folder):
    """{entry point: bytes} of a small update, from the list to the trial."""
    package, _ = update.package_of(folder, 2048)
    with Broker(folder / 'broker') as broker:
        update.publish(broker.port, package)
        device = update.Device(name, folder, broker.port)
        device_tests.add(device.rom, folder, 'stack', ROM / 'rom_stack.py')
        results = [update.must_reset(device.boot(HEAP, timeout=update.PATIENCE))]
        results += update.boot_till_end(device, heap=HEAP)
    if results[-1].status != 0:
        raise update.Failed('%s\n%s' % (results[-1].status,
                                        results[-1].output))
    return told(*[result.output for result in results])


def measure_all(name):
    failed, stacks = measure(name, scripts())
    with tempfile.TemporaryDirectory() as folder:
        try:
            take(stacks, measure_update(name, pathlib.Path(folder)))
        except update.Failed as e:
            failed.append('update')
            print('%s: measured update: FAILED: %s' % (name, e))
    return failed, stacks


def show(name, stacks):
    for entry in sorted(stacks, key=stacks.get, reverse=True):
        size = stacks[entry]
        print('%s: stack of %-26s %5d bytes%s' % (
            name, entry, size, '' if size < LIMIT else ' TOO MUCH'))


def main(argv):
    paths = [pathlib.Path(path) for path in argv[2:]]
    failed, stacks = measure(argv[1], paths) if paths else measure_all(argv[1])
    show(argv[1], stacks)
    return 1 if failed or max(stacks.values(), default=LIMIT) >= LIMIT else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
