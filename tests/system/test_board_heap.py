# SPDX-License-Identifier: MIT
"""The heap is what --heap says, so that a bisection over it means something."""

import pytest

from lib.boards import BoardError

FREE = "import gc; gc.collect(); print(gc.mem_free() + gc.mem_alloc())"

# Keeps as much as it can in small pieces, then says how much.
FILL = """
kept = None
n = 0
try:
    while True:
        kept = (bytearray(%d), kept)
        n += %d
except MemoryError:
    kept = None
print(n)
"""


def filled(board, piece=2000):
    return int(board.exec(FILL % (piece, piece)))


@pytest.mark.parametrize("heap, grow", [(64, 0), (80, 0), (112, 112)])
def test_as_much_fits_as_the_heap_has(boards, heap, grow):
    board = boards(heap="%dK+%dK" % (heap, grow))
    got = filled(board)
    assert 0.75 * (heap + grow) * 1024 < got < (heap + grow) * 1024


def test_a_heap_without_growth_stays_as_it_is(boards):
    board = boards(heap="80K+0")
    total = int(board.exec(FREE))
    filled(board)
    assert int(board.exec(FREE)) == total < 80 * 1024


def test_the_heap_grows_once_and_shrinks_again(boards):
    board = boards(heap="64K+64K")
    keep = "kept = [bytearray(2000) for i in range(%d)]; "
    out = board.exec(keep % 45 + "import gc; print(gc.mem_alloc() > 90000)")
    assert out.strip() == "True"
    with pytest.raises(BoardError, match="MemoryError"):
        board.exec("more = [bytearray(2000) for i in range(45)]")


def test_a_soft_reset_gives_the_split_back(boards):
    board = boards(heap="64K+64K")
    got = [filled(board)]
    for _ in range(3):
        board.exec("pass", soft_reset=True)
        got.append(filled(board))
    assert max(got) - min(got) <= 4000 and min(got) > 96 * 1024


def test_no_block_is_larger_than_a_split(boards):
    board = boards(heap="64K+64K")
    with pytest.raises(BoardError, match="MemoryError"):
        board.exec("bytearray(70000)")
    board.exec("bytearray(60000)")


def test_the_smallest_heap_that_does_is_found_to_a_kib(boards):
    """A program that needs one 32 KiB block runs with n KiB, not with n-1:
    each time alike."""

    def runs(kib):
        board = boards("board", heap="%dK+0" % kib)
        try:
            board.exec("b = bytearray(32768); print(len(b))")
            return True
        except BoardError as e:
            assert "MemoryError" in str(e)
            return False
        finally:
            board.stop()

    low, high = 24, 80
    assert runs(high) and not runs(low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if runs(middle) else (middle, high)
    assert 34 <= high <= 48
    assert [runs(kib) for kib in (high, high - 1) * 3] == [True, False] * 3


def test_deep_recursion_is_an_error_not_a_crash(board):
    with pytest.raises(BoardError, match="maximum recursion depth"):
        board.exec("def f():\n    f()\nf()")
    assert board.exec("print('alive')") == "alive\n"


def test_mem_info_shows_the_split_to_come(board):
    out = board.exec("import micropython; micropython.mem_info()")
    assert "max new split: 114688" in out


def test_an_emergency_buffer_can_be_allocated(board):
    board.exec(
        "import micropython; micropython.alloc_emergency_exception_buf(100)"
    )


def test_the_fullest_moment_is_told(boards):
    board = boards(options=["--heap-watch"])
    board.exec("pass")
    board.control("heap")
    board.exec("b = bytearray(40000)\nb = None\nimport gc\ngc.collect()")
    peak = int(board.control("heap").removeprefix("peak "))
    assert 40000 < peak < 60000
    board.exec("pass")
    assert int(board.control("heap").removeprefix("peak ")) < 40000
