#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes calls short in what gcc wrote for a native module of RISC-V.

    tools/short_calls.py IN.s ADDED.s... OUT.s

gcc writes a call as two instructions and leaves it to the linker to make one
of them; mpy_ld does not. A module is far smaller than the 1 MiB that one
instruction of 4 bytes reaches, and one of 2 bytes reaches 2 KiB: so the
functions, those of ADDED.s that are called among them, are put into an order in
which few calls reach further. The assembler then takes what fits.

The jumps blox_jump_... of bind/common/table.h that are called are added; what
MicroPython has of <string.h> is called through them. A jump that reaches far
goes to one before it that has the same target, if that is nearer.
"""

import pathlib
import random
import re
import sys

REACH = 2040
TRIES = 10000
# Bytes of instructions that have a short form, on average; of all others.
SIZES = {'la': 8, 'lla': 8, 'mv': 2, 'jr': 2, 'ret': 2, 'c.jal': 3, 'j': 2.5,
         'li': 2.5, 'sw': 3, 'lw': 3, 'addi': 3, 'add': 2.5}
SIZE = 3.4

BEGIN = re.compile(r'\t\.type\t(\S+), @function$')
CALL = re.compile(r'\t(?:c\.jal|j)\t(\S+)$')
JUMP = re.compile(r'\tj\t(\w[\w.]*)$')
RESTORE = re.compile(r'(__riscv_restore_)(\d+)$')
MILLICODE = re.compile(r'(__riscv_(?:save|restore))_\d+$')
CALLS = (
    (re.compile(r'\tcall\tt0,'), '\tjal\tt0,'),
    (re.compile(r'\tcall\t([\w.]+)(@plt)?$'), r'\tc.jal\t\1'),
    (re.compile(r'\ttail\t([\w.]+)(@plt)?$'), r'\tj\t\1'),
)
LIBRARY = {'memcpy': 'blox_jump_memmove_', 'memmove': 'blox_jump_memmove_',
           'memset': 'blox_jump_memset_'}


def one_instruction(line):
    for pattern, short in CALLS:
        line = pattern.sub(short, line)
    call = CALL.match(line)
    if call and call[1] in LIBRARY:
        line = line.replace(call[1], LIBRARY[call[1]])
    return line


def read(path, number):
    """The lines of a file. Those added have labels of their own."""
    lines = map(one_instruction, pathlib.Path(path).read_text().splitlines())
    own = r'.L\1_%d' % number if number else r'.L\1'
    return [re.sub(r'\.L(\w+)', own, line) for line in lines]


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


def called(functions):
    """The functions that others call."""
    names = {MILLICODE.sub(r'\1', name) for lines in functions.values()
             for name in re.findall(r'\b(?:j|jal)\t(?:t0,)?(\S+)$',
                                    '\n'.join(lines), re.M)}
    return {name: functions[name] for name in functions if name in names}


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
        # Many functions end with __riscv_restore: with_stops() helps those.
        if target not in (None, i, numbers.get('__riscv_restore')):
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


def with_stops(functions, order):
    """The lines of the functions in this order, far jumps by way of others."""
    names = list(functions)
    at, places, code, stops = 0, {}, [], {}
    for name in (names[i] for i in order):
        places[name] = at
        at += sum(map(size, functions[name]))
    at = 0
    for line in (line for i in order for line in functions[names[i]]):
        jump = JUMP.match(line)
        if jump and abs(at - places.get(MILLICODE.sub(r'\1', jump[1]), at)) > REACH:
            target = RESTORE.sub(lambda m: m[1] + str(int(m[2]) // 4 * 4), jump[1])
            stop, stop_at = stops.get(target, (None, -REACH))
            if at - stop_at < REACH:
                line = '\tj\t' + stop
            else:
                stops[target] = stop, _ = '.Lstop%d' % len(code), at
                code.append(stop + ':')
        code.append(line)
        at += size(line)
    return code


def main(argv):
    functions, others = split(read(argv[1], 0))
    added = {}
    for number, path in enumerate(argv[2:-1], 1):
        more, other_lines = split(read(path, number))
        added.update(more)
        others += other_lines
    used = called({**functions, **added})
    functions.update((name, lines) for name, lines in added.items()
                     if name in used)
    functions.update(jumps(line for lines in functions.values()
                           for line in lines))
    code = with_stops(functions, Layout(functions).best())
    # An index must be known where it is used, if it is to fit 2 bytes.
    first = [line for line in code if line.startswith('\t.set blox_index_')]
    pathlib.Path(argv[-1]).write_text('\n'.join(
        first + others + ['\t.text'] + code) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
