# SPDX-License-Identifier: MIT
# _blox_pkg by itself: damage, misuse, odd files. The runner put a zip on flash.
import gc
from binascii import crc32

import _blox_pkg

with open('/tests/sample-1.0-py3-none-any.whl', 'rb') as f:
    content = f.read()


class File:
    def __init__(self, data):
        self.data, self.at = data, 0

    def seek(self, offset):
        self.at = offset

    def readinto(self, buffer):
        size = max(0, min(len(buffer), len(self.data) - self.at))
        buffer[:size] = self.data[self.at : self.at + size]
        self.at += size
        return size


def zip_of(data):
    return _blox_pkg.Zip(File(data), len(data))


def raises(kind, function, *arguments):
    try:
        function(*arguments)
    except kind as e:
        return e
    assert False, (kind, function)


def read_all(data):
    archive, at, names = zip_of(data), 0, []
    piece = bytearray(300)
    while True:
        entry = archive.next(at)
        if entry is None:
            return names
        member, size, crc = archive.open(at), 0, 0
        while True:
            got = member.readinto(piece)
            if got == 0:
                break
            size += got
            crc = crc32(memoryview(piece)[:got], crc)
        assert size == entry[5] and crc == entry[3]
        names.append(entry[1])
        at = entry[0]


assert read_all(content)[:2] == ['sample/__init__.py', 'sample/long.txt']

# two members read in turns share the file
archive = zip_of(content)
first = archive.next(0)
assert first[1] == 'sample/__init__.py'
one, two = archive.open(0), archive.open(first[0])
piece, text = bytearray(7), b''
assert one.readinto(piece) == 7 and bytes(piece) == b'VERSION'
while True:
    size = two.readinto(piece)
    if size == 0:
        break
    text += piece[:size]
    one.readinto(bytearray(1))
assert text == b'blox ' * 1200

# a cursor that no entry has
assert archive.next(1 << 29) is None
raises(ValueError, archive.open, 1 << 29)
raises(ValueError, archive.next, 1)


# what a file raises comes through as it is; what it makes up is refused
class Raises(File):
    def readinto(self, buffer):
        raise OSError(5)


class Answers(File):
    answer = None

    def readinto(self, buffer):
        return self.answer


assert raises(OSError, _blox_pkg.Zip, Raises(b''), 4000).errno == 5
for answer, kind in (
    (-1, OSError),
    (1 << 20, OSError),
    ('x', TypeError),
    (None, ValueError),
):
    Answers.answer = answer
    raises(kind, _blox_pkg.Zip, Answers(b''), 4000)

# a bit spoiled, a cut: a sentence, never wrong content
for at in range(0, len(content), 29):
    gc.collect()  # a chip's heap is in pieces soon
    spoiled = bytearray(content)
    spoiled[at] ^= 0x11
    try:
        read_all(spoiled)
    except ValueError as e:
        assert str(e)
for size in range(0, len(content), 61):
    assert str(raises(ValueError, zip_of, content[:size]))

# RECORD
lines = _blox_pkg.records('"a,""b",,\n')
assert lines == {'a,"b': None}
hash = 'sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
line = b'x.py,' + hash.encode() + b',4294967295'
for lines in (_blox_pkg.records(line), _blox_pkg.read_records(File(line))):
    digest, size = lines['x.py']
    assert digest[:2] == b'\xe3\xb0' and len(digest) == 32
    assert size == 4294967295
many = b''.join(b'%d.py,,\n' % i for i in range(100))
assert len(_blox_pkg.read_records(File(many))) == 100
assert _blox_pkg.records('') == {}
for wrong in ('a', 'a,b,c', 'a,md5=x,1', 'a,' + hash + ',x', '"a,,'):
    assert str(raises(ValueError, _blox_pkg.records, wrong))
raises(TypeError, _blox_pkg.records, 5)
raises(OSError, _blox_pkg.read_records, Raises(b''))

assert _blox_pkg.normalise('Mpy__Blox.x') == 'mpy-blox-x'
assert _blox_pkg.tag_accepted('py2.py3-none-any', 'esp32')
assert _blox_pkg.tag_accepted('mpy6-bytecode-esp32', 'esp32')
assert not _blox_pkg.tag_accepted('mpy6-bytecode-esp32c3', 'esp32')
print('OK')
