# SPDX-License-Identifier: MIT
"""The flash image: file system and NVS, over resets and power cuts."""

import time

import pytest

from lib.boards import Board, BoardError


@pytest.mark.parametrize("flash, blocks", [(None, 512), ("16M", 4096)])
def test_statvfs_gives_the_partition(boards, flash, blocks):
    board = boards(flash=flash)
    out = board.exec("import os; print(*os.statvfs('/'))").split()
    assert [int(out[i]) for i in (0, 1, 2)] == [4096, 4096, blocks]
    assert blocks - 4 <= int(out[3]) < blocks
    assert int(out[9]) == 255


def test_the_partition_can_be_found(shared_board):
    out = shared_board.exec(
        "from esp32 import Partition\n"
        "for p in Partition.find(Partition.TYPE_DATA):\n"
        "    print(*p.info())\n"
    )
    assert out.splitlines() == [
        "1 2 36864 24576 nvs False",
        "1 129 2097152 2097152 vfs False",
    ]


def test_an_image_has_one_size(board):
    board.stop()
    board.flash = "4M"
    with pytest.raises(BoardError, match="another size than --flash says"):
        board.start()


def test_two_boards_cannot_run_on_one_image(board):
    with pytest.raises(BoardError, match="another board runs on it"):
        Board(board.directory).start()


def test_files_survive_a_power_cut(board):
    board.put({"/lib/deep/er.txt": b"x" * 5000})
    board.restart()
    assert board.read("/lib/deep/er.txt") == b"x" * 5000


def test_a_file_that_was_not_closed_is_not_there(board):
    board.exec("f = open('open.txt', 'w'); f.write('x' * 10000)")
    board.restart()
    out = board.exec("import os; print('open.txt' in os.listdir())")
    size = board.exec("import os; print(os.stat('open.txt')[6])")
    assert (out.strip(), size.strip()) in (("True", "0"), ("False", ""))


def test_power_cuts_at_any_moment_leave_a_file_system(board):
    board.put(
        {
            "main.py": "i = 0\n"
            "while True:\n"
            "    i += 1\n"
            "    with open('n.new', 'w') as f:\n"
            "        f.write('%d ' % i * 300)\n"
            "    import os\n"
            "    os.rename('n.new', 'n')\n"
        }
    )
    for cut in range(8):
        board.restart()
        time.sleep(0.15 + cut * 0.023)
    board.restart()
    words = set(board.read("n").split())
    assert len(words) == 1
    assert "damaged" not in board.console()


def test_a_cut_can_be_asked_for_by_its_number(boards):
    board = boards(options=["--cut-after", "1"])
    with pytest.raises(Exception):
        board.put({"a": b"1"})
    assert board.process.wait(5) == -9
    board.process.stderr.close()
    board.process, board.options = None, []
    board.start()
    board.put({"a": b"2"})
    assert board.read("a") == b"2"


def test_power_can_be_cut_by_the_control_socket(board):
    assert board.control("power-cut") == "ok"
    assert board.process.wait(5) == -9


def test_flash_is_full_when_it_is_full(board):
    with pytest.raises(BoardError, match="28"):  # ENOSPC
        board.exec(
            "f = open('big', 'wb')\n"
            "b = bytes(4096)\n"
            "for i in range(600):\n"
            "    f.write(b)\n"
        )


NVS = "import esp32; n = esp32.NVS('sec_cfg'); "


def test_nvs_survives_a_power_cut(board):
    board.exec(NVS + "n.set_i32('i', -5); n.set_blob('b', b'secret'); n.commit()")
    board.restart()
    out = board.exec(
        NVS + "b = bytearray(10); print(n.get_i32('i'), n.get_blob('b', b), b[:6])"
    )
    assert out.strip() == "-5 6 bytearray(b'secret')"


@pytest.mark.parametrize(
    "call, error",
    [
        ("n.get_i32('no')", "(-4354, 'ESP_ERR_NVS_NOT_FOUND')"),
        ("n.get_blob('no', bytearray(4))", "(-4354, 'ESP_ERR_NVS_NOT_FOUND')"),
        ("n.erase_key('no')", "(-4354, 'ESP_ERR_NVS_NOT_FOUND')"),
        ("n.set_i32('k' * 16, 1)", "(-4361, 'ESP_ERR_NVS_KEY_TOO_LONG')"),
        ("esp32.NVS('n' * 16)", "(-4361, 'ESP_ERR_NVS_KEY_TOO_LONG')"),
        (
            "n.set_blob('b', b'12345'); n.get_blob('b', bytearray(4))",
            "(-4364, 'ESP_ERR_NVS_INVALID_LENGTH')",
        ),
        (
            "n.set_blob('b', bytes(5000))",
            "(-4366, 'ESP_ERR_NVS_VALUE_TOO_LONG')",
        ),
        (
            "[n.set_blob('k%d' % i, bytes(900)) for i in range(40)]",
            "(-4357, 'ESP_ERR_NVS_NOT_ENOUGH_SPACE')",
        ),
    ],
)
def test_nvs_errors_are_an_esp32s(board, call, error):
    out = board.exec(
        NVS + "\ntry:\n    %s\nexcept OSError as e:\n    print(e.args)" % call
    )
    assert out.strip() == error


def test_nvs_is_not_in_the_file_system(board):
    board.exec(NVS + "n.set_i32('i', 7)")
    board.exec(
        "import vfs, os\n"
        "from flashbdev import bdev\n"
        "vfs.umount('/')\n"
        "vfs.VfsLfs2.mkfs(bdev)\n"
        "vfs.mount(bdev, '/')\n"
    )
    assert board.exec(NVS + "print(n.get_i32('i'))").strip() == "7"


def test_fat_can_be_mounted(board):
    out = board.exec(
        "import vfs, os\n"
        "from flashbdev import bdev\n"
        "vfs.umount('/')\n"
        "vfs.VfsFat.mkfs(bdev)\n"
        "vfs.mount(vfs.VfsFat(bdev), '/')\n"
        "open('a.txt', 'w').close()\n"
        "print(os.listdir())\n"
    )
    assert out.strip() == "['a.txt']"
