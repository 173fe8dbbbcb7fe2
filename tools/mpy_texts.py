#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lets the short texts of a module leave the heap with it.

    tools/mpy_texts.py SOURCE.py FILE.mpy

MicroPython keeps a text of up to 10 characters as it keeps names: for ever. A
longer one is an object, which goes when the module is forgotten. This rewrites
a module's bytecode so that all its texts are objects; those that are names as
well, or that every firmware knows, stay what they are. So do the words that
calls in its source pass arguments by, which only names can do.
For modules that are not forgotten it would be a loss: an object takes 32 bytes,
a name about 15.

Bytecode is that of .mpy format 6 (py/bc0.h, py/persistentcode.c).
"""

import ast
import pathlib
import sys

import mpyfile

LOAD_CONST_STRING, LOAD_CONST_OBJ = 0x10, 0x23
LOAD_CONST_SMALL_INT = 0x22
# By the upper half of an opcode's first byte; what follows it.
NOTHING, NAME, UINT, OFFSET = range(4)
FORMATS = 0x3a4
EXTRA_BYTE = 0x9e
SMALL = 0x80  # what a number of one byte is less than


class Module(mpyfile.Reader):
    def __init__(self, data, words=()):
        super().__init__(bytearray(data))
        self.words = words
        self.skip(4)
        names, objects = self.uint(), self.uint()
        self.names = [self.piece(self.skip_name) for _ in range(names)]
        self.objects = [self.piece(self.skip_object) for _ in range(objects)]
        self.code = self.at
        self.loads = []  # (where a name is loaded as a text, its number)
        self.used = {0}  # numbers of names that are names; 0 is the file's
        self.raw_code()
        if self.at != len(self.data):
            raise ValueError('bytes are left over')

    def piece(self, skip):
        start = self.at
        skip()
        return bytes(self.data[start:self.at])

    def raw_code(self):
        head = self.uint()
        if head & 3 != mpyfile.BYTECODE:
            raise ValueError('native code')
        end = self.at + (head >> 3)
        self.function(end)
        for _ in range(self.uint() if head & 4 else 0):
            self.raw_code()

    def function(self, end):
        names = 1 + self.arguments()
        info, cells = self.prelude_size()
        start = self.at + info + cells
        self.used |= {self.uint() for _ in range(names)}
        self.at = start
        while self.at < end:
            self.opcode()
        if self.at != end:
            raise ValueError('bytecode does not end where it should')

    # MP_BC_PRELUDE_SIG_DECODE: how many arguments have names.
    def arguments(self):
        byte = self.byte()
        count, n = byte & 3, 0
        while byte & 0x80:
            byte = self.byte()
            count += ((byte & 4) << n) + ((byte >> 3 & 1) << n)
            n += 1
        return count

    # MP_BC_PRELUDE_SIZE_DECODE: bytes of names and lines, and of cells.
    def prelude_size(self):
        info = cells = n = 0
        while True:
            byte = self.byte()
            cells |= (byte & 1) << n
            info |= (byte >> 1 & 0x3f) << 6 * n
            n += 1
            if byte < 0x80:
                return info, cells

    def opcode(self):
        at = self.at
        op = self.byte()
        kind = FORMATS >> 2 * (op >> 4) & 3
        if kind == NAME:
            name = self.uint()
            if op == LOAD_CONST_STRING:
                self.loads.append((at, name))
            else:
                self.used.add(name)
        elif kind == UINT:
            self.uint()
        elif kind == OFFSET:
            self.skip(1 + (self.data[self.at] >> 7))
        if kind != NOTHING and not op & EXTRA_BYTE:
            self.skip(1)

    # ---- the change ---------------------------------------------------------

    def texts(self):
        """Numbers of names that can be objects."""
        built_in = {n for n, name in enumerate(self.names)
                    if mpyfile.Reader(name).uint() & 1
                    or as_object(name)[2:-1].decode() in self.words}
        numbers = {n for _, n in self.loads} - self.used - built_in
        room = SMALL - len(self.objects)
        return [n for n in sorted(numbers) if n < SMALL][:max(0, room)]

    def changed(self):
        numbers = self.texts()
        for at, name in self.loads:
            if name in numbers:
                self.data[at] = LOAD_CONST_OBJ
                self.data[at + 1] = len(self.objects) + numbers.index(name)
        names, objects = list(self.names), list(self.objects)
        for n in numbers:
            names[n] = b'\3'  # the empty text, which is built in
            objects.append(as_object(self.names[n]))
        return b''.join([
            bytes(self.data[:4]), uint(len(names)), uint(len(objects)),
            *names, *objects, bytes(self.data[self.code:])])


def uint(value):
    data = bytes([value & 0x7f])
    while value >> 7:
        value >>= 7
        data = bytes([value & 0x7f | 0x80]) + data
    return data


def as_object(name):
    reader = mpyfile.Reader(name)
    length = reader.uint() >> 1
    return bytes([mpyfile.STRING]) + uint(length) + name[reader.at:]


def keywords(source):
    return {word.arg for call in ast.walk(ast.parse(source))
            if isinstance(call, ast.Call) for word in call.keywords}


def main(argv):
    words = keywords(pathlib.Path(argv[1]).read_text())
    path = pathlib.Path(argv[2])
    path.write_bytes(Module(path.read_bytes(), words).changed())
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
