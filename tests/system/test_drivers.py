# SPDX-License-Identifier: MIT
"""Every driver against the model of its device, healthy and with each fault:
the right value, or the right error in bounded time, and a bus that works
afterwards. The models share no code with the drivers."""

import socket
import subprocess
import time

import pytest

from lib import scenarios
from lib.boards import Board
from lib.installed import install
from lib.ports import free_port

DEVICES = {
    "climate": dict(scenarios.CLIMATE, humidity=45),
    "dust": scenarios.DUST,
    "volts": scenarios.VOLTS,
    "lamps": scenarios.LAMPS,
    "button": {"type": "button", "pin": 33, "active": 1, "pressed": [[5, 6]]},
}

SETUP = """
import asyncio, time
from machine import I2C, SoftI2C, Pin, UART

def took(coroutine):
    "What it gave or raised, and the seconds it took."
    start = time.ticks_ms()
    async def call():
        try:
            return await asyncio.wait_for(coroutine, 300)
        except OSError as e:
            return 'errno %d: %s' % (e.errno, e.args[-1])
    got = asyncio.run(call())
    return got, time.ticks_diff(time.ticks_ms(), start) / 1000
"""

HTU21D = """
from mpy_blox.sensor.htu21d import HTU21D
hard = HTU21D(I2C(0, scl=Pin(22), sda=Pin(21)))
soft = HTU21D(SoftI2C(scl=Pin(22), sda=Pin(21)))
"""

NOVA_PM = """
from mpy_blox.sensor.nova_pm import NovaPM
pm = NovaPM(UART(2))
pm.start()
"""


def installed(folder, devices, fast=True, more=()):
    """A board with the library and these devices."""
    install(folder)
    return Board(
        folder, options=scenarios.options(folder, devices, fast) + list(more)
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A board with one of everything; a test leaves it without faults."""
    folder = tmp_path_factory.mktemp("drivers")
    with installed(folder, DEVICES) as board:
        board.exec(SETUP + HTU21D + NOVA_PM)
        yield board


@pytest.fixture
def board_with(tmp_path):
    """A function that starts a board of its own with these devices."""
    started = []

    def start(devices, fast=True, more=()):
        board = installed(tmp_path / "own", devices, fast, more)
        started.append(board)
        board.start().exec(SETUP)
        return board

    yield start
    for board in started:
        board.stop()


def took(board, call):
    """What an awaitable gave, and its seconds."""
    return eval(board.exec("print(repr(took(%s)))" % call))


# HTU21D


@pytest.mark.parametrize("bus", ["hard", "soft"])
def test_htu21d_reads_what_there_is(shared, bus):
    for celsius, percent in ((24.7, 45), (-39.5, 3), (110, 98), (0, 50)):
        shared.control("set climate temperature %g" % celsius)
        shared.control("set climate humidity %g" % percent)
        (temperature, humidity), seconds = took(shared, bus + ".read()")
        # A step is 0.0107 degrees and 0.0305 %; hundredths round once more.
        assert abs(temperature - celsius) < 0.02
        assert abs(humidity - percent) < 0.04
        assert seconds < 0.1
    shared.control("set climate temperature 24.7")
    shared.control("set climate humidity 45")


def test_htu21d_changes_its_settings(shared):
    for bits, degrees, percent in ((8, 0.05, 0.5), (10, 0.03, 0.13), (11, 0.1, 0.07)):
        assert took(shared, "hard.set_resolution(%d)" % bits)[0] is None
        assert took(shared, "hard.resolution()")[0] == bits
        (temperature, humidity), _ = took(shared, "hard.read()")
        assert abs(temperature - 24.7) < degrees and abs(humidity - 45) < percent
    took(shared, "hard.set_heater(True)")
    assert took(shared, "hard.read()")[0][0] > 25.2
    took(shared, "hard.reset()")  # leaves the heater on
    assert took(shared, "hard.resolution()")[0] == 12
    took(shared, "hard.set_heater(False)")
    assert abs(took(shared, "hard.read()")[0][0] - 24.7) < 0.02
    assert took(shared, "hard.battery_low()")[0] is False
    shared.control("set climate supply 2.1")
    took(shared, "hard.read()")
    assert took(shared, "hard.battery_low()")[0] is True
    shared.control("set climate supply 3.3")


@pytest.mark.parametrize("bus", ["hard", "soft"])
@pytest.mark.parametrize(
    "fault, error, seconds",
    [
        ("nack", "errno 19: htu21d: the sensor at address 0x40 of ", 0.1),
        ("unplugged", "errno 19: htu21d: the sensor at address 0x40 of ", 0.1),
        ("stuck", "errno 110: htu21d: the sensor at address 0x40 of ", 0.5),
        ("stretch", "errno 110: htu21d: the sensor at address 0x40 of ", 0.5),
        ("crc", "errno 5: htu21d: the sensor at address 0x40 of ", 0.2),
        ("slow", "errno 19: htu21d: the sensor at address 0x40 of ", 0.5),
    ],
)
def test_htu21d_faults(shared, bus, fault, error, seconds):
    shared.control("fault climate %s on" % fault)
    got, passed = took(shared, bus + ".read()")
    shared.control("fault climate %s off" % fault)
    if (bus, fault) == ("soft", "stuck"):
        # To software a line held low acknowledges; zeros come, CRC and all.
        error = "errno 5: htu21d: the sensor at address 0x40 of "
    assert got.startswith(error), got
    assert passed < seconds
    # A measurement that was begun may still run.
    shared.exec("time.sleep_ms(1100)")
    if (bus, fault) == ("soft", "stretch"):
        took(shared, bus + ".read()")  # frees a bus left in mid-byte
        shared.exec("time.sleep_ms(100)")
    (temperature, _), _ = took(shared, bus + ".read()")
    assert abs(temperature - 24.7) < 0.02


def test_htu21d_unplugged_in_the_middle_and_plugged_back(board_with):
    devices = {"climate": dict(scenarios.CLIMATE, faults={"unplugged": [[5.03, 8]]})}
    board = board_with(devices)
    board.exec(HTU21D)
    out = board.exec(
        "seen = []\n"
        "async def watch():\n"
        "    await asyncio.sleep_ms(5000 - 300 - time.ticks_ms())\n"
        "    for i in range(8):\n"
        "        try:\n"
        "            seen.append(int((await hard.read())[0]))\n"
        "        except OSError as e:\n"
        "            seen.append(-e.errno)\n"
        "        await asyncio.sleep(1)\n"
        "asyncio.run(watch())\n"
        "print(seen)\n"
    )
    assert out == "[-19, -19, -19, 24, 24, 24, 24, 24]\n"


# Nova PM


def test_nova_pm_reads_and_asks(shared):
    values, seconds = took(shared, "pm.read()")
    assert values == (12.3, 45.6) and seconds <= 1.1
    took(shared, "pm.set_active(False)")
    assert took(shared, "pm.is_active()")[0] is False
    error, seconds = took(shared, "pm.read()")
    assert error.startswith("errno 110: nova_pm: ") and 4.9 < seconds < 5.5
    shared.control("set dust pm2_5 999.9")
    assert took(shared, "pm.query()")[0] == (999.9, 45.6)
    shared.control("set dust pm2_5 12.3")
    took(shared, "pm.set_active(True)")
    assert took(shared, "pm.read()")[0] == (12.3, 45.6)


@pytest.mark.parametrize("call", ["pm.read()", "pm.query()"])
def test_nova_pm_gives_no_old_values(shared, call):
    took(shared, "pm.read()")
    shared.exec("time.sleep(3600)")  # the UART is full of reports
    shared.control("set dust pm10 99")
    assert took(shared, call)[0] == (12.3, 99)
    shared.control("set dust pm10 45.6")
    shared.exec("time.sleep(5)")
    assert took(shared, call)[0] == (12.3, 45.6)


def test_nova_pm_sleeps_and_works(shared):
    took(shared, "pm.sleep()")
    assert shared.control("show dust").startswith("asleep")
    error, seconds = took(shared, "pm.query()")
    assert error.startswith("errno 110: nova_pm: ") and seconds < 5
    took(shared, "pm.work()")
    assert took(shared, "pm.is_working()")[0] is True
    assert took(shared, "pm.read()")[0] == (12.3, 45.6)


def test_nova_pm_changes_its_settings(shared):
    assert took(shared, "pm.firmware_version()")[0] == (2015, 7, 10)
    took(shared, "pm.set_working_period(2)")
    assert took(shared, "pm.working_period()")[0] == 2
    _, seconds = took(shared, "pm.read()")
    assert seconds < 31
    _, seconds = took(shared, "pm.read()")
    assert 119 < seconds < 121
    took(shared, "pm.set_working_period(0)")
    took(shared, "pm.set_device_id(0x1234)")
    assert shared.control("show dust").endswith("period 0 min, id 1234")
    assert took(shared, "pm.query()")[0] == (12.3, 45.6)
    took(shared, "pm.set_device_id(0xa160)")


def test_nova_pm_finds_frames_in_noise(shared):
    shared.control("fault dust noise on")
    for _ in range(5):
        values, seconds = took(shared, "pm.read()")
        assert values == (12.3, 45.6) and seconds < 4
    assert took(shared, "pm.query()")[0] == (12.3, 45.6)
    shared.control("fault dust noise off")
    assert took(shared, "pm.read()")[0] == (12.3, 45.6)


@pytest.mark.parametrize("fault", ["checksum", "unplugged"])
def test_nova_pm_faults(shared, fault):
    shared.control("fault dust %s on" % fault)
    for call, limit in (("pm.read()", 6), ("pm.query()", 5), ("pm.sleep()", 5)):
        error, seconds = took(shared, call)
        assert error.startswith("errno 110: nova_pm: the sensor on UART(2"), error
        assert seconds < limit
    shared.control("fault dust %s off" % fault)
    took(shared, "pm.work()")
    assert took(shared, "pm.read()")[0] == (12.3, 45.6)


def test_nova_pm_slow_to_answer(shared):
    """An answer of the first try may come during the second."""
    shared.control("fault dust slow on")
    got, seconds = took(shared, "pm.firmware_version()")
    shared.control("fault dust slow off")
    assert seconds < 5 and (got == (2015, 7, 10) or got.startswith("errno 110"))
    shared.exec("time.sleep(4)")
    assert took(shared, "pm.query()")[0] == (12.3, 45.6)


# MCP3202

MCP3202 = """
from mpy_blox.sensor.adc.mcp3202 import MCP3202
adc = MCP3202(Pin(13), Pin(12), Pin(14), Pin(15, Pin.OUT))
"""


def test_mcp3202_reads(shared):
    out = shared.exec(
        MCP3202 + "print(adc.read(0), adc.read(1), adc.read(0, True), adc.read(1, True))"
    )
    assert out == "2048 1024 1024 0\n"
    for volts in (0, 0.0008, 3.2992, 3.3):
        shared.control("set volts ch0 %g" % volts)
        code = min(4095, int(4096 * volts / 3.3))
        assert shared.exec("print(adc.read(0))") == "%d\n" % code
    shared.control("set volts ch0 1.65")


def test_mcp3202_unplugged(shared):
    shared.exec(MCP3202)
    shared.control("fault volts unplugged on")
    out = shared.exec(
        "try:\n    adc.read(0)\nexcept OSError as e:\n    print(e.errno, e.args[1])\n"
    )
    assert out.startswith("5 mcp3202: no chip answers on SPI(id=1")
    shared.control("fault volts unplugged off")
    assert shared.exec("print(adc.read(0))") == "2048\n"


STREAM = """
import micropython
from mpy_blox.sensor.adc import stream
from machine import Timer

class Locked:
    "A timer whose callback runs with the heap locked, as a hard interrupt's."
    def __init__(self, number):
        self.timer = Timer(number)
    def init(self, freq, callback):
        def tick(timer):
            micropython.heap_lock()
            try:
                callback(timer)
            finally:
                micropython.heap_unlock()
        self.timer.init(freq=freq, callback=tick)
    def deinit(self):
        self.timer.deinit()

stream.Timer = Locked

async def sample(rate, count):
    taken, last, run, steps = 0, None, 0, 0
    runs = set()  # how often in a row a code came; not the first and last
    start = time.ticks_us()
    async for code in adc.read_sample_stream(0, rate, count):
        taken += 1
        run += 1
        if code != last:
            if steps > 1:
                runs.add(run - 1)
            if last is not None and code != last + 1:
                runs.add('%d after %d' % (code, last))
            last, run = code, 1
            steps += 1
    us = time.ticks_diff(time.ticks_us(), start)
    print(repr((taken, us, steps, sorted(runs))))
"""


def test_a_minute_at_10_khz_loses_no_sample_and_allocates_nothing(board_with):
    """The voltage climbs one code every 292.97 samples: one that is lost or
    doubled makes a run of another length."""
    volts = dict(scenarios.VOLTS, ch0={"ramp": [0, 3.3], "seconds": 120})
    board = board_with({"volts": volts})
    board.exec(MCP3202 + STREAM)
    out = board.exec("asyncio.run(sample(10000, 600000))", timeout=120)
    taken, us, steps, runs = eval(out)
    assert taken == 600000
    assert 59990000 < us < 60010000
    assert steps in (2048, 2049)
    assert runs in ([292, 293], [293])


def test_a_stream_that_is_not_emptied_says_so(shared):
    shared.exec(MCP3202)
    out = shared.exec(
        "async def main():\n"
        "    n = 0\n"
        "    try:\n"
        "        async for code in adc.read_sample_stream(0, 1000, 500, ring_buf_len=50):\n"
        "            n += 1\n"
        "            time.sleep_ms(3)\n"
        "    except RuntimeError as e:\n"
        "        print(e)\n"
        "asyncio.run(main())\n"
    )
    assert out.startswith("adc: overrun after ")


# SN74HC595


def test_shift_register(shared):
    shared.exec(
        "from mpy_blox.serial.shift_register import SN74HC595\n"
        "r = SN74HC595(Pin(23), Pin(18), Pin(5, Pin.OUT), 2, 2,\n"
        "              oe=Pin(4, Pin.OUT, value=0), srclr=Pin(2, Pin.OUT))\n"
        "r.write(b'\\xa5\\x3c')\n"
    )

    def shown():
        return shared.control("show lamps").split(",")[0]

    assert shown() == "outputs a53c on"
    shared.exec("r.write(b'\\x01')")
    assert shown() == "outputs 3c01 on"
    shared.exec("r.set(15); r.set(0, False); r.show()")
    assert shown() == "outputs bc00 on"
    shared.exec("r.enable(False)")
    assert shown() == "outputs bc00 off"
    shared.exec("r.clear(); r.enable()")
    assert shown() == "outputs 0000 on"
    shared.control("fault lamps unplugged on")
    shared.exec("r.write(b'\\xff\\xff')")
    shared.control("fault lamps unplugged off")
    assert shown() == "outputs 0000 on"
    shared.exec("r.show()")
    assert shown() == "outputs ffff on"


# LatchedInput


def test_latched_input(board_with):
    board = board_with({"button": dict(DEVICES["button"], bounce=5)})
    out = board.exec(
        "from mpy_blox.input.latched_input import LatchedInput\n"
        "async def main():\n"
        "    i = LatchedInput(33)\n"
        "    await i.wait()\n"
        "    print(round(time.ticks_ms() / 100), end=' ')\n"
        "    i.reset()\n"
        "    try:\n"
        "        await asyncio.wait_for(i.wait(), 0.5)\n"
        "        print('bounced', end=' ')\n"
        "        await asyncio.sleep(0.1)\n"
        "        i.reset()\n"
        "        await asyncio.wait_for(i.wait(), 0.5)\n"
        "    except asyncio.TimeoutError:\n"
        "        print('quiet')\n"
        "asyncio.run(main())\n"
    )
    # Pressed 5 s after power-on, which is 4.7 s after the program's start.
    assert out == "47 bounced quiet\n"


# Sound


def play(board, path, fast=True):
    """Plays /sound.wav; returns what the loudspeaker says of it."""
    board.exec(
        "from mpy_blox.sound.wave_file import WaveFile\n"
        "from mpy_blox.sound.wave_player import WavePlayer\n"
        "player = WavePlayer()\n"
        "with open('/sound.wav', 'rb') as f:\n"
        "    asyncio.run(player.play_wave(WaveFile(f)))\n"
        "time.sleep(0.5)\n"
        "player.stop()\n"
    )
    return board.control("show speaker")


def samples(path):
    """What sox reads in a WAV file: rate, channels, bits and the samples."""
    shape = [
        subprocess.run(["soxi", what, str(path)], capture_output=True, check=True)
        for what in ("-r", "-c", "-b")
    ]
    data = subprocess.run(
        ["sox", str(path), "-t", "raw", "-"], capture_output=True, check=True
    )
    return [int(run.stdout) for run in shape], data.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["-r", "44100", "-c", "2", "-b", "16"],
        ["-r", "48000", "-c", "2", "-b", "32"],
        ["-r", "22050", "-c", "1", "-b", "16"],
    ],
    ids=["44100-stereo-16", "48000-stereo-32", "22050-mono-16"],
)
def test_a_file_made_by_sox_is_played_bit_exact(board_with, tmp_path, words):
    sound = tmp_path / "sound.wav"
    played = tmp_path / "played.wav"
    make = ["sox", "-R", "-n"] + words + [str(sound), "synth", "2.5", "sine", "440"]
    subprocess.run(make + ["pinknoise", "gain", "-3"], check=True)
    board = board_with({"speaker": dict(scenarios.SPEAKER, wav=str(played))})
    board.put({"/sound.wav": sound})
    said = play(board, played)
    (rate, channels, bits), data = samples(sound)
    assert samples(played) == ([rate, channels, bits], data)
    assert len(data) == int(2.5 * rate) * channels * bits // 8
    assert said == "frames %d, underruns 0" % (2.5 * rate)


# SocketUART


def test_socket_uart_carries_both_ways(board_with):
    port = free_port()
    board = board_with({"dust": scenarios.DUST}, fast=False)
    board.put(
        {
            "/main.py": "import asyncio, network, time\n"
            "from machine import UART\n"
            "wlan = network.WLAN(network.STA_IF)\n"
            "wlan.active(True)\n"
            "wlan.connect('any', 'network')\n"
            "while not wlan.isconnected(): time.sleep_ms(10)\n"
            "from mpy_blox.socket_uart import SocketUART\n"
            "s = SocketUART(UART(2, tx=17, rx=16), port=%d, baud=9600)\n"
            "s.start()\n"
            "print('serving')\n"
            "asyncio.run(s.serve_forever())\n" % port
        }
    )
    end = len(board.console())
    board.restart()
    board.wait_for("serving", after=end)
    ends = time.monotonic() + 10
    while True:
        try:
            client = socket.create_connection(("127.0.0.1", port), 5)
            break
        except OSError:
            assert time.monotonic() < ends
    with client:
        client.settimeout(5)
        body = bytes((7,)) + bytes(12) + b"\xff\xff"
        command = b"\xaa\xb4" + body + bytes((sum(body) & 255, 0xAB))
        client.sendall(command)
        got = b""
        while b"\xaa\xc5\x07\x0f\x07\x0a" not in got or b"\xaa\xc0\x7b" not in got:
            got += client.recv(100)
