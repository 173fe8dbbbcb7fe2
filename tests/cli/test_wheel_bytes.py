# SPDX-License-Identifier: MIT
"""What `blox wheel build` packs is what PROTOCOL.md sections 8 and 9 ask for."""

import base64
import hashlib
import struct
import subprocess
import zipfile
import zlib

import pytest
from cli_support import TOOL

TAG = 'mpy6-bytecode-esp32c3'
INFO = 'big_pkg-1.2.0.dist-info/'


@pytest.fixture
def wheel(tmp_path):
    tree = tmp_path / 'tree'
    (tree / 'big_pkg').mkdir(parents=True)
    (tree / 'big_pkg' / '__init__.mpy').write_bytes(b'M\x06\x00\x1f' * 9)
    # The second half repeats the first from 16 KiB before.
    noise = b''.join(hashlib.sha256(bytes([i // 256, i % 256])).digest()
                     for i in range(512))
    (tree / 'big_pkg' / 'table.bin').write_bytes(noise + noise)
    (tree / 'big_pkg' / 'empty.txt').write_bytes(b'')
    return pack(tree, tmp_path / 'out')


def pack(tree, out):
    subprocess.run(
        [TOOL, 'wheel', 'build', tree, '--name', 'big-pkg', '--version',
         '1.2.0', '--platform', 'esp32c3', '--out', out],
        check=True, stdout=subprocess.DEVNULL)
    return out / ('big_pkg-1.2.0-%s.whl' % TAG)


def test_has_the_members_sorted_and_record_last(wheel):
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            'big_pkg/__init__.mpy', 'big_pkg/empty.txt', 'big_pkg/table.bin',
            INFO + 'METADATA', INFO + 'WHEEL', INFO + 'RECORD']


def test_record_gives_hash_and_size_of_every_other_member(wheel):
    with zipfile.ZipFile(wheel) as archive:
        lines = archive.read(INFO + 'RECORD').decode().split('\n')
        names = archive.namelist()
        assert lines.pop() == INFO + 'RECORD,,'
        assert [line.split(',')[0] for line in lines] == names[:-1]
        for line in lines:
            name, digest, size = line.split(',')
            data = archive.read(name)
            plain = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
            assert digest == 'sha256=' + plain.decode().rstrip('=')
            assert int(size) == len(data)


def test_metadata_and_wheel_have_no_blank_line_and_one_tag(wheel):
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(INFO + 'METADATA').decode().split('\n')
        info = archive.read(INFO + 'WHEEL').decode().split('\n')
    assert '' not in metadata + info
    assert 'Name: big-pkg' in metadata and 'Version: 1.2.0' in metadata
    assert [line for line in info if line.startswith('Tag:')] == [
        'Tag: ' + TAG]


def test_zip_has_no_comment_and_no_extra_fields(wheel):
    data = wheel.read_bytes()
    assert data[-22:-18] == b'PK\x05\x06' and data[-2:] == b'\0\0'
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            assert member.extra == b'' and member.comment == b''
            assert data[member.header_offset + 28:][:2] == b'\0\0'


def test_every_member_inflates_with_the_declared_window(wheel):
    data = wheel.read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        info = archive.read(INFO + 'WHEEL').decode()
        bits = int(info.split('Blox-Window-Bits: ')[1])
        for member in archive.infolist():
            start = member.header_offset + 30 + len(member.filename)
            packed = data[start:start + member.compress_size]
            if member.compress_type == zipfile.ZIP_DEFLATED:
                assert zlib.decompress(packed, -bits) == archive.read(member)


def test_says_made_on_unix_as_plain_files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            assert member.create_system == 3
            assert member.external_attr >> 16 == 0o100644


def test_is_the_same_byte_for_byte_when_packed_again(wheel, tmp_path):
    again = pack(tmp_path / 'tree', tmp_path / 'again')
    assert again.read_bytes() == wheel.read_bytes()


def test_local_and_central_headers_agree(wheel):
    data = wheel.read_bytes()
    directory, = struct.unpack('<I', data[-6:-2])
    with zipfile.ZipFile(wheel) as archive:
        at = directory
        for member in archive.infolist():
            local = data[member.header_offset + 4:][:26]
            assert data[at + 6:at + 32] == local
            at += 46 + len(member.filename)
        assert at == len(data) - 22
