# SPDX-License-Identifier: MIT
# Wheels on flash.

import binascii
import hashlib
import os
import struct

from .base import FOLDER, LOADS, RECORD, Hopeless, make_folders, _CHUNK, _MPY


# Reads a wheel on flash member by member, none of which it remembers. own: it
# will be loaded here, so its native code must be for this firmware.
class Wheel:
    def __init__(self, path, own):
        self.own = own
        self.file = open(path, 'rb')
        size = self.file.seek(0, 2)
        self.file.seek(size - 22)
        end = self.file.read(22)
        if end[:4] != b'PK\5\6':
            raise Hopeless('the wheel is no zip without a comment')
        self.count, _, self.at = struct.unpack('<HII', end[10:20])
        for member in self.members():
            if member[0].endswith('.dist-info/RECORD'):
                with open(RECORD, 'wb') as file:
                    for chunk in self.chunks(member):
                        file.write(chunk)
        self.record = open(RECORD)

    def close(self):
        self.file.close()
        self.record.close()

    # Each as (path, method, packed size, size, offset of its header).
    def members(self):
        at = self.at
        for _ in range(self.count):
            self.file.seek(at)
            head = self.file.read(46)
            if head[:4] != b'PK\1\2':
                raise Hopeless("the wheel's directory is damaged")
            (method,) = struct.unpack_from('<H', head, 10)
            packed, size, name, extra, comment = struct.unpack_from(
                '<IIHHH', head, 20
            )
            (offset,) = struct.unpack_from('<I', head, 42)
            path = self.file.read(name).decode()
            at += 46 + name + extra + comment
            if path[:1] == '/' or '..' in path.split('/') or method not in (0, 8):
                raise Hopeless('the wheel has a member that is not taken: ' + path)
            if path[-1:] != '/':
                yield path, method, packed, size, offset

    # What RECORD says of a path: 'sha256=...', empty for itself. Its lines
    # have the order of the members, more or less.
    def listed(self, path):
        for _ in range(2):
            for line in self.record:
                fields = line.strip().rsplit(',', 2)
                if len(fields) == 3 and fields[0].strip('"') == path:
                    return fields[1]
            self.record.seek(0)
        raise Hopeless('RECORD does not list ' + path)

    # The bytes of a member.
    def chunks(self, member):
        _, method, packed, size, offset = member
        self.file.seek(offset + 26)
        name, extra = struct.unpack('<HH', self.file.read(4))
        self.file.seek(offset + 30 + name + extra)
        stream = self.file
        if method:
            import deflate

            bits = 8
            while bits < 15 and 1 << bits < size:
                bits += 1
            if self.own:  # as `make dist` packs it
                bits = min(bits, 12)
            stream = deflate.DeflateIO(self.file, deflate.RAW, bits)
        while size:
            chunk = stream.read(min(size, _CHUNK))
            if not chunk:
                raise Hopeless('the wheel is damaged')
            size -= len(chunk)
            yield chunk

    # Writes a member to a file. Returns its CRC-32.
    def stage(self, member, path):
        digest, crc, first = hashlib.sha256(), 0, True
        with open(path, 'wb') as file:
            for chunk in self.chunks(member):
                if first and self.own and member[0].endswith('.mpy'):
                    check_native(member[0], chunk)
                first = False
                digest.update(chunk)
                crc = binascii.crc32(chunk, crc)
                file.write(chunk)
        wanted = self.listed(member[0])
        if wanted and wanted != 'sha256=' + urlsafe(digest.digest()):
            raise Hopeless('SHA-256 differs from RECORD: ' + member[0])
        return crc & 0xFFFFFFFF

    # Puts a member into its place, in one rename.
    def place(self, member):
        make_folders('/lib/' + member[0])
        self.stage(member, FOLDER + 'new')
        os.rename(FOLDER + 'new', '/lib/' + member[0])


def urlsafe(digest):
    text = binascii.b2a_base64(digest).decode().rstrip('\n=')
    return text.replace('+', '-').replace('/', '_')


def check_native(path, head):
    arch = head[2] >> 2 & 15
    if arch and (head[1] | head[2] << 8) & 0x3FFF != _MPY & 0x3FFF:
        raise Hopeless(
            '%s is built for MicroPython mpy %d.%d of chip %d, this firmware '
            'loads %s of chip %d'
            % (path, head[1], head[2] & 3, arch, LOADS, _MPY >> 10 & 15)
        )
