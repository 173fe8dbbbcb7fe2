# SPDX-License-Identifier: MIT
"""The module machine: resets and their causes, watchdog, timers, clock."""

import pytest

CAUSE = "import machine; print(machine.reset_cause())"
POWER_ON, HARD, WATCHDOG, DEEPSLEEP, SOFT = 1, 2, 3, 4, 5

# Writes down the cause of each boot, before anything can reset it softly.
MAIN = """
import machine
with open("causes", "a") as f:
    f.write("%d " % machine.reset_cause())
print("booted")
"""


@pytest.fixture
def witness(board):
    """A board that keeps the causes of its boots; the first is forgotten."""
    board.put({"main.py": MAIN, "causes": ""})
    return board


def causes(board):
    return [int(word) for word in board.read("causes").split()]


def test_constants_are_an_esp32s(shared_board):
    out = shared_board.exec(
        "from machine import *\n"
        "print(PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET)"
    )
    assert out.split() == ["1", "2", "3", "4", "5"]


def test_a_power_cycle_is_power_on(witness):
    end = len(witness.console())
    witness.restart()
    witness.wait_for("booted", after=end)
    assert causes(witness) == [POWER_ON]


def test_machine_reset_is_a_hard_reset_and_keeps_the_pty(witness):
    end, pty = len(witness.console()), witness.pty
    witness.mpremote("reset")
    witness.wait_for("booted", after=end)
    assert causes(witness) == [HARD]
    assert witness.pty == pty


def test_a_soft_reset_is_one(witness):
    end = len(witness.console())
    witness.exec("pass", soft_reset=True)
    # Raw REPL skips main.py; a friendly one runs it.
    assert witness.exec(CAUSE).strip() == str(SOFT)
    assert "MPY: soft reboot" in witness.console()[end:]


def test_machine_soft_reset_in_main_py_runs_it_again(witness):
    witness.put(
        {"main.py": MAIN + "if machine.reset_cause() != 5: machine.soft_reset()"}
    )
    end = len(witness.console())
    witness.restart()
    end = witness.wait_for("booted", after=end)
    end = witness.wait_for("soft reboot", after=end)
    witness.wait_for("booted", after=end)
    assert causes(witness) == [POWER_ON, SOFT]


def test_the_reset_button_is_power_on(witness):
    end = len(witness.console())
    assert witness.control("reset") == "ok"
    witness.wait_for("booted", after=end)
    assert causes(witness) == [POWER_ON]


def test_deepsleep_wakes_by_a_reset(witness):
    end = len(witness.console())
    witness.mpremote(
        "exec", "--no-follow", "import machine; machine.deepsleep(300)"
    )
    witness.wait_for("DEEPSLEEP_RESET", after=end)
    witness.wait_for("booted", after=end)
    assert causes(witness) == [DEEPSLEEP]


@pytest.mark.parametrize(
    "hang",
    [
        "while True:\n    pass",
        "import time\ntime.sleep(1000)",
        "import socket\ns = socket.socket(2, 2)\n"
        "s.bind(('127.0.0.1', 0))\ns.recv(1)",
        "import micropython\nmicropython.kbd_intr(-1)\nwhile True:\n    pass",
    ],
    ids=["busy", "asleep", "blocked-in-c", "no-ctrl-c"],
)
def test_the_watchdog_resets_what_hangs(witness, hang):
    end = len(witness.console())
    witness.mpremote(
        "exec",
        "--no-follow",
        "import machine\nmachine.WDT(timeout=300)\n" + hang,
    )
    witness.wait_for("watchdog", timeout=5, after=end)
    witness.wait_for("booted", after=end)
    assert causes(witness) == [WATCHDOG]


def test_a_crash_of_native_code_is_a_hard_reset(witness):
    end = len(witness.console())
    witness.mpremote(
        "exec", "--no-follow", "import uctypes; uctypes.bytearray_at(0, 4)[0]"
    )
    end = witness.wait_for("Guru Meditation Error: SEGV", after=end)
    witness.wait_for("booted", after=end)
    assert causes(witness) == [HARD]


def test_a_fed_watchdog_does_nothing(board):
    out = board.exec(
        "import machine, time\n"
        "w = machine.WDT(timeout=300)\n"
        "for i in range(10):\n"
        "    time.sleep_ms(100)\n"
        "    w.feed()\n"
        "print('alive')\n"
    )
    assert out.strip() == "alive"


def test_the_watchdog_lives_through_a_soft_reset(witness):
    end = len(witness.console())
    witness.exec("import machine\nmachine.WDT(timeout=1500)")
    witness.exec("pass", soft_reset=True)
    witness.wait_for("watchdog", timeout=5, after=end)


def test_unique_id_is_given(boards):
    code = "import machine; print(machine.unique_id().hex())"
    assert boards("a").exec(code).strip() == "840d8ed29760"
    other = boards("b", options=["--unique-id", "0011AAbbccdd"])
    assert other.exec(code).strip() == "0011aabbccdd"


def test_timers_call_back(board):
    out = board.exec(
        "import machine, time\n"
        "ticks = []\n"
        "t = machine.Timer(0, period=50, callback=lambda t: ticks.append(1))\n"
        "o = machine.Timer(1)\n"
        "o.init(mode=machine.Timer.ONE_SHOT, period=20,\n"
        "       callback=lambda t: print('once'))\n"
        "time.sleep(0.52)\n"
        "t.deinit()\n"
        "n = len(ticks)\n"
        "time.sleep(0.2)\n"
        "print(8 <= n <= 10, len(ticks) == n)\n"
    )
    assert out == "once\nTrue True\n"


def test_a_timer_interrupts_a_busy_loop(board):
    out = board.exec(
        "import machine\n"
        "done = []\n"
        "machine.Timer(2, mode=0, period=30, callback=done.append)\n"
        "while not done:\n"
        "    pass\n"
        "print(done[0])\n"
    )
    assert out.startswith("Timer(2")


def test_pins_keep_their_level(board):
    out = board.exec(
        "from machine import Pin\n"
        "p = Pin(2, Pin.OUT, value=1)\n"
        "print(p.value(), Pin(2)(), end=' ')\n"
        "p.off(); print(p(), end=' ')\n"
        "p(1); print(p.value(), Pin(4, Pin.IN, Pin.PULL_UP)())\n"
        "try:\n"
        "    Pin(24)\n"
        "except ValueError as e:\n"
        "    print(e)\n"
    )
    assert out == "1 1 0 1 1\ninvalid pin\n"


def test_the_clock_starts_in_2000_and_runs_through_resets(board):
    get = "import machine; print(machine.RTC().datetime()[0])"
    assert board.exec(get).strip() == "2000"
    board.exec("import machine; machine.RTC().datetime((2031,5,6,0,7,8,9,0))")
    assert "(2031, 5, 6, 7, 8" in board.exec("import time; print(time.gmtime())")
    end = len(board.console())
    board.mpremote("reset")
    board.wait_for(">>> ", after=end)
    assert board.exec(get).strip() == "2031"
    board.restart()
    assert board.exec(get).strip() == "2000"


def test_rtc_memory_is_lost_with_power_only(board):
    board.exec("import machine; machine.RTC().memory(b'kept')")
    end = len(board.console())
    board.mpremote("reset")
    board.wait_for(">>> ", after=end)
    get = "import machine; print(machine.RTC().memory())"
    assert board.exec(get).strip() == "b'kept'"
    board.restart()
    assert board.exec(get).strip() == "b''"


@pytest.mark.parametrize(
    "sleep", ["sleep(0.7)", "sleep_ms(700)", "sleep_us(700000)"]
)
def test_sleep_lasts_as_long_as_asked(board, sleep):
    """Also when interrupts come meanwhile."""
    out = board.exec(
        "import machine, time\n"
        "machine.Timer(0, period=10, callback=lambda t: None)\n"
        "t = time.ticks_ms()\n"
        "time.%s\n"
        "print(time.ticks_diff(time.ticks_ms(), t))\n" % sleep
    )
    assert 699 <= int(out) < 2000
