# SPDX-License-Identifier: MIT
"""The rescue that ships, in MicroPython, over thousands of journals that are
not as they should be."""

import ast
import os
import subprocess

import pytest

import rescue_mutations
from lib.boards import ROOT
from test_update_rescue import rescue_of

SCRIPT = (ROOT / "tests/system/rescue_mutations.py").read_text()
VERDICT = ROOT / "build/host/gcc/journal_verdict"
# `make long` takes more: they are numbered, so that one can be run again.
COUNT = int(os.environ.get("RESCUE_MUTATIONS", "1500"))


@pytest.fixture
def large_board(boards):
    return boards(heap="2M")


def test_rescue_never_raises_and_loses_nothing(large_board):
    said = large_board.exec(
        "%s\n\n\n%s\n\nrun_all(rescue, 0, %d)" % (rescue_of("main.py"), SCRIPT, COUNT),
        timeout=COUNT * 0.1 + 60,
    )
    wrong = [line for line in said.splitlines() if line.startswith("WRONG")]
    assert not wrong, "\n".join(wrong[:20])
    assert said.splitlines()[-1] == "DONE"
    counts = ast.literal_eval(said.splitlines()[-2])
    assert all(counts[state] >= COUNT / 50 for state in rescue_mutations.STATES), counts
    assert counts["none"] >= COUNT / 10, counts


def test_the_engine_reads_the_same_state(tmp_path):
    """core/ota/journal_state.c reads only the header: a journal that is whole
    is in the same state for both, another is undone or what it says."""
    journals = [rescue_mutations.journal(number) for number in range(10 * COUNT)]
    packed = tmp_path / "journals"
    packed.write_bytes(b"".join(b"%08d" % len(data) + data for data in journals))
    said = subprocess.run([VERDICT, packed], check=True, stdout=subprocess.PIPE, text=True)
    verdicts = said.stdout.split()
    assert len(verdicts) == len(journals)
    for number, (data, verdict) in enumerate(zip(journals, verdicts)):
        state = rescue_mutations.state_of(data)
        header = data.split(b"\n")[0].split(b" ")
        says = header[2].decode(errors="replace") if len(header) > 3 else "undo"
        assert verdict == state or (state == "undo" and verdict == says), number
