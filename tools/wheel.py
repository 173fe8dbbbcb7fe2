#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Packs a folder into a wheel that a device can take in.

    tools/wheel.py --name mpy-blox --version 1.0.0 --tag mpy6-bytecode-esp32 \\
        --tree FOLDER --out FOLDER

The wheel is named as PEP 427 says, lies in the --out folder, and is the same
byte for byte whenever the tree is: members sorted, RECORD last, one fixed time
stamp. The deflate window is small, so that unpacking needs little memory, and
the WHEEL file says how small. Devices in the field want METADATA and WHEEL
without a blank line, one Tag, no comment and no extra fields in the zip.
"""

import argparse
import base64
import hashlib
import os
import pathlib
import re
import struct
import sys
import zlib

WINDOW_BITS = 12
DATE, TIME = 0x0021, 0x0000  # 1 January 1980, midnight: the zip epoch
STORED, DEFLATED = 0, 8
VERSION_NEEDED = 20
UTF8_NAMES = 0x0800
UNIX_FILE = 0o100644 << 16


def distribution(name, version):
    """The name's part of a wheel's file name (PEP 427)."""
    return '%s-%s' % (re.sub(r'[-_.]+', '_', name), version)


def info_folder(name, version):
    return distribution(name, version) + '.dist-info'


def metadata(name, version):
    return 'Metadata-Version: 2.1\nName: %s\nVersion: %s' % (name, version)


def wheel_info(tag):
    return ('Wheel-Version: 1.0\nGenerator: mpy-blox\nRoot-Is-Purelib: true\n'
            'Tag: %s\nBlox-Window-Bits: %d' % (tag, WINDOW_BITS))


def record(members, own_name):
    """RECORD (PEP 376): what the wheel holds, itself without a hash."""
    lines = ['%s,sha256=%s,%d' % (name, urlsafe(data), len(data))
             for name, data in members]
    return '\n'.join(lines + [own_name + ',,'])


def urlsafe(data):
    digest = hashlib.sha256(data).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b'=').decode()


def tree_members(tree):
    """The files of a folder, sorted: pairs of name and contents."""
    return [(path.relative_to(tree).as_posix(), path.read_bytes())
            for path in sorted(tree.rglob('*')) if path.is_file()]


def wheel_members(tree, name, version, tag):
    folder = info_folder(name, version)
    members = tree_members(tree)
    members.append((folder + '/METADATA', metadata(name, version).encode()))
    members.append((folder + '/WHEEL', wheel_info(tag).encode()))
    record_name = folder + '/RECORD'
    members.append((record_name, record(members, record_name).encode()))
    return members


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -WINDOW_BITS)
    return packer.compress(data) + packer.flush()


def pack(data):
    """The shorter of stored and deflated: method and bytes."""
    packed = deflate(data)
    if len(packed) < len(data):
        return DEFLATED, packed
    return STORED, data


def zip_archive(members):
    """A zip archive of the members, in their order."""
    body, directory = [], []
    offset = 0
    for name, data in members:
        encoded = name.encode()
        method, packed = pack(data)
        common = struct.pack(
            '<HHHHHIIIHH', VERSION_NEEDED, UTF8_NAMES, method, TIME, DATE,
            zlib.crc32(data), len(packed), len(data), len(encoded), 0)
        local = b'PK\x03\x04' + common + encoded + packed
        directory.append(
            b'PK\x01\x02' + struct.pack('<H', 3 << 8 | VERSION_NEEDED) +
            common + struct.pack('<HHHII', 0, 0, 0, UNIX_FILE, offset) +
            encoded)
        body.append(local)
        offset += len(local)
    central = b''.join(directory)
    end = b'PK\x05\x06' + struct.pack(
        '<HHHHIIH', 0, 0, len(members), len(members), len(central), offset, 0)
    return b''.join(body) + central + end


def write(path, data):
    """Writes a file whole or not at all."""
    new = path.with_suffix('.new')
    new.write_bytes(data)
    os.replace(new, path)


def link(path, alias):
    alias.unlink(missing_ok=True)
    os.link(path, alias)


def options(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--name', required=True)
    parser.add_argument('--version', required=True)
    parser.add_argument('--tag', required=True, help='py3-none-any, ...')
    parser.add_argument('--tree', required=True, type=pathlib.Path,
                        help='the folder whose contents go below /lib')
    parser.add_argument('--out', required=True, type=pathlib.Path,
                        help='the folder to write the wheel to')
    return parser.parse_args(argv)


def main(argv):
    args = options(argv)
    members = wheel_members(args.tree, args.name, args.version, args.tag)
    file_name = '%s-%s.whl' % (distribution(args.name, args.version), args.tag)
    latest = '%s-%s.whl' % (distribution(args.name, 'latest'), args.tag)
    args.out.mkdir(parents=True, exist_ok=True)
    data = zip_archive(members)
    write(args.out / file_name, data)
    link(args.out / file_name, args.out / latest)
    print('%s: %d files, %d bytes' % (
        os.path.relpath(args.out / file_name), len(members), len(data)))


if __name__ == '__main__':
    main(sys.argv[1:])
