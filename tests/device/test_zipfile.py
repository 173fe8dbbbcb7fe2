# SPDX-License-Identifier: MIT
# Reading a zip made by someone else. The runner put it on flash.
import io

from mpy_blox.zipfile import BadZipFile, ZipFile, ZipInfo

with open('/tests/sample-1.0-py3-none-any.whl', 'rb') as f:
    archive = ZipFile(f)
    names = list(archive)
    assert names[:2] == ['sample/__init__.py', 'sample/long.txt'], names
    assert len(archive.entries) == len(names) == 5, names

    long = archive['sample/long.txt']
    assert isinstance(long, ZipInfo)
    assert long.name == 'sample/long.txt' and long.size == 6000
    assert long.compressed and long.compress_method == 8
    assert 0 < long.compressed_size < 600 and long.offset > 0
    assert archive.read('sample/long.txt') == b'blox ' * 1200
    assert archive.read(long) == b'blox ' * 1200
    assert archive.read('sample/__init__.py') == b"VERSION = '1.0'\n"
    try:
        archive.read('sample/absent.py')
        assert False
    except KeyError:
        pass



# a file object with nothing but read, seek and tell
class Plain:
    def __init__(self, data):
        self.file = io.BytesIO(data)
        self.read = self.file.read
        self.seek = self.file.seek
        self.tell = self.file.tell


with open('/tests/sample-1.0-py3-none-any.whl', 'rb') as f:
    plain = ZipFile(Plain(f.read()))
assert plain.read('sample/long.txt') == b'blox ' * 1200
pieces = plain.chunks('sample/long.txt', bytearray(999))
assert b''.join(bytes(piece) for piece in pieces) == b'blox ' * 1200

with open('/tests/stored-1.0-py3-none-any.whl', 'rb') as f:
    archive = ZipFile(f)
    stored = archive['stored.bin']
    assert not stored.compressed and stored.compressed_size == 256
    assert archive.read(stored) == bytes(range(256))

for broken in (b'', b'this is not a zip', b'PK\x05\x06' + bytes(17)):
    try:
        ZipFile(io.BytesIO(broken))
        assert False, broken
    except BadZipFile as e:
        assert str(e), 'a sentence'
print('OK')
