#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the native modules weigh: prints a table, writes build/size.json.

    tools/size.py build/natmod/ARCH...

Text is what loading a module costs in RAM on a chip (where code cannot run
from the file system); rodata and bss come on top. The limit holds for the
32-bit chips; x64 is the virtual board's and only looked at.
"""

import pathlib
import sys

import mpyfile
import report

LIMIT = 16 * 1024
NO_LIMIT = ('x64',)
# Loaded on an app-managed device at rest: it is decided on when to connect
# again (link) only when that failed, settings are checked (conf) only when they
# changed, packages unpacked (install, pkg) only at boot.
AT_REST = ('logger', 'mqtt')
PREFIX = '_blox_'


def modules(folder):
    """The modules built for one architecture: name to sizes."""
    return {path.stem[len(PREFIX):]: mpyfile.load(path)
            for path in sorted(folder.glob(PREFIX + '*.mpy'))}


def entries(arch, sizes):
    limit = None if arch in NO_LIMIT else LIMIT
    rows = [report.entry('text.%s.%s' % (arch, name), mpy.text, 'bytes', limit)
            for name, mpy in sizes.items()]
    rest = sum(sizes[name].text for name in AT_REST if name in sizes)
    rows.append(report.entry('text.%s.at_rest' % arch, rest, 'bytes'))
    return rows


def print_sizes(arch, sizes):
    print('%-14s %8s %8s %8s' % (arch, 'text', 'rodata', 'bss'))
    for name, mpy in sizes.items():
        print('  %-12s %8d %8d %8d' % (name, mpy.text, mpy.rodata, mpy.bss))


def main(argv):
    rows = []
    for folder in map(pathlib.Path, argv[1:]):
        sizes = modules(folder)
        if not sizes:
            sys.exit('size: %s holds no native module; run make natmod-%s' % (
                folder, folder.name))
        print_sizes(folder.name, sizes)
        rows += entries(folder.name, sizes)
    print()
    return report.finish('size', rows)


if __name__ == '__main__':
    sys.exit(main(sys.argv))
