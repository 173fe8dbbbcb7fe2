# SPDX-License-Identifier: MIT
"""The board as mpremote and a person at its serial line see it."""

import os
import pty
import select
import subprocess
import sys
import time
import tty

import pytest

from lib.boards import MPREMOTE, ROOT, BoardError


def test_says_it_is_an_esp32(board):
    out = board.exec("import sys, os; print(sys.platform); print(os.uname())")
    platform, uname = out.splitlines()
    assert platform == "esp32"
    assert "sysname='esp32', nodename='esp32', release='1.25.0'" in uname
    assert "version='v1.25.0 on " in uname
    assert "machine='Virtual ESP32 board with ESP32'" in uname


def test_loads_native_modules_of_this_host(board):
    out = board.exec("import sys; print(sys.implementation._mpy >> 10 & 15)")
    assert out.strip() == "2"  # x64, in py/persistentcode.h


@pytest.mark.parametrize(
    "module",
    "asyncio uasyncio socket ssl tls cryptolib hashlib deflate json re select "
    "struct binascii time ntptime network machine esp esp32 vfs gc micropython "
    "_thread random io os errno collections heapq platform uctypes "
    "websocket framebuf flashbdev".split(),
)
def test_has_the_modules_of_an_esp32(shared_board, module):
    shared_board.exec("import " + module)


def test_uasyncio_is_asyncio(shared_board):
    out = shared_board.exec(
        "import asyncio, uasyncio; print(asyncio.sleep_ms is uasyncio.sleep_ms)"
    )
    assert out.strip() == "True"


def test_floats_and_the_epoch_are_an_esp32s(shared_board):
    out = shared_board.exec("import time; print(1/3, time.gmtime(0)[0])")
    assert out.split() == ["0.3333333", "2000"]


def test_a_first_boot_writes_boot_py(board):
    assert "Performing initial setup" in board.console()
    assert board.exec("import os; print(os.listdir('/'))") == "['boot.py']\n"
    assert board.read("/boot.py").startswith(b"# This file is executed")


def test_runs_boot_py_then_main_py(board):
    board.put({"boot.py": "print('in boot')", "main.py": "print('in', 'main')"})
    board.restart()
    end = board.wait_for("in boot")
    end = board.wait_for("in main", after=end)
    board.wait_for(">>> ", after=end)


def test_ctrl_c_ends_a_busy_loop(board):
    board.put({"main.py": "print('busy')\nwhile True:\n    pass\n"})
    board.restart()
    board.wait_for("busy")
    assert board.exec("print('free')") == "free\n"
    assert "KeyboardInterrupt" in board.console()


def test_ctrl_c_ends_what_blocks_in_c(board):
    board.put({"main.py": "import time\nprint('asleep')\ntime.sleep(1000)\n"})
    board.restart()
    board.wait_for("asleep")
    assert board.exec("print('awake')") == "awake\n"


def test_ctrl_c_ends_a_blocking_accept(board):
    board.put(
        {
            "main.py": "import socket\n"
            "s = socket.socket()\n"
            "s.bind(('127.0.0.1', 0))\n"
            "s.listen(1)\n"
            "print('waits')\n"
            "s.accept()\n"
        }
    )
    board.restart()
    board.wait_for("waits")
    assert board.exec("print('awake')") == "awake\n"


def test_an_error_comes_back_as_a_traceback(board):
    with pytest.raises(BoardError, match="ZeroDivisionError"):
        board.exec("1 // 0")


def test_what_is_printed_to_nobody_does_not_block(board):
    board.put(
        {"main.py": "for i in range(20000):\n    print(i, 'to nobody')\n"}
    )
    board.restart()
    board.wait_for("19999 to nobody")
    assert "5000 to nobody" not in board.exec("print('after')")


def test_mpremote_exec_and_run(board, tmp_path):
    assert board.mpremote("exec", "print(6 * 7)").stdout.strip() == "42"
    script = tmp_path / "script.py"
    script.write_text("print('from a file')\n")
    assert board.mpremote("run", script).stdout.strip() == "from a file"


def test_mpremote_fs_verbs(board, tmp_path):
    local = tmp_path / "data.bin"
    local.write_bytes(bytes(range(256)) * 40)
    board.mpremote("fs", "mkdir", ":folder")
    board.mpremote("fs", "cp", local, ":folder/data.bin")
    listing = board.mpremote("fs", "ls", ":folder").stdout
    assert "10240 data.bin" in listing
    back = tmp_path / "back.bin"
    board.mpremote("fs", "cp", ":folder/data.bin", back)
    assert back.read_bytes() == local.read_bytes()
    board.mpremote("fs", "rm", ":folder/data.bin")
    board.mpremote("fs", "rmdir", ":folder")
    assert "folder" not in board.mpremote("fs", "ls").stdout


def test_mpremote_copies_a_tree(board, tmp_path):
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "a.py").write_text("A = 1\n")
    (tree / "sub" / "b.py").write_text("B = 2\n")
    board.mpremote("fs", "cp", "-r", tree, ":")
    out = board.exec("import tree.a, tree.sub.b as b; print(tree.a.A + b.B)")
    assert out.strip() == "3"


def test_mpremote_mount(board, tmp_path):
    (tmp_path / "mounted.py").write_text("print('imported over the line')\n")
    done = board.mpremote(
        "mount", tmp_path, "exec", "import mounted, os; print(os.getcwd())"
    )
    assert "imported over the line" in done.stdout
    assert "/remote" in done.stdout


def test_mpremote_resets(board):
    board.exec("x = 1")
    board.mpremote("soft-reset")
    with pytest.raises(BoardError, match="NameError"):
        board.exec("x")
    end = len(board.console())
    board.mpremote("reset")
    board.wait_for("SW_CPU_RESET", after=end)
    assert board.exec("print('back')") == "back\n"


def test_mpremote_repl(board):
    person, terminal = pty.openpty()
    tty.setraw(terminal)
    repl = subprocess.Popen(
        [sys.executable, "-m", "mpremote", "connect", board.pty, "repl"],
        env=dict(os.environ, PYTHONPATH=str(MPREMOTE)),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    try:
        read_until(person, b"exit this shell")
        os.write(person, b"print(2 ** 70)\r")
        read_until(person, b"1180591620717411303424")
        os.write(person, b"\x1d")  # Ctrl-]
        assert repl.wait(10) == 0
    finally:
        repl.kill()
        repl.wait()
        os.close(person)
        os.close(terminal)


def read_until(fd, wanted, timeout=10):
    got = b""
    end = time.monotonic() + timeout
    while wanted not in got:
        ready, _, _ = select.select([fd], [], [], end - time.monotonic())
        assert ready, "%r did not come, only %r" % (wanted, got)
        got += os.read(fd, 1000)


def test_opening_the_line_resets_nothing(board):
    board.exec("kept = 'still here'")
    for _ in range(3):
        fd = os.open(board.pty, os.O_RDWR | os.O_NOCTTY)
        os.close(fd)
    assert board.exec("print(kept)") == "still here\n"


def test_sigterm_switches_off_in_order(board):
    process, link = board.process, board.link
    process.terminate()
    assert process.wait(5) == 0
    assert not link.is_symlink()
    assert not board.control_path.exists()


def run_board(*args):
    program = ROOT / "build/board/board"
    return subprocess.run(
        [str(program), *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=10,
    )


def test_help_lists_every_option():
    done = run_board("--help")
    assert done.returncode == 0
    for option in "image flash heap stack unique-id link log control".split():
        assert "--" + option in done.stdout
    assert "twice as wide" in done.stdout


@pytest.mark.parametrize(
    "args, sentence",
    [
        (["--flash", "2Q"], "--flash 2Q is not a size"),
        (["--flash", "5000"], "--flash 5000 is not a flash size"),
        (["--heap", "lots"], "--heap lots is not a heap"),
        (["--heap", "1K"], "--heap 1K is too small"),
        (["--stack", "1"], "--stack 1 is not a stack size"),
        (["--unique-id", "xyz"], "--unique-id xyz is not an id"),
        (["--nonsense"], "--nonsense is not an option"),
        (["--flash"], "--flash is not an option, or lacks its value"),
        (["word"], "word is not an option"),
    ],
)
def test_a_wrong_command_line_ends_in_one_sentence(args, sentence):
    done = run_board(*args)
    assert done.returncode == 2
    assert done.stderr.startswith("board: " + sentence)
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_no_image_is_left_alone(tmp_path):
    image = tmp_path / "image"
    image.write_text("precious")
    done = run_board("--image", str(image))
    assert done.returncode == 1
    assert "is not a flash image" in done.stderr
    assert image.read_text() == "precious"


@pytest.mark.parametrize("option", ["--link", "--control"])
def test_a_file_in_the_way_is_left_alone(tmp_path, option):
    path = tmp_path / "file"
    path.write_text("precious")
    done = run_board(
        "--image", str(tmp_path / "image"), "--quiet", option, str(path)
    )
    assert done.returncode == 1
    assert done.stderr.startswith("board: cannot ")
    assert path.read_text() == "precious"


def test_threads_take_turns(board):
    out = board.exec(
        "import _thread, time\n"
        "n = [0]\n"
        "def work():\n"
        "    for i in range(1000):\n"
        "        n[0] += 1\n"
        "for i in range(3):\n"
        "    _thread.start_new_thread(work, ())\n"
        "time.sleep(0.5)\n"
        "print(n[0])\n"
    )
    assert out.strip() == "3000"


def test_stdin_can_be_polled(board):
    out = board.exec(
        "import sys, select, time\n"
        "p = select.poll()\n"
        "p.register(sys.stdin, select.POLLIN)\n"
        "t = time.ticks_ms()\n"
        "print(p.poll(50), time.ticks_diff(time.ticks_ms(), t) >= 50)\n"
    )
    assert out.strip() == "[] True"


def test_a_board_at_rest_costs_no_cpu(board):
    time.sleep(0.3)
    before = sum(os.times()[2:4]), cpu_seconds(board.process.pid)
    time.sleep(1)
    assert cpu_seconds(board.process.pid) - before[1] < 0.05


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
