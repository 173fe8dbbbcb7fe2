# SPDX-License-Identifier: MIT
# _blox_pkg by itself: odd files, damage, misuse. The runner put a zip on flash.
import io

import _blox_pkg
from mpy_blox.wheel.wheelfile import BadWheelFile, WheelFile
from mpy_blox.zipfile import BadZipFile, ZipFile

with open('/tests/sample-1.0-py3-none-any.whl', 'rb') as f:
    content = f.read()


def raises(kind, function, *arguments):
    try:
        function(*arguments)
    except kind as e:
        return e
    assert False, (kind, function)


# a file object with nothing but read and seek
class Plain:
    def __init__(self, data):
        self.file = io.BytesIO(data)
        self.read = self.file.read
        self.seek = self.file.seek
        self.tell = self.file.tell


plain = ZipFile(Plain(content))
assert plain.read('sample/long.txt') == b'blox ' * 1200

# two members read in turns share the file
archive = _blox_pkg.Zip(io.BytesIO(content), len(content))
first = archive.next(0)
assert first[1] == 'sample/__init__.py'
one, two = archive.open(0), archive.open(first[0])
piece, text = bytearray(7), b''
assert one.readinto(piece) == 7 and bytes(piece) == b'VERSION'
while True:
    n = two.readinto(piece)
    if n == 0:
        break
    text += piece[:n]
    one.readinto(bytearray(1))
assert text == b'blox ' * 1200

# a cursor that no entry has
assert archive.next(1 << 29) is None
raises(ValueError, archive.open, 1 << 29)
raises(ValueError, archive.next, 1)


# what a file raises comes through as it is
class Broken(io.BytesIO):
    def readinto(self, buffer):
        raise OSError(5)


class Liar:
    def __init__(self, answer):
        self.answer = answer

    def seek(self, *where):
        return 0

    def tell(self):
        return 4000

    def readinto(self, buffer):
        return self.answer


assert raises(OSError, ZipFile, Broken(content)).errno == 5
for answer in (-1, 1 << 20):
    raises(OSError, ZipFile, Liar(answer))
raises(TypeError, ZipFile, Liar('x'))
raises(BadZipFile, ZipFile, Liar(None))

# every byte of a member spoiled, every cut: a sentence, never wrong content
start = content.find(b'VERSION') if b'VERSION' in content else 50
for at in range(start - 48, start + 40):
    spoiled = bytearray(content)
    spoiled[at] ^= 0x11
    try:
        with_error = ZipFile(io.BytesIO(spoiled))
        assert with_error.read('sample/__init__.py') == b"VERSION = '1.0'\n"
    except (BadZipFile, KeyError) as e:
        assert str(e)
for size in range(0, len(content), 17):
    raises(BadZipFile, ZipFile, io.BytesIO(content[:size]))
    raises(BadWheelFile, WheelFile, io.BytesIO(content[:size]))

# RECORD
lines = _blox_pkg.records('"a,""b",,\n')
assert lines == {'a,"b': None}
hash = 'sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
lines = _blox_pkg.records(b'x.py,' + hash.encode() + b',4294967295')
digest, size = lines['x.py']
assert digest[:2] == b'\xe3\xb0' and len(digest) == 32
assert size == 4294967295
assert _blox_pkg.records('') == {}
for wrong in ('a', 'a,b,c', 'a,md5=x,1', 'a,' + hash + ',x', '"a,,'):
    assert str(raises(ValueError, _blox_pkg.records, wrong))
raises(TypeError, _blox_pkg.records, 5)

assert _blox_pkg.normalise('Mpy__Blox.x') == 'mpy-blox-x'
assert _blox_pkg.tag_accepted('py2.py3-none-any', 'esp32')
assert _blox_pkg.tag_accepted('mpy6-bytecode-esp32', 'esp32')
assert not _blox_pkg.tag_accepted('mpy6-bytecode-esp32c3', 'esp32')
print('OK')
