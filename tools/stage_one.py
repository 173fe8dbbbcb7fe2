#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Packs stage one: the wheel by which a device that runs the original
Mpy-BLOX migrates over the air (docs/migration.md).

    tools/stage_one.py --version 1.0.0.dev0 --tag mpy6-bytecode-esp32 \\
        --mpy-cross build/mpy-cross/mpy-cross --out dist \\
        [--original mpy_blox-0.6.0-mpy6-bytecode-esp32.whl]

It holds the parts of python/migrate/, joined, as mpy_blox/app.mpy and an empty
mpy_blox/__init__.mpy. --original is the wheel that the devices run: they fetch
it from the broker, as the way back, before anything else.
"""

import argparse
import base64
import hashlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib

TOP = pathlib.Path(__file__).resolve().parent.parent
# What is joined, in this order: a part's own names stand before it.
PARTS = ('base', 'wheel', 'forward', 'back', 'connect', 'broker', 'orders', 'app')
OF_PARTS = re.compile(r'^from \.\w+ import (\([^)]*\)|.*)\n', re.M)
OF_OTHERS = re.compile(r'^(import|from) .*\n', re.M)
FILLED_IN = re.compile(r'# -- filled in\n.*?# --\n', re.S)
# What the original can take in: its payload is held in memory twice.
SIZE_MAX = 48 * 1024
# The first to be written: it imports nothing of the library.
FIRST = 'mpy_blox/app.mpy'


def joined():
    """python/migrate/ as one file: what parts import of each other is there,
    what they import of MicroPython is imported once."""
    seen = set()

    def once(match):
        line = match.group()
        known = line in seen
        seen.add(line)
        return '' if known else line

    texts = [(TOP / 'python/migrate' / (part + '.py')).read_text() for part in PARTS]
    return OF_OTHERS.sub(once, OF_PARTS.sub('', '\n'.join(texts)))


def source(version, original):
    """The joined file with its constants."""
    main = zlib.compress((TOP / 'python/main.py').read_bytes(), 9, 10)
    constants = 'VERSION = %r\nBACK = %r\nMAIN = %r\n' % (version, original, main)
    return FILLED_IN.sub(lambda _: constants, joined(), count=1)


def bytecode(mpy_cross, name, text):
    """The bytecode of a module."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'module.py'
        path.write_text(text)
        subprocess.run([str(mpy_cross), '-s', name, str(path)], check=True)
        return path.with_suffix('.mpy').read_bytes()


def record(members, own_name):
    """RECORD (PEP 376): what the wheel holds, itself without a hash."""
    lines = []
    for name, data in members:
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
        lines.append('%s,sha256=%s,%d' % (name, digest.rstrip(b'=').decode(), len(data)))
    return '\n'.join(lines + [own_name + ',,'])


def members(args, original):
    """Names and bytes, in the order in which the original writes them."""
    app = bytecode(args.mpy_cross, 'mpy_blox/app.py', source(args.version, original))
    folder = 'mpy_blox-%s.dist-info' % args.version
    about = 'Metadata-Version: 2.1\nName: mpy-blox\nVersion: %s' % args.version
    tags = ('Wheel-Version: 1.0\nGenerator: mpy-blox\nRoot-Is-Purelib: true\n'
            'Tag: %s' % args.tag)
    found = [
        (FIRST, app),
        ('mpy_blox/__init__.mpy', bytecode(args.mpy_cross, '__init__.py', '')),
        (folder + '/METADATA', about.encode()),
        (folder + '/WHEEL', tags.encode()),
    ]
    name = folder + '/RECORD'
    return found + [(name, record(found, name).encode())]


def pack(members):
    """The wheel's bytes, the same whenever the members are. Stored: a device
    short of memory could not inflate it in mid-install."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, 'w', zipfile.ZIP_STORED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


def check_original(path, tag):
    """Returns the SHA-256 of the original's wheel; ends with a sentence when it
    is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            (about,) = [n for n in names if n.endswith('.dist-info/WHEEL')]
            tags = re.findall(r'^Tag: *(\S+)', archive.read(about).decode(), re.M)
    except (OSError, ValueError, zipfile.BadZipFile) as e:
        sys.exit('%s: no wheel: %s' % (path, e))
    if FIRST not in names:
        sys.exit('%s: it has no %s; name the wheel that the devices run now'
                 % (path, FIRST))
    if tag not in tags:
        sys.exit('%s: it is tagged %s, not %s; each platform has its own'
                 % (path, ' '.join(tags), tag))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def options(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--version', required=True)
    parser.add_argument('--tag', required=True)
    parser.add_argument('--mpy-cross', required=True, type=pathlib.Path)
    parser.add_argument('--out', required=True, type=pathlib.Path)
    parser.add_argument('--original', type=pathlib.Path,
                        help='the wheel that the devices run now')
    return parser.parse_args(argv)


def main(argv):
    args = options(argv)
    original = check_original(args.original, args.tag) if args.original else None
    data = pack(members(args, original))
    if len(data) > SIZE_MAX:
        sys.exit('stage one has %d bytes; the original takes %d at most'
                 % (len(data), SIZE_MAX))
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / ('mpy_blox-%s-%s.whl' % (args.version, args.tag))
    path.write_bytes(data)
    print('%s: %d bytes%s' % (
        os.path.relpath(path), len(data),
        '' if original else '; without a way back: name one with ORIGINAL='))


if __name__ == '__main__':
    main(sys.argv[1:])
