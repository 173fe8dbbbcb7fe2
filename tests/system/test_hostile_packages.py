# SPDX-License-Identifier: MIT
"""Packages made to harm: each is published to a real broker, fetched, and
refused with one sentence; but for /.blox the flash is as it was."""

import ast
import re
import struct

import pytest

from lib.hostile import INFO, METADATA, WHEEL, Member, hostile, members_of, zipped
from lib.updates import Publisher, States, updating, wheel

# Tells the state of the flash at each start, all but /.blox.
USER_MAIN = """\
import asyncio, os
from binascii import crc32

def look(folder, sum):
    for name, kind, *_ in sorted(os.ilistdir(folder or '/')):
        path = folder + '/' + name
        if path not in ('/.blox', '/.hass.sets'):
            sum = crc32(path.encode(), sum)
            if kind == 0x4000:
                sum = look(path, sum)
            else:
                with open(path, 'rb') as file:
                    while data := file.read(4096):
                        sum = crc32(data, sum)
    return sum

async def user_main():
    print('tree %08x, staged %s.' % (look('', 0), sorted(os.listdir('/.blox'))))
    while True:
        await asyncio.sleep(1)
"""
KEPT = {"list", "origin", "error", "boots", "src"}  # in /.blox
AGAIN = "; the package is damaged, publish it again"
DAMAGED = "the zip is damaged; publish it again"
PATH = "pkg 2.0: wheel: %s: the path "


def bomb(name="pkg/bomb.bin", size=9000000, **lies):
    return Member(name, b"\0" * size, deflate=True, **lies)


def lying(change):
    return zipped(members_of({"pkg/a.py": b"abc"}, record=change))


def replace(old, new):
    def change(lines):
        lines[:] = [line.replace(old, new) for line in lines]

    return change


def twice(**lies):
    members = members_of({"pkg/a.py": b"abc"})
    members.insert(1, Member("pkg/a.py", b"abd", **lies))
    return zipped(members)


def overlapping():
    """A kilobyte that ten members share, behind one local header."""
    files = [Member("pkg/%d.bin" % i, b"\0" * 1000) for i in range(10)]
    for member in files[1:]:
        member.at = 0
    return zipped(members_of(files))


def quoting():
    """Each stored member reaches over the ones behind it."""
    files = [Member("pkg/%d.bin" % i, b"x" * 20, packed_size=400, size=400) for i in range(20)]
    return zipped(members_of(files))


def fake_end():
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0, 0, 0, 0, 0)
    return zipped(members_of({"pkg/a.py": b"abc"}), comment=end)


GOOD = zipped(members_of({"pkg/a.py": b"abc"}))
STORED = b"x" * 3000

CASES = {
    # Zip bombs
    "a_huge_ratio": (hostile(bomb()), "pkg 2.0: wheel: no room on flash: pkg 2.0 needs "),
    "a_size_too_small": (hostile(bomb(size=100000, central_size=1000)), "pkg/bomb.bin: its size differs from "),
    "a_size_beyond_any_ratio": (hostile(bomb(size=100, central_size=200000)), "pkg/bomb.bin: " + DAMAGED),
    "sizes_that_add_up_beyond_32_bits": (
        hostile(*(bomb("pkg/%d" % i, 3000000, central_size=2000000000, packed_size=3000) for i in range(3))),
        "wheel: pkg/0: " + DAMAGED,
    ),
    "members_that_share_their_data": (overlapping(), "wheel: members overlap; the zip is damaged, publish it again"),
    "members_that_quote_each_other": (quoting(), "wheel: members overlap; the zip is damaged, publish it again"),
    # Ways out of /lib
    "a_path_that_escapes": (hostile(Member("../../main.py", "x")), PATH % "../../main.py" + "has a '..' segment"),
    "a_path_that_escapes_later": (hostile(Member("pkg/../../x", "x")), PATH % "pkg/../../x" + "has a '..' segment"),
    "an_absolute_path": (hostile(Member("/main.py", "x")), PATH % "/main.py" + "is absolute"),
    "a_path_of_another_system": (hostile(Member("..\\main.py", "x")), PATH % "..\\main.py" + "has a backslash"),
    "a_folder_that_escapes": (hostile(Member("../boot.py/")), PATH % "../boot.py/" + "has a '..' segment"),
    "a_folder_named_dots": (hostile(Member("Lib/..", "x")), PATH % "Lib/.." + "has a '..' segment"),
    "an_empty_segment": (hostile(Member("pkg//a.py", "x")), PATH % "pkg//a.py" + "has an empty segment"),
    "the_updaters_folder": (hostile(Member(".BLOX/journal", "x")), PATH % ".BLOX/journal" + "is under .blox"),
    "a_nul_in_a_path": (hostile(Member(b"pkg/a.py\0.txt", "x")), "the path has a NUL"),
    "a_path_that_is_not_utf8": (hostile(Member(b"pkg/\xff.py", "x")), "the path is not UTF-8"),
    "a_path_too_long": (hostile(Member("p" * 201, "x")), "wheel: a member's path is over 200 bytes"),
    "a_symbolic_link": (
        hostile(Member("pkg/link", "/main.py", mode=0o120777)),
        "pkg 2.0: wheel: pkg/link: is a symbolic link or another special file",
    ),
    "a_device_file": (hostile(Member("pkg/dev", mode=0o20666)), "pkg/dev: is a symbolic link or another special"),
    # Twice
    "two_members_of_one_name": (twice(), "wheel: pkg/a.py: is twice in the zip"),
    "two_dist_info_folders": (hostile(Member("x-1.dist-info/WHEEL", WHEEL)), "wheel: has two .dist-info directories"),
    # Kinds that are not taken
    "an_encrypted_member": (hostile(Member("pkg/a.py", "x", flags=1)), "pkg/a.py: is encrypted, which is not"),
    "strong_encryption": (hostile(Member("pkg/a.py", "x", flags=0x41)), "pkg/a.py: is encrypted, which is not"),
    "an_encrypted_directory": (hostile(Member("pkg/a.py", "x", flags=0x2000)), "pkg/a.py: is encrypted, which is"),
    "bzip2": (hostile(Member("pkg/a.py", "x", method=12)), "pkg/a.py: is compressed by a method other than"),
    "aes": (hostile(Member("pkg/a.py", "x", method=99)), "pkg/a.py: is compressed by a method other than"),
    "zip64_members": (
        hostile(Member("pkg/a.py", "x", central_size=0xFFFFFFFF)),
        "pkg/a.py: is of the zip64 kind, which is not supported",
    ),
    "a_zip64_directory": (
        zipped(members_of({}), directory=0xFFFFFFFF),
        "wheel: is of the zip64 kind, which is not supported",
    ),
    "several_disks": (zipped(members_of({}), disk=1), "wheel: the zip has several disks"),
    # A RECORD that lies
    "a_hash_that_lies": (lying(replace("pkg/a.py,sha256=u", "pkg/a.py,sha256=v")), "pkg/a.py: SHA-256 differs from RECORD"),
    "a_size_that_lies": (lying(replace(",3\n", ",4\n")), "pkg/a.py: its size differs from RECORD" + AGAIN),
    "a_member_that_is_not_listed": (lying(lambda lines: lines.pop(0)), "pkg/a.py: is not in RECORD"),
    "a_line_too_many": (
        lying(lambda lines: lines.append("pkg/b.py,,\n")),
        "pkg/b.py: is in RECORD but not in the zip",
    ),
    "a_line_that_escapes": (
        lying(lambda lines: lines.append("../../main.py,,\n")),
        "../../main.py: is in RECORD but not in the zip",
    ),
    "a_line_twice": (lying(lambda lines: lines.append(lines[0])), "pkg/a.py: is twice in RECORD"),
    "a_line_without_a_hash": (
        lying(lambda lines: lines.__setitem__(0, "pkg/a.py,,\n")),
        "pkg/a.py: has no hash in RECORD",
    ),
    "a_record_with_a_hash_of_itself": (
        lying(lambda lines: lines.__setitem__(-1, INFO + "/RECORD" + lines[0][len("pkg/a.py") :])),
        INFO + "/RECORD: has a hash of itself",
    ),
    "another_kind_of_hash": (lying(replace("sha256=", "md5=")), "wheel: RECORD: the hash is not sha256"),
    "a_record_that_is_no_csv": (lying(lambda lines: lines.insert(0, '"\n')), "wheel: RECORD: "),
    # Another package than it seems
    "a_foreign_tag": (
        zipped(members_of({}, wheel=WHEEL.replace(b"py3-none-any", b"cp312-cp312-win32"))),
        "wheel: none of its tags fits this device; it takes py3-none-any and mpy6-bytecode-unix_x64",
    ),
    "a_newer_kind_of_wheel": (
        zipped(members_of({}, wheel=WHEEL.replace(b"1.0", b"2.0"))),
        INFO + "/WHEEL: its Wheel-Version is not 1.x",
    ),
    "a_window_too_large": (
        zipped(members_of({}, wheel=WHEEL + b"Blox-Window-Bits: 40\n")),
        INFO + "/WHEEL: is malformed",
    ),
    "metadata_of_another": (
        zipped(members_of({}, metadata=METADATA.replace(b"pkg", b"mpy-blox"))),
        "wheel: is mpy-blox 2.0 by METADATA, but its .dist-info directory says another",
    ),
    "another_package_than_listed": (
        wheel("mpy-blox", "9.0", {"mpy_blox/__init__.py": "x = 1\n"}),
        "wheel: is mpy-blox 9.0, which is not what the list says",
    ),
    "no_dist_info": (zipped([Member("pkg/a.py", "x")]), "wheel: has no .dist-info directory, so it is a zip but no"),
    "no_record": (zipped(members_of({})[:-1]), "wheel: has no RECORD file in its .dist-info directory"),
    # Headers that disagree
    "a_local_header_of_another_name": (
        hostile(Member("pkg/a.py", "x", local_name=b"pkg/b.py")),
        "pkg/a.py: " + DAMAGED,
    ),
    "a_local_header_of_another_method": (hostile(Member("pkg/a.py", "x", local_method=8)), "pkg/a.py: " + DAMAGED),
    "a_local_header_elsewhere": (hostile(Member("pkg/a.py", "x", offset=2)), "pkg/a.py: " + DAMAGED),
    "an_extra_field_over_the_directory": (
        hostile(Member("pkg/a.py", "x", local_extra_size=65000)),
        "pkg/a.py: " + DAMAGED,
    ),
    "a_descriptor_for_nothing": (
        hostile(Member("pkg/a.py", "abc", descriptor=True, central_size=0, central_packed_size=0)),
        "pkg/a.py: its size differs from RECORD" + AGAIN,
    ),
    "a_crc_that_lies": (hostile(Member("pkg/a.py", "x", crc=1)), "pkg/a.py: its CRC-32 differs from the zip's" + AGAIN),
    "data_that_is_no_deflate": (hostile(Member("pkg/a.py", b"\7" * 9, method=8)), "pkg/a.py: its compressed data is"),
    "fewer_members_than_told": (zipped(members_of({}), entries=9, here=9), "wheel: " + DAMAGED),
    "an_end_in_the_comment": (fake_end(), "wheel: has no .dist-info directory, so it is a zip but no wheel"),
    "a_comment_cut_off": (zipped(members_of({}), comment=b"c" * 99)[:-9], "wheel: this is no zip file; publish the"),
    # Not whole
    "cut_short": (GOOD[:-30], "wheel: this is no zip file; publish the wheel again"),
    "garbage_behind_it": (GOOD + b"\0" * 9, "wheel: this is no zip file; publish the wheel again"),
    "garbage_before_it": (b"#!/bin/sh\n" + GOOD, DAMAGED),
    "nothing_but_its_end": (b"PK\5\6" + bytes(18), "wheel: has no .dist-info directory, so it is a zip but no wheel"),
    # Flash full in the middle of the download; of unpacking, see a_huge_ratio
    "more_than_flash_holds": (hostile(Member("pkg/a.bin", STORED * 600)), "pkg 2.0: no room on flash"),
}


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    from lib.boards import Board
    from lib.brokers import Broker

    folder = tmp_path_factory.mktemp("hostile")
    made = []

    def boards(**more):
        made.append(Board(folder / "board", **more).start())
        return made[-1]

    with Broker(folder / "broker") as broker:
        files = {"/user_main.py": USER_MAIN}
        board = updating(boards, folder, broker, files=files)
        with broker.watch("mpypi/nodes/#") as watch:
            states = States(watch, board)
            board.restart()
            yield Device(board, broker, states)
        board.stop()


class Device:
    def __init__(self, board, broker, states):
        self.board = board
        self.broker = broker
        self.states = states
        self.position = 0
        self.tree = self.trees()
        states.wait("idle")

    def outcome(self, state, seen):
        """The document of this state that comes of what was published when so
        many had been seen. (At each start the last outcome is told again.)"""
        self.states.wait("downloading", after=seen)
        begun = [d["state"] for d in self.states.all()].index("downloading", seen)
        return self.states.wait(state, after=begun)

    def trees(self):
        """What user_main said of the flash since this was asked, at least
        once."""
        start, self.position = self.position, self.board.wait_for("].", after=self.position)
        console = self.board.console()[start:]
        self.position = start + console.rindex("].") + 2
        found = re.findall(r"tree (\w+), staged (.*\])\.", console)
        assert all(set(ast.literal_eval(names)) <= KEPT for _, names in found), found
        return {tree for tree, _ in found}


@pytest.mark.parametrize("case", CASES)
def test_refused_with_one_sentence(device, case):
    data, sentence = CASES[case]
    seen = len(device.states.all())
    Publisher(device.broker).wheel("pkg", "2.0", data, size=False).publish()
    document = device.outcome("failed", seen)
    assert sentence in document["error"], document
    assert "\n" not in document["error"] and len(document["error"]) < 200
    if any(document["state"] == "rebooting" for document in device.states.all()[seen:]):
        assert device.trees() == device.tree


def test_a_folder_named_as_a_file_is_undone(device):
    data = hostile(Member("pkg/a.py", "abc"), Member("pkg/a.py/b.py", "abc"))
    seen = len(device.states.all())
    Publisher(device.broker).wheel("pkg", "2.0", data).publish()
    device.outcome("rolled_back", seen)
    assert device.trees() == device.tree


def test_after_all_that_a_good_one_is_taken(device):
    descriptor = Member("pkg/c.py", "abc", deflate=True, descriptor=True)
    data = hostile(Member("pkg/a b+c#.py", "abc", extra=b"\1\2\1\0x"), descriptor)
    seen = len(device.states.all())
    Publisher(device.broker).wheel("pkg", "2.0", data).publish()
    device.outcome("confirmed", seen)
    assert "Traceback" not in device.board.console()
    assert device.board.exec("import pkg; print(pkg.VERSION)") == "2\n"
