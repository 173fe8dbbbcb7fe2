# SPDX-License-Identifier: MIT
"""Reads .mpy files (format 6): which firmware loads one, and what it weighs."""

ARCHS = ('none', 'x86', 'x64', 'armv6', 'armv6m', 'armv7m', 'armv7em',
         'armv7emsp', 'armv7emdp', 'xtensa', 'xtensawin', 'rv32imc')

# Kinds of raw code.
BYTECODE, NATIVE_PY, NATIVE_VIPER = 0, 1, 2
# Flags of native code.
HAS_RODATA, HAS_BSS, HAS_RELOCATIONS = 0x20, 0x40, 0x10
# Types of constant objects that have no length, and the one that nests.
FUNCTION_TABLE, ELLIPSIS, STRING, BYTES, TUPLE = 0, 4, 5, 6, 10


class Reader:
    """Bytes of a .mpy file, from front to back."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def uint(self):
        value = 0
        while True:
            byte = self.byte()
            value = value << 7 | byte & 0x7f
            if byte < 0x80:
                return value

    def skip(self, length):
        self.at += length
        if self.at > len(self.data):
            raise IndexError

    def skip_name(self):
        length = self.uint()
        if not length & 1:  # an odd one numbers a name that is built in
            self.skip((length >> 1) + 1)

    def skip_object(self):
        kind = self.byte()
        if kind == TUPLE:
            for _ in range(self.uint()):
                self.skip_object()
        elif kind > ELLIPSIS:
            length = self.uint()
            self.skip(length + (kind in (STRING, BYTES)))


class Mpy:
    """What a .mpy file holds, in bytes; children are counted in."""

    def __init__(self, data):
        if len(data) < 4 or data[:2] != b'M\x06':
            raise ValueError('not a .mpy file of format 6')
        self.sub_version = data[2] & 3
        self.arch = ARCHS[data[2] >> 2 & 15]
        self.text = self.rodata = self.bss = self.bytecode = 0
        reader = Reader(data)
        reader.skip(4)
        names, objects = reader.uint(), reader.uint()
        for _ in range(names):
            reader.skip_name()
        for _ in range(objects):
            reader.skip_object()
        self._raw_code(reader)
        if reader.at != len(data):
            raise ValueError('bytes are left over')

    @property
    def native(self):
        return self.arch != 'none'

    def _raw_code(self, reader):
        head = reader.uint()
        kind, has_children, length = head & 3, head & 4, head >> 3
        reader.skip(length)
        if kind == BYTECODE:
            self.bytecode += length
        else:
            self.text += length
            self._native(reader, kind)
        for _ in range(reader.uint() if has_children else 0):
            self._raw_code(reader)

    def _native(self, reader, kind):
        flags = reader.uint()  # for NATIVE_PY: where its prelude starts
        if kind == NATIVE_PY:
            return
        if kind != NATIVE_VIPER:
            reader.uint()
            reader.uint()
            return
        rodata = reader.uint() if flags & HAS_RODATA else 0
        self.rodata += rodata
        self.bss += reader.uint() if flags & HAS_BSS else 0
        reader.skip(rodata)
        if flags & HAS_RELOCATIONS:
            self._relocations(reader)

    def _relocations(self, reader):
        while True:
            op = reader.byte()
            if op == 0xff:
                return
            if op & 1:
                reader.uint()
            if op >> 1 <= 5 and op & 2:
                reader.uint()


def load(path):
    """Reads a file. Raises ValueError when it is not a .mpy file."""
    with open(path, 'rb') as file:
        data = file.read()
    try:
        return Mpy(data)
    except (IndexError, ValueError) as error:
        raise ValueError('%s: not a .mpy file' % path) from error
