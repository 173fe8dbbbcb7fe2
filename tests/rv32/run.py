# SPDX-License-Identifier: MIT
"""Runs scripts of tests/device/ that need native modules alone on an emulated
32-bit RISC-V: run.py FIRMWARE FOLDER_OF_MODULES SCRIPT..."""

import os
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
MPY_DIR = pathlib.Path(os.environ.get("MPY_DIR", ROOT / "ext/micropython"))
sys.path[:0] = [str(MPY_DIR / "tools"), str(ROOT / "tests/system")]

import pyboard  # noqa: E402

from lib.wheels import make_samples  # noqa: E402

QEMU = (
    "qemu-system-riscv32 -bios none -machine virt -nographic -monitor null "
    "-semihosting -serial pty -kernel "
)
PIECE = 512  # bytes of a file sent at once

# A file system in memory, mounted at /: this port has none.
FILES = """\
import io, sys, vfs

class File(io.IOBase):
    def __init__(self, data):
        self.data, self.at = memoryview(data), 0

    def ioctl(self, request, argument):
        return 0 if request == 4 else -1

    def readinto(self, buffer):
        size = min(len(buffer), len(self.data) - self.at)
        buffer[:size] = self.data[self.at : self.at + size]
        self.at += size
        return size

    def read(self):
        return bytes(self.data[self.at :])

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

class Files:
    def __init__(self):
        self.files = {}

    def mount(self, readonly, mkfs):
        pass

    def stat(self, path):
        if path.strip('/') in self.files:
            return (0x8000,) + (0,) * 9
        raise OSError(2)

    def open(self, path, mode):
        return File(self.files[path.strip('/')])

files = Files()
vfs.mount(files, '/')
sys.path.append('/')
"""


def put(board, path, data):
    board.exec_("data = bytearray(%d)" % len(data))
    for at in range(0, len(data), PIECE):
        piece = data[at : at + PIECE]
        board.exec_("data[%d:%d] = %r" % (at, at + len(piece), piece))
    board.exec_("files.files[%r] = data; del data" % path)


def needs(script, modules, samples):
    """The files a script imports or opens: path on the board to content."""
    names = set(re.findall(r"^(?:import|from) (_blox_\w+)", script, re.M))
    wanted = {"%s.mpy" % name: modules / (name + ".mpy") for name in names}
    for sample in samples:
        if "/tests/" + sample.name in script:
            wanted["tests/" + sample.name] = sample
    return {path: file.read_bytes() for path, file in wanted.items()}


def run(firmware, modules, path, samples):
    board = pyboard.Pyboard("execpty:" + QEMU + firmware)
    try:
        board.enter_raw_repl()
        board.exec_(FILES)
        script = path.read_text()
        for name, data in needs(script, modules, samples).items():
            put(board, name, data)
        out, error = board.exec_raw(script.encode(), timeout=60)
    finally:
        board.close()
    return (out + error).decode().replace("\r", "")


def main():
    firmware, modules, *scripts = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        samples = make_samples(pathlib.Path(folder))
        for script in map(pathlib.Path, scripts):
            out = run(firmware, pathlib.Path(modules), script, samples)
            if out.splitlines()[-1:] != ["OK"]:
                sys.exit("riscv: %s: %s" % (script.name, out))
            print("riscv: %s: OK" % script.name)


if __name__ == "__main__":
    main()
