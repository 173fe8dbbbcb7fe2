# SPDX-License-Identifier: MIT
# Makes a board of the emulated machine, and weighs what is in its heap.
import builtins
import gc
import os
import sys
import uctypes
import vfs

BLOCK = 4096
BLOCKS = 256
FLASH = 0x84000000  # behind the firmware's RAM
FILES = 0x85000000  # what the host has put there: size, path, content
DATA = 0x80401000  # BSS and the heap, which bench/heap.py reads in a copy
DATA_SIZE = 0x120000
COPY = 0x86000000


class Flash:
    def __init__(self):
        self.data = memoryview(uctypes.bytearray_at(FLASH, BLOCK * BLOCKS))

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        self.data[at : at + len(buffer)] = buffer

    def ioctl(self, what, _):
        return {4: BLOCKS, 5: BLOCK, 6: 0}.get(what)


def mount(fresh):
    flash = Flash()
    if fresh:
        vfs.VfsLfs2.mkfs(flash)
    vfs.mount(vfs.VfsLfs2(flash), "/")
    sys.path.append("/lib")
    if fresh:
        _copy()


# Lines of "size path", an empty one, then the contents.
def _copy():
    at = 0
    names = []
    head = uctypes.bytearray_at(FILES, 8192)
    while head[at] != 10:
        end = at
        while head[end] != 10:
            end += 1
        size, path = str(head[at:end], "ascii").split(" ")
        names.append((int(size), path))
        at = end + 1
    at += FILES + 1
    for size, path in names:
        _make_folders(path)
        with open(path, "wb") as file:
            while size:
                piece = min(size, 512)
                file.write(uctypes.bytearray_at(at, piece))
                at += piece
                size -= piece


def _make_folders(path):
    at = path.find("/", 1)
    while at > 0:
        try:
            os.mkdir(path[:at])
        except OSError:
            pass
        at = path.find("/", at + 1)


def used():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


_before = 0
_trace = None
_keep = False  # a copy for bench/heap.py


# The heap before /main.py runs is not what is measured.
def start(fresh, trace):
    global _before, _trace, _keep
    _keep = not fresh and not trace
    mount(fresh)
    _before = used()
    if trace:
        _trace = Trace()
        builtins.__import__ = _trace


def tell():
    print("REST", used() - _before)
    if _keep:
        uctypes.bytearray_at(COPY, DATA_SIZE)[:] = uctypes.bytearray_at(
            DATA, DATA_SIZE
        )
    if _trace:
        for name, size in _trace.costs:
            print("COST", name, size)
    print("STAY", " ".join(sys.modules))


# What importing each module takes for itself, without those it imports.
class Trace:
    def __init__(self):
        self.costs = []
        self._known = set(sys.modules)
        self._inner = []
        self._import = builtins.__import__

    # Relative imports, of asyncio alone here, would be of this module.
    def __call__(self, *names):
        if len(names) > 4 and names[4]:
            path = ("asyncio." + names[0]).rstrip(".")
            names = (path, None, None, names[3], 0)
        new = names[0] not in sys.modules
        if not new and len(names) < 4:
            return self._import(*names)
        before = used()
        self._inner.append(0)
        try:
            return self._import(*names)
        finally:
            taken = used() - before
            inner = self._inner.pop()
            if self._inner:
                self._inner[-1] += taken
            if new:
                self.costs.append((names[0], taken - inner))
