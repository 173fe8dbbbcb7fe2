# SPDX-License-Identifier: MIT
"""Wheels installed by a program (mpy_blox.wheel), without app management."""

import glob
import pathlib
import zipfile

import pytest

from lib.installed import install, library
from lib.wheels import make_wheel

INSTALL = """\
import gc
from mpy_blox import wheel
from mpy_blox.wheel.wheelfile import WheelFile

gc.collect()
with open(%r, 'rb') as f:
    wheel.install(WheelFile(f))
package = wheel.pkg_info(%r)
print(package.version, len(package.wheel_record))
"""

REFUSED = """\
import os
from mpy_blox import wheel
from mpy_blox.wheel.wheelfile import WheelFile

before = sorted(os.listdir('/lib'))
try:
    with open('/w.whl', 'rb') as f:
        wheel.install(WheelFile(f))
except ValueError as e:
    print(e)
assert sorted(os.listdir('/lib')) == before
"""


def test_a_wheel_made_by_others_installs_on_a_stock_heap(boards):
    """Debian's setuptools: over 1 MB, some 250 files; the heap has 112 KiB."""
    path = glob.glob("/usr/share/python-wheels/setuptools-*.whl")[0]
    board = boards(flash="16M")
    board.put({**library(), "/w.whl": pathlib.Path(path)})
    out = board.exec(INSTALL % ("/w.whl", "Setuptools"), soft_reset=True)
    with zipfile.ZipFile(path) as archive:
        infos = [i for i in archive.infolist() if not i.is_dir()]
        version = path.rsplit("/", 1)[1].split("-")[1]
        assert out.split() == [version, str(len(infos))]
        board.exec("pass", soft_reset=True)  # makes room for reading back
        for info in infos[:: len(infos) // 20]:
            assert board.read("/lib/" + info.filename) == archive.read(info)


@pytest.mark.parametrize(
    "name, tag, unlisted, sentence",
    [
        ("a", "py3-none-any", {"a.py": b"x"}, "wheel: a.py: is not in RECORD"),
        (
            "b",
            "mpy6-bytecode-esp32",
            None,
            "wheel: none of its tags fits this device; it takes py3-none-any "
            "and mpy6-bytecode-unix_x64",
        ),
        (
            "c",
            "py3-none-any",
            {"m.py": b"x = 2\n"},
            "wheel: m.py: SHA-256 differs from RECORD; the package is "
            "damaged, publish it again",
        ),
        (
            "d",
            "py3-none-any",
            {"m.py": b"x = 10\n"},
            "wheel: m.py: its size differs from RECORD; the package is "
            "damaged, publish it again",
        ),
        (
            "e",
            "py3-none-any",
            {"../m.py": b""},
            "wheel: ../m.py: the path has a '..' segment",
        ),
    ],
)
def test_a_bad_wheel_is_refused_in_one_sentence(
    boards, tmp_path, name, tag, unlisted, sentence
):
    wheel = make_wheel(
        tmp_path, name, "1.0", {"m.py": b"x = 1\n"}, tag, unlisted
    )
    install(tmp_path / "board")
    board = boards()
    board.put({"/w.whl": wheel})
    assert board.exec(REFUSED, soft_reset=True).strip() == sentence
