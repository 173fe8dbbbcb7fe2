#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What one sensor costs: the heap that `import mpy_blox.sensor.htu21d` takes,
beside a driver of the same in plain Python (bench/plain_htu21d.py) in the same
VM. Ours loads what few programs need (htu21d_more) when it is called; with it,
too, is measured. Judged on RISC-V, where a native module's code lies in the heap, too; and
on the board with everything linked in. Then the time to make values of an
answer's bytes.

    bench/sense.py
"""

import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / part) for part in ('tools', 'tests/system', 'tests/rv32')]

import report  # noqa: E402
import run as rv32  # noqa: E402
from lib.boards import Board  # noqa: E402

FOLDER = TOP / 'build/bench/sense'
DRIVER = TOP / 'python/mpy_blox/sensor/htu21d.py'
MORE = TOP / 'python/mpy_blox/sensor/htu21d_more.py'
PLAIN = TOP / 'bench/plain_htu21d.py'
NATIVE = '_blox_htu21d.mpy'

# The emulated chip has no asyncio; what both import of it costs neither.
ASYNCIO = '''
import sys
class asyncio:
    Lock = object
    sleep_ms = None
sys.modules['asyncio'] = asyncio
'''
HEAP = '''
import gc, micropython
import asyncio
def used():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()
used()
before = used()
import %s
print(used() - before)
'''


def bytecode(path):
    """A driver as a wheel brings it."""
    made = FOLDER / (path.stem + '.mpy')
    cross = TOP / 'build/mpy-cross/mpy-cross'
    subprocess.run([cross, '-s', path.name, '-o', made, path], check=True)
    return made


def on_rv32(files, module):
    firmware = str(TOP / 'build/rv32/firmware.elf')
    board = rv32.pyboard.Pyboard('execpty:' + rv32.QEMU + firmware)
    try:
        board.enter_raw_repl()
        board.exec_(rv32.FILES + ASYNCIO)
        for path in files:
            rv32.put(board, path.name, path.read_bytes())
        # Read once: what the file system keeps is no driver's.
        out, error = board.exec_raw((HEAP % module).encode(), timeout=60)
    finally:
        board.close()
    if error:
        sys.exit('sense: %s' % error.decode())
    return int(out)


def linked_in(path):
    with Board(FOLDER / path.stem, static=True) as board:
        board.put({'/%s' % path.name: path})
        return int(board.exec(HEAP % path.stem, soft_reset=True))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    driver, more, plain = bytecode(DRIVER), bytecode(MORE), bytecode(PLAIN)
    native = TOP / 'build/natmod/rv32imc' / NATIVE
    ours = on_rv32([driver, native], driver.stem)
    whole = on_rv32([driver, more, native], '%s, %s' % (driver.stem, more.stem))
    peer = on_rv32([plain], plain.stem)
    static, static_peer = linked_in(driver), linked_in(plain)
    entry = report.entry
    rows = [
        entry('sense.htu21d_import_bytes', ours, 'bytes', 3072),
        entry('sense.htu21d_with_more_bytes', whole, 'bytes'),
        entry('sense.htu21d_plain_import_bytes', peer, 'bytes'),
        entry('sense.htu21d_import_vs_plain', round(ours / peer, 2), 'x', 1.0),
        entry('sense.htu21d_linked_import_vs_plain', round(static / static_peer, 2), 'x', 1.0),
    ]
    return report.finish('bench', rows)


if __name__ == '__main__':
    sys.exit(main())
