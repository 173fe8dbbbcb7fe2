#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An update on an emulated target, over its byte link, from a real mosquitto:
update.py TARGET. The wheel is larger than the heap. The rescue in main.py
applies it, the trial confirms it. Prints what it took."""

import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import zlib

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / 'tools'), str(TOP / 'tests/system')]

import emulator  # noqa: E402
from device_tests import add, library  # noqa: E402
from lib.brokers import Broker  # noqa: E402
from lib.updates import wheel  # noqa: E402

HERE = pathlib.Path(__file__).parent
KIB = 1024
HEAP = 168 * KIB
SIZE = 184 * KIB  # of the package; it does not compress
BIG = '''\
import binascii

VERSION = '%s'


def checksum():
    crc = 0
    with open(__file__.rsplit('/', 1)[0] + '/data.bin', 'rb') as file:
        while True:
            piece = file.read(512)
            if not piece:
                return '%%08x' %% crc
            crc = binascii.crc32(piece, crc)
'''
PATIENCE = 1800  # seconds for a boot, on a machine that has other things to do
RESETS = 6  # unpack, the trial's end, and some to spare


class Failed(Exception):
    pass


class Device:
    """A board with the library in its ROM and a program on its flash."""

    def __init__(self, name, folder, port):
        self.name, self.port = name, port
        self.target = emulator.Target(name, folder / 'board')
        app = {'main.py': TOP / 'python/main.py',
               'user_main.py': HERE / 'rom_user_main.py',
               'settings.json': json.dumps({
                   'logging.level': 'INFO',
                   'mqtt': {'server': 'link', 'port': port},
                   'update.channel': 'latest',
                   'update.auto_update': True,
                   'update.trial_timeout': 1,
               }).encode(),
               'provision.json': json.dumps({'wlan.ssid': 'link'}).encode()}
        self.rom = library(name)
        self.rom.update({'app/' + path: data for path, data in app.items()})
        add(self.rom, folder, 'run', HERE / 'rom_boot.py')

    def boot(self, heap=HEAP, link=True, **more):
        return self.target.run(self.rom, heap, self.port if link else None,
                               **more)


def publish(port, *what):
    done = subprocess.run(
        [emulator.BUILD / 'cli/blox', 'publish', '-h', '127.0.0.1', '-p',
         str(port), '--channel', 'latest', *what], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise Failed(done.stdout)


def must_reset(result):
    if result.status != emulator.RESET:
        raise Failed('%s\n%s' % (result.status, result.output))
    return result


def smallest_heap(device, flash, wanted):
    """The smallest heap with which a boot from this flash ends as wanted."""
    low, high = 16 * KIB, HEAP
    while high - low > 256:
        heap = (low + high) // 2 & ~15
        device.target.restore(flash)
        result = device.boot(heap, link=False, timeout=PATIENCE)
        low, high = (low, heap) if wanted(result) else (heap, high)
    return high


def package_of(folder, size, version='1.0'):
    """A package that does not compress, and its data."""
    data = random.Random(9).randbytes(size)
    package = folder / ('big-%s-py3-none-any.whl' % version)
    package.write_bytes(wheel('big', version, {
        'big/__init__.py': BIG % version, 'big/data.bin': data}))
    return package, data


def boot_till_end(device, **more):
    """Yields what each boot after the first brings."""
    for _ in range(RESETS):
        result = device.boot(timeout=PATIENCE, **more)
        yield result
        if result.status != emulator.RESET:
            return


def update(name, folder):
    """Returns figures."""
    package, data = package_of(folder, SIZE)
    size = package.stat().st_size
    assert size > HEAP
    with Broker(folder / 'broker') as broker:
        publish(broker.port, package)
        device = Device(name, folder, broker.port)
        must_reset(device.boot(timeout=PATIENCE))  # downloaded
        ready = device.target.flash()
        *_, result = boot_till_end(device)
    wanted = 'big 1.0 %08x' % zlib.crc32(data)
    if result.status != 0 or wanted not in result.output:
        raise Failed('%s\n%s' % (result.status, result.output))
    figures = {'wheel_bytes': size, 'heap_bytes': HEAP, 'resident_bytes': int(
        re.search(r'^resident (\d+)', result.output, re.M).group(1))}
    figures.update(unpacking(device, ready, size))
    return figures


def unpacking(device, ready, size):
    """What the boot that unpacks and commits takes."""
    device.rom['unpack'] = b''
    device.target.restore(ready)
    result = must_reset(device.boot(link=False, count=True, timeout=PATIENCE))
    counted = result.marks
    heap = smallest_heap(device, ready,
                         lambda result: result.status == emulator.RESET)
    return {
        'instructions_per_ota_byte':
            round((counted[-1] - counted[0]) / size, 1),
        'heap_unpack_bytes': heap,
        'begins_bytes': int(re.search(
            r'^begins (\d+)', result.output, re.M).group(1)),
    }


def main(argv):
    with tempfile.TemporaryDirectory() as folder:
        try:
            figures = update(argv[1], pathlib.Path(folder))
        except Failed as e:
            print('%s: update: FAILED: %s' % (argv[1], e))
            return 1
    print('%s: update: OK: %s' % (argv[1], figures))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
