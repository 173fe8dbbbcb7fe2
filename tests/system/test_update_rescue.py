# SPDX-License-Identifier: MIT
"""The rescue that ships, in MicroPython, over littlefs: cut and failed at
every operation."""

import pathlib
import re

from lib.boards import ROOT

SCRIPT = pathlib.Path(__file__).parent / "rescue_script.py"


def rescue_of(path):
    text = (ROOT / "python" / path).read_text()
    return re.search(r"(?ms)^RESCUE = \d+.*?\n\n\ndef rescue.*?(?=\n\n\n)", text)[0]


def test_rescue_is_the_same_text_in_both_places():
    assert rescue_of("main.py") == rescue_of("mpy_blox/rescue.py")


def test_rescue_is_short():
    function = rescue_of("main.py").partition("\n\n\n")[2]
    assert function.startswith("def rescue(")
    assert len([line for line in function.splitlines() if line]) < 60


def counted(name):
    """The causes that core/ota/boots.c is tested with."""
    text = (ROOT / "tests/core/ota/test_boots.c").read_text()
    strings = re.search(r"const %s\[\] = \{(.*?)\};" % name, text, re.S)[1]
    return re.findall(r'"(\d+)"', strings)


def test_it_counts_as_the_engine_does(board):
    script = SCRIPT.with_name("rescue_counts.py").read_text()
    script += "\ncount(%r, %r)\n" % (counted("kept"), counted("undo"))
    said = board.exec(rescue_of("main.py") + "\n" + script)
    assert "WRONG" not in said and "DONE" in said


def test_cut_or_failed_anywhere_it_ends_with_one_whole_set(board):
    said = board.exec(rescue_of("main.py") + "\n" + SCRIPT.read_text(), timeout=300)
    assert "WRONG" not in said
    assert said.splitlines()[-1] == "DONE"
    operations = int(re.search(r"operations (\d+)", said)[1])
    assert operations >= 12
