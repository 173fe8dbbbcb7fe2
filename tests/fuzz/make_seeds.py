# SPDX-License-Identifier: MIT
"""Writes what each fuzzer starts from: make_seeds.py FOLDER. What fuzzing
found beyond them lies in tests/fuzz/corpus/."""

import base64
import binascii
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "system"))

from lib.updates import sha256, wheel  # noqa: E402

EMPTY = sha256(b"")
HASH = sha256(b"x")

JSON = [
    b'[{"type":"wheel","size":61234},12,"\\u00fc\\ud83d\\ude00",[],null]',
    b'{"a":{"b":[true,false,-1.5e+3]},"name":"x","a":4294967295}',
]

# The first byte: where it is cut, and whether a command may come.
LIST = [
    b'\x80[{"type":"wheel","name":"mpy-blox","version":"1.2.0","pkg_sha256":"%s","size":61234}]' % HASH.encode(),
    b'\x40[{"type":"platform-wheel","tag":"mpy6-bytecode-esp32c3","mpy":"6.3","name":"a","version":"1","pkg_sha256":"%s"}]' % HASH.encode(),
    b'\x20[{"type":"src","path":"user_main.py","pkg_sha256":"%s","size":812,"more":{"x":[1]}}]' % HASH.encode(),
    b'\x60[{"type":"src","path":"lib/e.py","pkg_sha256":"%s","size":0},{"type":"delete","path":"old.py"}]' % EMPTY.encode(),
    b'\x70[{"type":"delete","path":"\\u00e9\\ud83d\\ude00/x.py"},{"type":"firmware"},{"type":"signature","sig":"=="}]',
    b'\x41{"cmd":"install","x":[{}]}',
    b"\x81 [ ]\n",
]

RECORD = [
    b"\x80pkg/a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\r\npkg-1.dist-info/RECORD,,\n",
    b'\x40"a,""b"".py",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=,4294967295\n\n\nx,,',
]

METADATA = [
    b"\x80Metadata-Version: 2.1\nName: mpy-blox\nVersion: 1.0.0\nSummary: one\n  two\n\nName: other\n",
    b"\x20Wheel-Version: 1.0\r\nGenerator: x\r\nRoot-Is-Purelib: true\r\nTag: py2.py3-none-any\r\nTag: mpy6-bytecode-esp32\r\nBlox-Window-Bits: 9\r\n",
]

SETTINGS = [
    b'{"hostname":"x","mqtt":{"server":"h","port":1883,"ssl":true,"servers":[]},"update.channel":"a"}',
    b'{"wlan.ssid":"n","wlan.psk":"p\\u00e9","mqtt.password":"q","mqtt_a.password":1,"x":2.5}',
    b'{"network":{"disabled":1},"ntp.interval":"x","mqtt_b":{"keep_alive_interval":70000},\n"update.public_key":"A"}',
]

# A session's setup (fuzz_mqtt.c), then what a broker sends.
MQTT = [
    "00000001 20 0b 00 00 08 21 0014 13 001e 24 01",
    "000000ff 30 07 0003 612f62 00 78 d0 00 33 0a 0001 74 0007 00 68656c6c",
    "00000603 40 02 0001 90 04 0002 00 01 e0 01 8b",
    "00000a02 30 10 0001 74 07 26 0001 6b 0001 76 3132333435",
]

LINES = (
    b"remove\t/lib/old/deep/x.py\t/.blox/b0\nmkdir\t/lib/pkg/new\n"
    b"move\t/.blox/7\t/lib/pkg/new/x.py\t/.blox/b1\t9f8e7d6c\n"
)


def journal():
    whole = b"blox-journal 1 trial %08x\n" % binascii.crc32(LINES) + LINES
    seeds = [b"\x01" + whole, b"\x01" + whole[:40]]
    seeds += [bytes([2 + 4 * state]) + LINES for state in range(4)]
    seeds.append(b"\x00\x03/lib/pkg/gone.py \x01/lib/pkg/new \x02/lib/a \x03/lib/pkg/gone.py ")
    return seeds


def todo():
    def entry(kind, flags, name, version):
        head = struct.pack("<4BI", kind, flags, len(name), len(version), 812)
        return head + b"h" * 32 + name + version

    content = b"blxtodo1" + b"s" * 32 + entry(1, 2, b"mpy-blox", b"1.2.0")
    content += entry(2, 0, b"user_main.py", b"") + entry(3, 1, b"old.py", b"") + b"\0"
    crc = struct.pack("<I", binascii.crc32(content))
    return [
        b"\0" + content + crc,
        b"\x15" + content + b"????",
        b"\x02\x00abcd\x08mpy-blox\x051.2.0\x31abcd\x0cuser_main.py\x00",
    ]


def wavs():
    def file(fmt, more=b"", data=b"12345678", riff=None, size=None):
        body = b"WAVE" + more + b"fmt " + struct.pack("<I", len(fmt)) + fmt + more
        body += b"data" + struct.pack("<I", len(data) if size is None else size) + data
        return b"\x83RIFF" + struct.pack("<I", len(body) if riff is None else riff) + body

    def fmt(tag, channels, bits):
        block = channels * bits // 8
        return struct.pack("<HHIIHH", tag, channels, 8000, 8000 * block, block, bits)

    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    wide = fmt(0xFFFE, 2, 24) + struct.pack("<HHI", 22, 20, 3) + guid
    return [
        file(fmt(1, 1, 8)),
        file(fmt(1, 2, 16), b"LIST\x03\0\0\0abc\0"),
        file(fmt(1, 2, 32), b"JUNK\x01\0\0\0a"),
        file(wide),
        file(fmt(1, 1, 16) + b"\0\0", riff=0, size=0),
        file(fmt(1, 1, 16), riff=0xFFFFFFFF, size=0xFFFFFFFF),
        file(fmt(3, 1, 32)),
        file(fmt(0x11, 1, 16)),
        b"\0RIFX\0\0\0\0WAVE",
    ]


# The second byte: fuzz_signed.c's flags.
def signed():
    key = base64.b64encode(b"\4" + bytes(range(64))).decode()
    # A signature of OpenSSL's: what is right of it the flags say.
    sig = "MEUCIQCqmyYzNVqE/L5SvXmCIqB9bbKBDQ8ngsAV57jl5jyrawIgWpHRqoHlH0dPtLvA9tJ4D0aJQ9jUmM8RNxd3iIKF+3k="
    bodies = ["", '{"type":"src","path":"a\\"]}.py","x":[{}]}', '{"type":"key","key":"%s"}' % key]
    bodies.append(",".join(bodies[1:]))
    for number, (flags, serial) in enumerate(((4, "1795334400"), (10, "0"), (20, "9223372036854775808"), (31, "7"), (255, "7"))):
        for body in bodies:
            entry = '{"type":"signature","alg":"ES256","serial":"%s","sig":"%s"}' % (serial, sig)
            text = "[%s%s%s]" % (body, "," if body else "", entry)
            yield bytes((255 if flags == 255 else 40 * number, flags)) + text.encode()
    yield b'\x20\x04[{"sig":"MAYCAQECAQE=","serial":"5","alg":"ES256","type":"signature"}]'
    yield b'\x20\x04[ {"type":"signature","alg":"ES256","serial":"5","sig":"MAYCAQECAQE="}]'
    yield b'\x20\x04[{"type":"src"}]'


def wheels():
    files = {"a.py": b"x = 1\n", "p/b.py": b"y" * 300}
    for store in (True, False):
        yield wheel("a", "1", files, store=store)
        yield wheel("a", "1", {"a.py": b""}, tag="mpy6-bytecode-esp32", store=store)
    yield wheel("a", "1", {"../a.py": b"x"}, store=True)
    yield wheel("a", "1", files, tag="cp312-cp312-win32", store=True)
    yield wheel("a", "1", files, store=True, spoil=lambda members, record: members.update({"more.py": b""}))
    yield wheel("a", "1", files, store=True, spoil=lambda members, record: record.append("gone.py,,\n"))


def main():
    folder = pathlib.Path(sys.argv[1])
    kinds = {
        "json": JSON,
        "list": LIST,
        "record": RECORD,
        "metadata": METADATA,
        "settings": SETTINGS,
        "mqtt": [bytes.fromhex(text) for text in MQTT],
        "journal": journal(),
        "todo": todo(),
        "wav": wavs(),
        "signed": list(signed()),
        "wheel": list(wheels()),
    }
    for kind, seeds in kinds.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (folder / kind / ("seed%d" % number)).write_bytes(seed)


main()
