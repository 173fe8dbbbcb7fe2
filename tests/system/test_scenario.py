# SPDX-License-Identifier: MIT
"""Scenario files: what they can say, what is wrong with them, what is traced."""

import json
import re
import subprocess

import pytest

from lib import scenarios
from lib.boards import ROOT, BoardError

MEASURE = """
from machine import I2C, Pin
import time
bus = I2C(0, scl=Pin(22), sda=Pin(21))
def celsius():
    try:
        bus.writeto(0x40, b'\\xf3')
        time.sleep_ms(50)
        d = bus.readfrom(0x40, 3)
    except OSError as e:
        return e.errno
    return round(((d[0] << 8 | d[1]) & ~3) * 175.72 / 65536 - 46.85, 1)
def at(s):
    time.sleep_ms(max(0, int(s * 1000) - 300 - time.ticks_ms()))
    return celsius()
"""


@pytest.fixture
def scenario(boards, tmp_path):
    """A function that starts a board with these devices, with MEASURE."""

    def start(devices, *more):
        words = scenarios.options(tmp_path, devices)
        board = boards(options=words + list(more))
        board.exec(MEASURE)
        return board

    return start


def refusal(boards, tmp_path, text):
    """What a board says of a scenario."""
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(BoardError) as caught:
        boards(options=["--scenario", str(path)])
    said = str(caught.value)
    start = "the board did not start: board: %s: " % path
    assert said.startswith(start), said
    return said[len(start) :]


def climate(**more):
    return {"climate": dict(scenarios.CLIMATE, **more)}


@pytest.mark.parametrize(
    "source, values",
    [
        (20, [20.0, 20.0, 20.0]),
        ({"ramp": [20, 30], "seconds": 10}, [21.1, 25.1, 30.0]),
        ({"saw": [20, 30], "seconds": 4}, [22.6, 22.6, 20.1]),
        ({"sine": 20, "amplitude": 5, "seconds": 4}, [25.0, 25.0, 20.4]),
        ({"table": [[0, 20], [3, -10.5]]}, [20.0, -10.5, -10.5]),
        ({"lines": [[0, 20], [10, 30]]}, [21.1, 25.1, 30.0]),
    ],
    ids=["constant", "ramp", "saw", "sine", "table", "lines"],
)
def test_values_over_time(scenario, source, values):
    board = scenario(climate(temperature=source))
    out = board.exec("print([at(s) for s in (1, 5, 20)])")
    assert [abs(a - b) < 0.11 for a, b in zip(json.loads(out), values)] == [
        True
    ] * 3, out


def test_faults_begin_and_end_at_their_times(scenario):
    board = scenario(climate(faults={"nack": [[2, 4]], "unplugged": [[6, 8], [9, 10]]}))
    out = board.exec("print([at(s) for s in (1, 3, 5, 7, 8.5, 9.5, 11)])")
    assert out == "[24.7, 19, 24.7, 19, 24.7, 19, 24.7]\n"


def test_faults_from_the_start_and_by_hand(scenario):
    board = scenario(climate(faults={"nack": True}))
    assert board.exec("print(celsius())") == "19\n"
    assert board.control("show climate") == "faults: nack"
    assert board.control("fault climate nack off") == "ok"
    assert board.exec("print(celsius())") == "24.7\n"
    assert board.control("set climate temperature -3.5") == "ok"
    assert board.exec("print(celsius())") == "-3.5\n"
    assert board.control("devices") == "climate htu21d"


@pytest.mark.parametrize(
    "command, answer",
    [
        ("fault climate nack", "error: write it like: fault climate nack on"),
        ("fault attic nack on", "error: no device is called attic; see devices"),
        (
            "fault climate noise on",
            "error: a htu21d has these faults: nack, crc, stuck, stretch, "
            "unplugged, slow",
        ),
        ("set climate", "error: write it like: set climate temperature 21.5"),
        (
            "set climate scl 3",
            "error: it has no number of that name; see docs/board.md",
        ),
        ("set climate humidity 101", "error: out of its range; see docs/board.md"),
        ("show attic", "error: no device is called attic; see devices"),
    ],
)
def test_wrong_commands_say_what_to_do(scenario, command, answer):
    assert scenario(climate()).control(command) == answer


def test_time_goes_on_through_a_reset(scenario):
    board = scenario(climate(temperature={"table": [[0, 20], [60, 30]]}))
    assert board.exec("time.sleep(61); print(celsius())") == "30.0\n"
    end = len(board.console())
    board.mpremote("reset")
    board.wait_for(">>> ", after=end)
    assert board.exec(MEASURE + "time.sleep_ms(15)\nprint(celsius())") == "30.0\n"


WRONG = {
    "": "line 1: the file ends too early",
    "[]": 'line 1: a scenario is an object: {"devices": {...}}',
    '{"device": {}}': 'line 1: a scenario has one key, "devices", an object of '
    'names; not "device"',
    '{\n"devices": {"a": {"type": "bmp280"}}}': 'line 2: "bmp280" is not a type; '
    "it is one of analog, i2s, button, sn74hc595, htu21d, mcp3202, sds011",
    '{"devices": {\n"a": {}}}': 'line 2: "a" needs a "type": one of analog, i2s, '
    "button, sn74hc595, htu21d, mcp3202, sds011",
    '{"devices": {"a":\n{"type": "htu21d", "scl": 22}}}': 'line 2: "a" lacks '
    '"sda": the GPIO at that pin',
    '{"devices": {"a": {"type": "analog",\n"pin": 24}}}': "line 2: pin is 24, but "
    "an ESP32 has no such GPIO",
    '{"devices": {"a": {"type": "analog",\n"pin": "A0"}}}': "line 2: pin is a "
    "number, not a string",
    '{"devices": {"a": {"type": "analog", "pin": 34,\n"volts": 5}}}': "line 2: "
    "volts is 5; it must be from 0 to 3.6",
    '{"devices": {"a": {"type": "analog", "pin": 34,\n"volts": {"ramp": [0, 1]}'
    "}}}": 'line 2: "seconds", more than 0, is missing',
    '{"devices": {"a": {"type": "analog", "pin": 34,\n"volts": {"table": '
    "[[1, 1], [0, 0]]}}}}": "line 2: a table is a list of [seconds, value], in order",
    '{"devices": {"a": {"type": "analog", "pin": 34,\n"volts": {"wave": 1}}}}': "line "
    '2: volts is a number or an object that begins with "ramp", "saw", "sine", '
    '"table" or "lines"',
    '{"devices": {"a": {"type": "analog", "pin": 34,\n\n"colour": 1}}}': "line 3: a "
    'analog has no "colour"; see docs/board.md',
    '{"devices": {"a": {"type": "button", "pin": 4,\n"pressed": [[2, 1]]}}}': "line "
    '2: "pressed" is a list of spans [from, to] in seconds, in order',
    '{"devices": {"a": {"type": "button", "pin": 4,\n"faults": {"nack": true}}}}': "line "
    '2: "nack" is not a fault of a button; it has: unplugged',
    '{"devices": {"a": {"type": "i2s",}}}': "line 1: a comma with nothing behind it; "
    "take it away",
    '{"devices": {"a": 1, "a": 2}}': 'line 1: the key "a" is there twice; keep one',
    '{"devices": {}} x': "line 1: something behind the end; take it away",
    '{"devices" 1}': "line 1: expected ':' behind the key, found '1'",
    '{"devices": {"a b": {"type": "analog", "pin": 34}}}': "line 1: a device's name is "
    "one word",
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_a_wrong_scenario_is_refused_with_its_line(boards, tmp_path, text):
    assert refusal(boards, tmp_path, text) == WRONG[text]


def test_a_scenario_that_is_not_there(boards, tmp_path):
    with pytest.raises(BoardError, match="cannot read .*none.json: No such file"):
        boards(options=["--scenario", str(tmp_path / "none.json")])


def parse_vcd(text):
    """A strict reader: {name: [(ns, value)]}. Raises ValueError."""
    head, _, body = text.partition("$enddefinitions $end\n")
    names = {}
    pattern = r"\$var (wire 1|real 64) (\S{1,2}) (\w+) \$end"
    for line in head.splitlines():
        found = re.fullmatch(pattern, line)
        if found:
            names[found[2]] = found[3]
        elif line not in (
            "$timescale 1 ns $end",
            "$scope module board $end",
            "$upscope $end",
        ):
            raise ValueError(line)
    changes = {name: [] for name in names.values()}
    now = -1
    for line in body.splitlines():
        if line in ("$dumpvars", "$end"):
            continue
        change = re.fullmatch(r"([01])(\S)|r(\S+) (\S\S)", line)
        if line[0] == "#":
            if int(line[1:]) <= now:
                raise ValueError("time goes back: " + line)
            now = int(line[1:])
        elif change:
            value = int(change[1]) if change[1] else float(change[3])
            changes[names[change[2] or change[4]]].append((now, value))
        else:
            raise ValueError(line)
    return changes


def test_pins_and_pwm_are_traced(boards, tmp_path):
    path = tmp_path / "trace.vcd"
    board = boards(options=["--fast", "--vcd", str(path)])
    board.exec(
        "from machine import *\n"
        "import time\n"
        "p = Pin(2, Pin.OUT, value=0)\n"
        "for i in range(6):\n"
        "    p.toggle()\n"
        "    time.sleep_ms(1)\n"
        "w = PWM(Pin(4), freq=1000, duty_u16=16384)\n"
        "time.sleep_us(10100)\n"
        "w.duty_u16(0)\n"
        "SPI(2, 1000000).write(b'\\xa5')\n"
        "time.sleep(1)\n"
    )
    changes = parse_vcd(path.read_text())
    gpio2 = changes["gpio2"]
    assert [value for _, value in gpio2] == [0, 1, 0, 1, 0, 1, 0]
    steps = [b[0] - a[0] for a, b in zip(gpio2[1:], gpio2[2:])]
    assert all(1000000 <= step < 1010000 for step in steps)
    pulses = changes["gpio4"][1:]
    assert [value for _, value in pulses] == [1, 0] * 11
    assert [b[0] - a[0] for a, b in zip(pulses, pulses[1:])][:4] == [
        250000,
        750000,
        250000,
        750000,
    ]
    # A channel starts with a duty of a half.
    assert [value for _, value in changes["gpio4_pwm_duty"]] == [0, 0.5, 0.25, 0]
    assert [value for _, value in changes["gpio4_pwm_hz"]] == [0, 1000, 1000, 1000]
    # Eight clocks of a microsecond, and MOSI at their rising edges.
    clock = changes["gpio18"][1:]
    rises = [ns for ns, value in clock if value == 1]
    assert [b - a for a, b in zip(rises, rises[1:])] == [1000] * 7
    mosi = changes["gpio23"]
    bits = [[v for t, v in mosi if t <= rise][-1] for rise in rises]
    assert bits == [1, 0, 1, 0, 0, 1, 0, 1]
    assert subprocess.run(
        ["vcd2fst", str(path), str(tmp_path / "trace.fst")], capture_output=True
    ).returncode == 0


def test_a_trace_that_cannot_be_written(boards):
    with pytest.raises(BoardError, match="cannot write /nowhere/x.vcd: No such"):
        boards(options=["--vcd", "/nowhere/x.vcd"])


def test_control_py_knows_the_commands(scenario):
    board = scenario(climate())
    tool = [str(ROOT / "tools/control.py"), str(board.control_path)]
    run = subprocess.run(tool + ["fault", "climate", "crc", "on"], capture_output=True)
    assert (run.stdout, run.returncode) == (b"ok\n", 0)
    run = subprocess.run(tool + ["show", "climate"], capture_output=True)
    assert run.stdout == b"faults: crc\n"
