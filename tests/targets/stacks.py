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
STARVING = {'test_forget'}  # fills the heap, and measuring needs some of it


def told(*outputs):
    """{entry point: bytes}, the most of all."""
    stacks = {}
    for entry, size in re.findall(r'^stack (\S+) (\d+)$', '\n'.join(outputs),
                                  re.M):
        stacks[entry] = max(stacks.get(entry, 0), int(size))
    return stacks


def scripts():
    yield ROM / 'rom_chip.py'
    for path in device_tests.scripts():
        if path.stem not in STARVING:
            yield path


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


def step(device, *what):
    """Publishes this update and boots until it is confirmed; yields what each
    boot brings."""
    update.publish(device.port, *what)
    yield update.must_reset(device.boot(HEAP, timeout=update.PATIENCE))
    yield from update.boot_till_end(device, heap=HEAP)


def updates(device, folder):
    """A small package and a file; then, as `rom/wanted` says, the next version
    of the package and whatever else an update may bring."""
    package, _ = update.package_of(folder, 2048)
    extra = folder / 'extra.py'
    extra.write_text('EXTRA = True\n')
    yield from step(device, package, extra, '--src', '%s=etc/gone.py' % extra)
    package, _ = update.package_of(folder, 2048, '2.0')
    device.rom['wanted'] = b'2.0'
    extra.write_text('EXTRA = False\n')
    yield from step(device, package, extra, '--delete', 'etc/gone.py',
                    '--src', '%s=main.py' % (TOP / 'python/main.py'))


def measure_updates(name, folder):
    """{entry point: bytes} of two updates, from the list to the trial."""
    with Broker(folder / 'broker') as broker:
        device = update.Device(name, folder, broker.port)
        device_tests.add(device.rom, folder, 'stack', ROM / 'rom_stack.py')
        results = list(updates(device, folder))
    for result in results:
        if result.status not in (0, emulator.RESET):
            raise update.Failed('%s\n%s' % (result.status, result.output))
    if results[-1].status != 0:
        raise update.Failed('%s\n%s' % (results[-1].status,
                                        results[-1].output))
    return told(*[result.output for result in results])


def measure_all(name):
    failed, stacks = measure(name, scripts())
    with tempfile.TemporaryDirectory() as folder:
        try:
            take(stacks, measure_updates(name, pathlib.Path(folder)))
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
