# SPDX-License-Identifier: MIT
"""Wheels that should never be installed, written byte by byte: a zip of
members each of which may lie in any field."""

import binascii
import struct
import zlib

from lib.updates import record_line

INFO = "pkg-2.0.dist-info"
METADATA = b"Metadata-Version: 2.1\nName: pkg\nVersion: 2.0\n"
WHEEL = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
DEFLATED = 8


class Member:
    """A member that is right but for what `lies` says of its headers: names
    of fields, in both headers or, behind local_ or central_, in one."""

    def __init__(self, name, data=b"", deflate=False, at=None, mode=0, host=0, descriptor=False, **lies):
        self.name = name.encode() if isinstance(name, str) else name
        self.data = data.encode() if isinstance(data, str) else data
        self.at = at  # offset in the file; None: behind the one before
        self.mode = mode  # of Unix
        self.host = 3 if mode else host
        self.descriptor = descriptor
        packer = zlib.compressobj(9, wbits=-15)
        self.packed = packer.compress(self.data) + packer.flush() if deflate else self.data
        self.fields = {
            "flags": 8 if descriptor else 0,
            "method": DEFLATED if deflate else 0,
            "crc": binascii.crc32(self.data),
            "packed_size": len(self.packed),
            "size": len(self.data),
            "name": self.name,
            "extra": b"",
        }
        self.lies = lies

    def _field(self, where, name):
        for key in (where + name, name):
            if key in self.lies:
                return self.lies[key]
        if where == "local_" and self.descriptor and name in ("crc", "packed_size", "size"):
            return 0
        return self.fields[name]

    def _common(self, where):
        names = ("flags", "method", "crc", "packed_size", "size", "name", "extra")
        flags, method, crc, packed, size, name, extra = (self._field(where, n) for n in names)
        lengths = len(name), self.lies.get(where + "extra_size", len(extra))
        head = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 33, crc, packed, size, *lengths)
        return head, name + extra

    def local(self):
        head, names = self._common("local_")
        tail = b""
        if self.descriptor:
            tail = struct.pack("<IIII", 0x08074B50, self.fields["crc"], len(self.packed), len(self.data))
        return b"PK\3\4" + head + names + self.packed + tail

    def central(self, offset):
        head, names = self._common("central_")
        offset = self.lies.get("offset", offset)
        tail = struct.pack("<HHHII", 0, 0, 0, self.mode << 16, offset)
        return b"PK\1\2" + bytes([20, self.host]) + head + tail + names


def zipped(members, comment=b"", end=b"", **lies):
    """The bytes of a zip; `end` stands before the end record, lies are fields
    of that."""
    data = central = b""
    for member in members:
        offset = len(data) if member.at is None else member.at
        central += member.central(offset)
        if member.at is None:
            data += member.local()
    fields = {
        "disk": 0,
        "directory_disk": 0,
        "here": len(members),
        "entries": len(members),
        "size": len(central),
        "directory": len(data),
        "comment": len(comment),
    }
    fields.update(lies)
    return data + central + end + b"PK\5\6" + struct.pack("<HHHHIIH", *fields.values()) + comment


def members_of(files, metadata=METADATA, wheel=WHEEL, record=None, info=INFO):
    """A good wheel's members: files, a dict of names to bytes or a list of
    Members, then METADATA, WHEEL and RECORD. record(lines) may change the
    latter's lines."""
    if isinstance(files, dict):
        files = [Member(name, data) for name, data in files.items()]
    members = files + [Member(info + "/METADATA", metadata), Member(info + "/WHEEL", wheel)]
    lines = []
    for member in members:
        name = member.name.decode(errors="surrogateescape")
        if not name.endswith("/"):
            lines.append(record_line(name, member.data))
    lines.append(info + "/RECORD,,\n")
    if record:
        record(lines)
    text = "".join(lines).encode(errors="surrogateescape")
    return members + [Member(info + "/RECORD", text)]


def hostile(*files, **more):
    """A wheel of one good file and these Members."""
    good = Member("pkg/__init__.py", b"VERSION = '2'\n")
    return zipped(members_of([good] + list(files), **more))
