#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs tests/device/ on a board, with mpremote, and leaves the board as it is:
library and tests are mounted from here, what they write goes to a disk in
RAM that is mounted at / instead of the flash, and NVS is a stand-in. At the
end the board is reset.

    tools/selftest.py --mpremote TOOL [--device PORT] [SCRIPT...]
"""

import argparse
import pathlib
import shutil
import signal
import sys
import tempfile

import device

TOP = device.TOP
sys.path.append(str(TOP / 'tests/system'))

# They fill NVS to the last byte, which is where the board's secrets are.
LEFT_OUT = {
    'test_config': 'it fills NVS',
    'test_secure_nvs': 'it fills NVS',
}

# On the board, before each script. The flash comes back with the next reset.
PREPARE = """
import os, sys
try:
    import vfs
except ImportError:
    vfs = os
class _Disk:
    def __init__(self, blocks):
        self.data = bytearray(512 * blocks)
    def readblocks(self, block, buffer, offset=0):
        at = block * 512 + offset
        buffer[:] = memoryview(self.data)[at : at + len(buffer)]
    def writeblocks(self, block, buffer, offset=0):
        at = block * 512 + offset
        self.data[at : at + len(buffer)] = buffer
    def ioctl(self, what, _):
        return {4: len(self.data) // 512, 5: 512, 6: 0}.get(what)
class _NVS:
    kept = {}
    def __init__(self, namespace):
        self.name = namespace
    def _get(self, key):
        try:
            return self.kept[self.name, key]
        except KeyError:
            raise OSError(-4354, 'ESP_ERR_NVS_NOT_FOUND')
    def get_i32(self, key):
        return self._get(key)
    def get_blob(self, key, buffer):
        data = self._get(key)
        if len(data) > len(buffer):
            raise OSError(-4364, 'ESP_ERR_NVS_INVALID_LENGTH')
        buffer[: len(data)] = data
        return len(data)
    def set_i32(self, key, value):
        self.kept[self.name, key] = value
    def set_blob(self, key, value):
        self.kept[self.name, key] = bytes(value)
    def erase_key(self, key):
        self._get(key)
        del self.kept[self.name, key]
    def commit(self):
        pass
class _esp32:
    NVS = _NVS
sys.modules['esp32'] = _esp32
_disk = _Disk(%d)
vfs.VfsLfs2.mkfs(_disk)
vfs.umount('/')
vfs.mount(vfs.VfsLfs2(_disk), '/')
os.chdir('/')
sys.path.insert(0, '/remote/lib')
if %r:
    os.mkdir('/tests')
    for name in os.listdir('/remote/tests'):
        with open('/remote/tests/' + name, 'rb') as file:
            data = file.read()
        with open('/tests/' + name, 'wb') as file:
            file.write(data)
        del data
"""
BLOCKS = 32  # 16 KiB for what tests write; the samples come on top


def collect(folder, wheel):
    """Library and sample wheels into the folder that is mounted."""
    from lib.wheels import make_samples

    shutil.unpack_archive(wheel, folder / 'lib', 'zip')
    (folder / 'tests').mkdir()
    samples = folder / 'made'
    samples.mkdir()
    for path in make_samples(samples):
        shutil.copy(path, folder / 'tests')
    size = sum(path.stat().st_size for path in (folder / 'tests').iterdir())
    return size // 512 + 2 * len(list((folder / 'tests').iterdir()))


def run(board, folder, script, sample_blocks):
    """Runs one script. Returns None, or what it said instead of OK."""
    from lib.short import shortened

    text = shortened(script.read_text())
    needs = '/tests/' in text
    script = folder / script.name
    script.write_text(text)
    blocks = BLOCKS + (sample_blocks if needs else 0)
    words = board.command + board.connect
    for action in (('mount', str(folder)),
                   ('exec', PREPARE % (blocks, needs)),
                   ('run', str(script))):
        words += ['+', *action]
    done = board._try(words, TOP)
    lines = done.stdout.strip().splitlines()
    return None if lines and lines[-1] == 'OK' else done.stdout.strip()


class Stop:
    """Ctrl-C is heeded when a script is through: in the middle of one the
    board may wait for a file of the mounted folder, and then hears nothing but
    that. The second Ctrl-C is not waited with."""

    def __init__(self, board):
        self.asked = False
        board.shielded = True
        signal.signal(signal.SIGINT, self)

    def __call__(self, *unused):
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        print('selftest: stopping when this script is through; Ctrl-C again '
              'stops at once', flush=True)


def selftest(board, scripts):
    stop = Stop(board)
    about = device.ask(board)
    device.step('board', '%s, MicroPython %s (mpy %d.%d)' % (
        about['platform'], about['firmware'], *about['mpy']))
    wheel = device.build_wheel(about['platform'])
    failed = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        sample_blocks = collect(folder, wheel)
        for script in scripts:
            if stop.asked:
                break
            if script.stem in LEFT_OUT:
                device.step('left out', '%s: %s' % (
                    script.stem, LEFT_OUT[script.stem]))
                continue
            said = run(board, folder, script, sample_blocks)
            device.step('failed' if said is not None else 'OK', script.stem)
            if said is not None:
                failed.append(script.stem)
                print(said)
    board.run(device.RESET)
    if stop.asked:
        device.fail('selftest: stopped; the board is reset')
    if failed:
        device.fail('selftest: %d of %d failed: %s' % (
            len(failed), len(scripts), ', '.join(failed)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--mpremote', default='mpremote')
    parser.add_argument('--device')
    parser.add_argument('scripts', nargs='*', type=pathlib.Path)
    options = parser.parse_args()
    scripts = options.scripts or sorted((TOP / 'tests/device').glob('test_*.py'))
    try:
        selftest(device.Board(options.mpremote, options.device), scripts)
    except KeyboardInterrupt:
        device.fail('selftest: stopped in the middle of a script; press the '
                    "board's reset button")


if __name__ == '__main__':
    main()
