#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes calls short in what gcc wrote for a native module of RISC-V.

    tools/short_calls.py IN.s ADDED.s OUT.s

gcc writes a call as two instructions and leaves it to the linker to make one
of them; mpy_ld does not. A module is far smaller than the 1 MiB that one
instruction of 4 bytes reaches, and one of 2 bytes reaches 2 KiB: so the
functions, those of ADDED.s among them, are put into an order in which few
calls reach further. The assembler then takes what fits.

The jumps blox_jump_... of bind/common/table.h that are called are added.
"""

import pathlib
import random
import re
import sys

REACH = 2040
TRIES = 4000
# Bytes of instructions that have a short form, on average; of all others.
SIZES = {'la': 8, 'lla': 8, 'mv': 2, 'jr': 2, 'ret': 2, 'c.jal': 3, 'j': 2.5,
         'li': 2.5, 'sw': 3, 'lw': 3, 'addi': 3, 'add': 2.5}
SIZE = 3.4

BEGIN = re.compile(r'\t\.type\t(\S+), @function$')
CALL = re.compile(r'\t(?:c\.jal|j)\t(\S+)$')
MILLICODE = re.compile(r'(__riscv_(?:save|restore))_\d+$')
CALLS = (
    (re.compile(r'\tcall\tt0,'), '\tjal\tt0,'),
    (re.compile(r'\tcall\t([\w.]+)(@plt)?$'), r'\tc.jal\t\1'),
    (re.compile(r'\ttail\t([\w.]+)(@plt)?$'), r'\tj\t\1'),
)


def one_instruction(line):
    for pattern, short in CALLS:
        line = pattern.sub(short, line)
    return line


def split(lines):
    """Returns ({function: its lines}, all other lines)."""
    functions, others, name = {}, [], None
    for line in lines:
        begin = BEGIN.match(line)
        if begin and name is None:
            name = begin[1]
            functions[name] = []
            while others and re.match(r'\t\.(align|globl)\t', others[-1]):
                functions[name].insert(0, others.pop())
        (others if name is None else functions[name]).append(line)
        if name and line.startswith('\t.size\t%s,' % name):
            name = None
    return functions, others


def jumps(lines):
    """The jumps that are called, as functions."""
    called = sorted(set(re.findall(r'\bblox_jump_\w+', '\n'.join(lines))))
    return {name: [name + ':', '\tli\tt1,' + name.replace('jump', 'index', 1),
                   '\tj\tblox_table_jump'] for name in called}


def size(line):
    word = line.split()[0] if re.match(r'\t[a-z]', line) else None
    return SIZES.get(word, SIZE) if word else 0


class Layout:
    """The functions as numbers, with what is far of an order of them."""

    def __init__(self, functions):
        numbers = {name: i for i, name in enumerate(functions)}
        self.sizes, self.calls = [], []
        for i, lines in enumerate(functions.values()):
            at = 0
            for line in lines:
                self.add_call(numbers, i, at, line)
                at += size(line)
            self.sizes.append(at)

    def add_call(self, numbers, i, at, line):
        call = CALL.match(line)
        target = call and numbers.get(MILLICODE.sub(r'\1', call[1]))
        if target is not None and target != i:
            self.calls.append((i, at, target))

    def places(self, order):
        at, places = 0, [0] * len(order)
        for i in order:
            places[i] = at
            at += self.sizes[i]
        return places

    def far(self, order):
        places = self.places(order)
        return sum(abs(places[i] + at - places[target]) > REACH
                   for i, at, target in self.calls)

    def gathered(self, order):
        """Each function goes to the middle of those it calls and is called
        by."""
        places = self.places(order)
        near = [[place] for place in places]
        for i, _, target in self.calls:
            near[i].append(places[target])
            near[target].append(places[i])
        return sorted(order, key=lambda i: sum(near[i]) / len(near[i]))

    def best(self):
        orders = [list(range(len(self.sizes)))]
        for _ in range(30):
            orders.append(self.gathered(orders[-1]))
        order = min(orders, key=self.far)
        far = self.far(order)
        chance = random.Random(0)  # the same module each time
        for _ in range(TRIES if far else 0):
            other = list(order)
            other.insert(chance.randrange(len(order)),
                         other.pop(chance.randrange(len(order))))
            other_far = self.far(other)
            if other_far <= far:
                order, far = other, other_far
        return order


def main(argv):
    lines = [one_instruction(line) for path in argv[1:3]
             for line in pathlib.Path(path).read_text().splitlines()]
    functions, others = split(lines)
    functions.update(jumps(lines))
    names = list(functions)
    code = [line for i in Layout(functions).best()
            for line in functions[names[i]]]
    # An index must be known where it is used, if it is to fit 2 bytes.
    first = [line for line in code if line.startswith('\t.set blox_index_')]
    pathlib.Path(argv[3]).write_text('\n'.join(
        first + others + ['\t.text'] + code) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
