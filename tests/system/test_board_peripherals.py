# SPDX-License-Identifier: MIT
"""The classes of machine that reach out of the chip, against device models."""

import wave

import pytest

from lib import scenarios
from lib.boards import Board, BoardError

SETUP = """
from machine import *
import time
i2c = I2C(0, scl=Pin(22), sda=Pin(21))
soft = SoftI2C(scl=Pin(22), sda=Pin(21))
def measure(bus):
    bus.writeto(0x40, b'\\xf3')
    time.sleep_ms(50)
    return bus.readfrom(0x40, 3)
def error(call, *args, **named):
    try:
        call(*args, **named)
    except Exception as e:
        return repr(e)
"""

DEVICES = {
    "climate": scenarios.CLIMATE,
    "dust": scenarios.DUST,
    "volts": scenarios.VOLTS,
    "lamps": scenarios.LAMPS,
    "button": {"type": "button", "pin": 33, "pressed": [[2, 2.5]]},
    "light": {"type": "analog", "pin": 34, "volts": 1.0},
    "pot": {
        "type": "analog",
        "pin": 35,
        "volts": {"table": [[0, 0.5], [100, 2]]},
    },
    "voice": {
        "type": "i2s",
        "sck": 26,
        "ws": 25,
        "sd": 27,
        "signal": {"sine": 0, "amplitude": 0.5, "seconds": 0.001},
    },
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A board with one of everything; a test leaves it without faults."""
    folder = tmp_path_factory.mktemp("devices")
    with Board(folder, options=scenarios.options(folder, DEVICES)) as board:
        board.exec(SETUP)
        yield board


@pytest.fixture
def devices(boards, tmp_path):
    """A function that starts a board with these devices."""

    def start(devices, *more, fast=True):
        words = scenarios.options(tmp_path, devices, fast)
        board = boards(options=words + list(more))
        board.exec(SETUP)
        return board

    return start


def lines(text):
    return text.splitlines()


@pytest.mark.parametrize("bus", ["i2c", "soft"])
def test_i2c_finds_and_reads(shared, bus):
    out = shared.exec(
        "print(%s.scan(), measure(%s).hex(), error(%s.writeto, 0x41, b'x'))"
        % (bus, bus, bus)
    )
    assert out == "[64] 683cda OSError(19,)\n"


@pytest.mark.parametrize("bus", ["i2c", "soft"])
def test_i2c_memory_calls(shared, bus):
    out = shared.exec(
        "b = bytearray(1)\n"
        "b3 = bytearray(3)\n"
        "{0}.writeto_mem(0x40, 0xe6, b'\\x83')\n"
        "{0}.readfrom_mem_into(0x40, 0xe7, b)\n"
        "print(b.hex(), {0}.writevto(0x40, (b'\\xe6', b'\\x02')))\n"
        "print({0}.readfrom_mem(0x40, 0xe7, 1))\n"
        "{0}.writeto(0x40, b'\\xf5')\n"
        "time.sleep_ms(16)\n"
        "{0}.readfrom_into(0x40, b3)\n"
        "print(b3[1] & 3)\n".format(bus)
    )
    # An ESP32's hardware counts bytes, software acknowledgements.
    assert lines(out) == ["83 2", "b'\\x02'", "2"]


def test_i2c_waits_13_ms_for_a_held_clock_and_soft_i2c_50(shared):
    """A hold of a temperature takes 50 ms: the hardware gives up before."""
    out = shared.exec(
        "t = time.ticks_us()\n"
        "print(error(i2c.readfrom_mem, 0x40, 0xe3, 3), end=' ')\n"
        "print(12000 < time.ticks_diff(time.ticks_us(), t) < 15000)\n"
        "time.sleep_ms(60)\n"
        "print(len(soft.readfrom_mem(0x40, 0xe3, 3)))\n"
        "print(len(i2c.readfrom_mem(0x40, 0xe5, 3)) if False else i2c.scan())\n"
    )
    assert lines(out) == ["OSError(110,) True", "3", "[64]"]


@pytest.mark.parametrize("bus", ["i2c", "soft"])
@pytest.mark.parametrize(
    "fault, errno", [("nack", 19), ("unplugged", 19), ("stuck", 110), ("stretch", 110)]
)
def test_i2c_faults_raise_and_the_bus_heals(shared, bus, fault, errno):
    assert shared.control("fault climate %s on" % fault) == "ok"
    begin = "t = time.ticks_ms()\n"
    took = "print(time.ticks_diff(time.ticks_ms(), t) < 250)"
    out = shared.exec(
        begin + "print(error(%s.writeto, 0x40, b'\\xf3'))\n" % bus + took
    )
    # Software sees SDA held low as an acknowledgement.
    expected = "None" if (bus, fault) == ("soft", "stuck") else "OSError(%d,)" % errno
    assert lines(out) == [expected, "True"]
    assert shared.control("fault climate %s off" % fault) == "ok"
    # Where software gave up in the middle of a byte, the next one is lost too.
    out = shared.exec(
        "time.sleep_ms(150)\n"
        "error({0}.writeto, 0x40, b'')\n"
        "print(measure({0}).hex())".format(bus)
    )
    assert out == "683cda\n"


def test_i2c_constructor_is_an_esp32s(shared):
    out = shared.exec(
        "print(I2C(1))\n"
        "print(error(I2C, 2))\n"
        "print(error(I2C, 0, scl=24))\n"
        "print(I2C(0, scl=Pin(22), sda=Pin(21), freq=100000))\n"
        "print(error(I2C, 0, speed=1))\n"
    )
    assert lines(out) == [
        "I2C(1, scl=25, sda=26, freq=400000)",
        "ValueError(\"I2C(2) doesn't exist\",)",
        "ValueError('invalid pin',)",
        "I2C(0, scl=22, sda=21, freq=100000)",
        "TypeError('extra keyword arguments given',)",
    ]


@pytest.mark.parametrize(
    "spi",
    [
        "SPI(1, baudrate=900000)",
        "SPI(1, baudrate=900000, polarity=1, phase=1)",
        "SoftSPI(sck=Pin(14), mosi=Pin(13), miso=Pin(12))",
    ],
)
def test_spi_reads_a_converter(shared, spi):
    out = shared.exec(
        "spi = %s\n" % spi
        + "cs = Pin(15, Pin.OUT, value=1)\n"
        "b = bytearray(3)\n"
        "def read(control):\n"
        "    cs(0)\n"
        "    spi.write_readinto(bytes((1, control, 0)), b)\n"
        "    cs(1)\n"
        "    return (b[1] & 31) << 8 | b[2]\n"
        "print(read(0xa0), read(0xe0), read(0x20), read(0x60))\n"
    )
    assert out == "2048 1024 1024 0\n"


def test_spi_calls(shared):
    out = shared.exec(
        "spi = SPI(1, 1000000, sck=Pin(14), mosi=Pin(13), miso=Pin(12))\n"
        "b = bytearray(2)\n"
        "spi.readinto(b, 0xff)\n"
        "print(spi.read(2), b, error(spi.write_readinto, b'1', b))\n"
        "spi.deinit()\n"
        "print(error(spi.read, 1))\n"
        "spi.init(baudrate=7000000)\n"
        "print(spi)\n"
        "print(error(SPI, 3))\n"
    )
    # Nobody drives MISO: the converter's pull-up does.
    assert lines(out) == [
        "b'\\xff\\xff' bytearray(b'\\xff\\xff') "
        "ValueError('buffers must be the same length',)",
        "OSError('transfer on deinitialized SPI',)",
        "SPI(id=1, baudrate=6666666, polarity=0, phase=0, bits=8, firstbit=0, "
        "sck=14, mosi=13, miso=12)",
        "ValueError(\"SPI(3) doesn't exist\",)",
    ]


def test_a_chain_latches_and_clears(shared):
    shared.exec(
        "rclk = Pin(5, Pin.OUT, value=0)\n"
        "oe = Pin(4, Pin.OUT, value=0)\n"
        "clear = Pin(2, Pin.OUT, value=1)\n"
        "spi = SPI(2, 1000000)\n"
        "spi.write(b'\\xa5\\x3c')\n"
    )
    assert shared.control("show lamps").startswith("outputs 0000 on")
    shared.exec("rclk(1); rclk(0)")
    assert shared.control("show lamps") == "outputs a53c on, latched 1 times"
    shared.exec("oe(1); clear(0); clear(1)")
    assert shared.control("show lamps") == "outputs a53c off, latched 1 times"
    shared.exec("rclk(1); rclk(0); oe(0)")
    assert shared.control("show lamps") == "outputs 0000 on, latched 2 times"


def test_uart_reads_frames_with_a_timeout(shared):
    out = shared.exec(
        "u = UART(2, 9600, timeout=1200)\n"
        "frame = u.read(10)\n"
        "print(frame[:2].hex(), frame[2] | frame[3] << 8, frame[-1])\n"
        "t = time.ticks_ms()\n"
        "u.init(timeout=50)\n"
        "print(u.read(10), time.ticks_diff(time.ticks_ms(), t), u.any())\n"
        "u.init(timeout=0)\n"
        "print(u.read(1), u.readline(), u.read())\n"
        "print(error(UART, 0), error(UART, 3))\n"
    )
    assert lines(out) == [
        "aac0 123 171",
        "None 50 0",
        "None None None",
        "NotImplementedError(\"UART(0) is this board's console; take 1 or 2\",) "
        "ValueError('UART(3) does not exist',)",
    ]


def test_uart_sends_at_its_rate_and_hears_the_answer(shared):
    out = shared.exec(
        "u = UART(2, 9600, timeout=0, rx=16, tx=17)\n"
        "body = bytes((7,)) + bytes(12) + b'\\xff\\xff'\n"
        "t = time.ticks_us()\n"
        "print(u.write(b'\\xaa\\xb4' + body + bytes((sum(body) & 255,)) + b'\\xab'))\n"
        "print(u.txdone())\n"
        "u.flush()\n"
        "print(19000 < time.ticks_diff(time.ticks_us(), t) < 21000, u.txdone())\n"
        "while u.any() < 10: pass\n"
        "print(u.read().hex()[:10])\n"
    )
    assert lines(out) == ["19", "False", "True True", "aac5070f07"]


def test_uart_at_another_rate_hears_garbage(shared):
    out = shared.exec(
        "u = UART(2, 115200, timeout=0)\n"
        "time.sleep(1.1)\n"
        "print(u.any(), b'\\xaa\\xc0' in u.read())\n"
        "u = UART(2, 9600, rxbuf=4096)\n"
    )
    assert out == "10 False\n"


def test_uart_interrupts_and_overflows(shared):
    out = shared.exec(
        "seen = []\n"
        "u = UART(2, 9600)\n"
        "u.irq(lambda u: seen.append(u.any()), UART.IRQ_RXIDLE)\n"
        "time.sleep(2.05)\n"
        "u.irq(None, 0)\n"
        "print(seen)\n"
        "time.sleep(60)\n"
        "print(u.any(), error(u.irq, print, 8))\n"
        "u.deinit()\n"
    )
    assert lines(out) == ["[10, 20]", "256 ValueError('trigger 0x0008 unsupported',)"]


def test_uart_is_a_stream_for_asyncio(shared):
    out = shared.exec(
        "import asyncio\n"
        "async def main():\n"
        "    r = asyncio.StreamReader(UART(2, 9600))\n"
        "    print(len(await r.readexactly(20)))\n"
        "    try:\n"
        "        await asyncio.wait_for(r.readexactly(100), 2)\n"
        "    except asyncio.TimeoutError:\n"
        "        print('timeout')\n"
        "asyncio.run(main())\n"
    )
    assert lines(out) == ["20", "timeout"]


def test_adc_scales_as_an_esp32(shared):
    out = shared.exec(
        "a = ADC(Pin(34))\n"
        "print(a, a.read(), a.read_u16(), a.read_uv())\n"
        "a.atten(ADC.ATTN_11DB)\n"
        "print(a.read(), a.read_uv())\n"
        "a.width(ADC.WIDTH_9BIT)\n"
        "print(a.read(), a.read_u16())\n"
        "a.width(12)\n"
        "print(ADC(35).read(), error(ADC, 5), error(a.atten, 4), error(a.width, 8))\n"
    )
    assert lines(out) == [
        "ADC(Pin(34), atten=0) 3723 59582 1000000",
        "1049 999000",
        "131 16800",
        "1861 ValueError('invalid pin',) ValueError('invalid atten',) "
        "ValueError('invalid bits',)",
    ]


def test_pwm_is_seen_and_measured(shared):
    out = shared.exec(
        "p = PWM(Pin(19), freq=1000, duty=256)\n"
        "print(p.freq(), p.duty(), p.duty_u16(), p.duty_ns())\n"
        "print(time_pulse_us(Pin(19), 1), time_pulse_us(Pin(19), 0))\n"
        "p.init(freq=100, duty_ns=2500000)\n"
        "print(p, time_pulse_us(Pin(19), 1))\n"
        "print(error(p.duty_u16, 65536), error(p.freq, 0))\n"
        "print(error(p.init, duty=1, duty_ns=1), error(PWM, 34))\n"
        "p.deinit()\n"
        "print(error(p.duty))\n"
    )
    got = lines(out)
    assert got[0] == "1000 256 16384 250004"
    assert all(abs(int(a) - b) < 5 for a, b in zip(got[1].split(), (250, 750)))
    assert got[2].startswith("PWM(Pin(19), freq=100, duty_u16=16384)")
    assert abs(int(got[2].split()[-1]) - 2500) < 5
    assert got[3:] == [
        "ValueError('duty_u16 must be from 0 to 65535',) "
        "ValueError('frequency must be from 1Hz to 40MHz',)",
        "ValueError(\"only one of parameters 'duty', 'duty_u16' or 'duty_ns' is "
        "allowed\",) ValueError('PWM not supported on Pin(34)',)",
        "RuntimeError('PWM inactive',)",
    ]


def test_pwm_has_16_channels_and_8_timers(shared):
    out = shared.exec(
        "pins = (0, 4, 13, 14, 16, 17, 18, 19, 23, 25, 26, 27, 32, 33, 5, 12)\n"
        "all = [PWM(p, freq=100) for p in pins]\n"
        "print(error(PWM, 15))\n"
        "for p in all: p.deinit()\n"
        "all = [PWM(p, freq=100 + p) for p in pins[:8]]\n"
        "print(error(PWM, 15, freq=99), error(PWM, 15, freq=100))\n"
        "for p in all: p.deinit()\n"
        "PWM(15).deinit()\n"
    )
    full = "ValueError('out of PWM channels:16 or timers:8',)"
    assert lines(out) == [full, full + " None"]


def test_pin_interrupts(devices):
    board = devices({"button": dict(DEVICES["button"], bounce=3)})
    out = board.exec(
        "edges = []\n"
        "p = Pin(33, Pin.IN, Pin.PULL_UP)\n"
        "irq = p.irq(lambda p: edges.append((time.ticks_ms(), p())), Pin.IRQ_FALLING)\n"
        "time.sleep(3)\n"
        "print(len(edges), edges[-1][0] - edges[0][0], irq.trigger())\n"
        "print(error(p.irq, print, wake=4))\n"
    )
    # Falling edges of a press that bounces thrice, and of its release.
    assert lines(out) == [
        "7 502 2",
        "NotImplementedError(\"this board's pins do not wake it\",)",
    ]


def test_open_drain_lets_another_pull_low(shared):
    out = shared.exec(
        "p = Pin(33, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)\n"
        "print(p(), end=' ')\n"
        "p(0); print(p(), end=' ')\n"
        "p(1); p.toggle(); p.toggle(); print(p(), end=' ')\n"
    )
    assert out == "1 0 1 "
    assert shared.control("set button held 1") == "ok"
    assert shared.exec("print(p())") == "0\n"
    assert shared.control("set button held 0") == "ok"


def test_timers_keep_their_rate_by_the_boards_clock(shared):
    out = shared.exec(
        "n = 0\n"
        "def tick(t):\n"
        "    global n\n"
        "    n += 1\n"
        "t = Timer(0, freq=3000, callback=tick)\n"
        "time.sleep_us(10000200)\n"
        "t.deinit()\n"
        "print(n, error(Timer, 0, freq=0))\n"
    )
    # 333.3 us, the timer's resolution being 0.1 us.
    assert out == "30003 ValueError('freq must be more than 0',)\n"


def test_fast_runs_the_same_way_every_time(boards, tmp_path):
    words = scenarios.options(tmp_path, DEVICES)
    code = (
        "import time, machine\n"
        "times = []\n"
        "def main():\n"
        "    t = machine.Timer(0, freq=777, callback=lambda t: times.append(\n"
        "        time.ticks_us() - began))\n"
        "    while len(times) < 50: pass\n"
        "    t.deinit()\n"
        "began = time.ticks_us()\n"
        "main()\n"
        "print(times)\n"
    )
    one = boards("one", options=words).exec(code)
    assert one == boards("two", options=words).exec(code)


def test_an_hour_takes_no_time_and_alarms_keep_theirs(shared):
    out = shared.exec(
        "import asyncio\n"
        "t = time.ticks_ms()\n"
        "time.sleep(3600)\n"
        "async def main():\n"
        "    await asyncio.sleep(3600)\n"
        "asyncio.run(main())\n"
        "print(time.ticks_diff(time.ticks_ms(), t))\n",
        timeout=20,
    )
    assert 7200000 <= int(out) < 7200100


def test_i2s_plays_what_it_is_given(devices, tmp_path):
    path = tmp_path / "out.wav"
    board = devices({"speaker": dict(scenarios.SPEAKER, wav=str(path))})
    out = board.exec(
        "o = I2S(0, sck=Pin(14), ws=Pin(13), sd=Pin(12), mode=I2S.TX, bits=16,\n"
        "        format=I2S.STEREO, rate=44100, ibuf=4000)\n"
        "data = bytes(i * 7 & 255 for i in range(8000))\n"
        "t = time.ticks_ms()\n"
        "print(sum(o.write(data) for i in range(50)))\n"
        "print(time.ticks_diff(time.ticks_ms(), t))\n"
        "time.sleep(0.2)\n"
        "print(error(o.readinto, bytearray(4)))\n"
        "o.deinit()\n"
        "print(error(o.write, b'1234'))\n"
    )
    got = lines(out)
    assert got[0] == "400000"
    # 100,000 frames at 44.1 kHz, of which two blocks of 256 wait.
    assert 2240 < int(got[1]) < 2275
    assert got[2:] == ["OSError(1,)", "OSError(22,)"]
    assert board.control("show speaker") == "frames 100000, underruns 0"
    with wave.open(str(path)) as file:
        assert file.getparams()[:4] == (2, 2, 44100, 100000)
        data = bytes(i * 7 & 255 for i in range(8000))
        assert file.readframes(100000) == data * 50


def test_i2s_counts_underruns_and_plays_silence(devices, tmp_path):
    path = tmp_path / "out.wav"
    board = devices({}, "--wav", str(path))
    board.exec(
        "o = I2S(1, sck=Pin(14), ws=Pin(13), sd=Pin(12), mode=I2S.TX, bits=32,\n"
        "        format=I2S.MONO, rate=8000, ibuf=4096)\n"
        "o.write(b'abcd' * 256)\n"
        "time.sleep_ms(80)\n"
        "o.write(b'efgh' * 256)\n"
        "time.sleep_ms(100)\n"
    )
    assert board.control("show wav") == "frames 768, underruns 1"
    with wave.open(str(path)) as file:
        assert file.getsampwidth() == 4
        data = file.readframes(768)
    assert data == b"abcd" * 256 + bytes(4 * 256) + b"efgh" * 256


def test_i2s_without_waiting_calls_back(devices, tmp_path):
    path = tmp_path / "out.wav"
    board = devices({}, "--wav", str(path))
    out = board.exec(
        "o = I2S(0, sck=Pin(14), ws=Pin(13), sd=Pin(12), mode=I2S.TX, bits=16,\n"
        "        format=I2S.MONO, rate=16000, ibuf=1024)\n"
        "data = bytearray(b'12' * 4000)\n"
        "calls = []\n"
        "def more(o):\n"
        "    calls.append(time.ticks_ms())\n"
        "    if len(calls) < 4: o.write(data)\n"
        "o.irq(more)\n"
        "t = time.ticks_ms()\n"
        "print(o.write(data), time.ticks_diff(time.ticks_ms(), t))\n"
        "time.sleep(2)\n"
        "print([time.ticks_diff(c, t) for c in calls])\n"
    )
    got = lines(out)
    assert got[0] in ("8000 0", "8000 1")
    times = eval(got[1])
    assert len(times) == 4
    assert [abs(t - e) < 40 for t, e in zip(times, (250, 500, 750, 1000))] == [True] * 4
    with wave.open(str(path)) as file:
        assert file.readframes(99999) == b"12" * 16000


def test_i2s_records(shared):
    out = shared.exec(
        "import struct\n"
        "m = I2S(0, sck=Pin(26), ws=Pin(25), sd=Pin(27), mode=I2S.RX, bits=16,\n"
        "        format=I2S.MONO, rate=8000, ibuf=4096)\n"
        "b = bytearray(32)\n"
        "print(m.readinto(b), error(m.write, b'12'))\n"
        "s = struct.unpack('<16h', b)\n"
        "print(max(s), min(s), len(set(s[:8])), s[:8] == s[8:])\n"
        "m.deinit()\n"
    )
    # 1 kHz at half the range, eight samples a period; the phase is that of
    # the moment, so its top may fall between samples.
    got = lines(out)
    assert got[0] == "32 OSError(1,)"
    top, bottom, different, periodic = got[1].split()
    assert 15000 < int(top) <= 16384 and -16384 <= int(bottom) < -15000
    assert periodic == "True" and int(different) >= 4


def test_what_a_soft_reset_leaves(shared):
    shared.exec(
        "p = PWM(Pin(19), freq=1000)\n"
        "u = UART(2, 9600)\n"
        "o = I2S(1, sck=Pin(14), ws=Pin(13), sd=Pin(12), mode=I2S.TX, bits=16,\n"
        "        format=I2S.MONO, rate=16000, ibuf=1024)\n"
        "Timer(0, period=10, callback=print)\n"
        "Pin(33).irq(print)\n"
        "o.write(b'12')\n"
    )
    out = shared.exec("import time; time.sleep(1); print('quiet')", soft_reset=True)
    assert out == "quiet\n"
    shared.exec(SETUP)
    assert shared.exec("print(Pin(19)(), measure(i2c).hex())") == "0 683cda\n"


def test_interrupts_may_be_off(shared):
    """A program may hold them off and still use pins and buses."""
    out = shared.exec(
        "n = []\n"
        "t = Timer(0, period=1, callback=n.append)\n"
        "s = disable_irq()\n"
        "for i in range(100): Pin(19, Pin.OUT)(i & 1); i2c.scan()\n"
        "enable_irq(s)\n"
        "t.deinit()\n"
        "print('alive')\n"
    )
    assert out == "alive\n"


def test_the_hosts_clock_works_too(devices):
    """Without --fast the same devices answer, in real time."""
    board = devices({"climate": scenarios.CLIMATE, "dust": scenarios.DUST}, fast=False)
    out = board.exec(
        "t = time.ticks_ms()\n"
        "for i in range(5): assert measure(i2c) == measure(soft)\n"
        "print(len(UART(2, 9600, timeout=1500).read(10)))\n"
        "s = disable_irq()\n"
        "for i in range(1000): Pin(19, Pin.OUT)(i & 1)\n"
        "enable_irq(s)\n"
        "print(500 <= time.ticks_diff(time.ticks_ms(), t) < 5000)\n"
    )
    assert lines(out) == ["10", "True"]


def test_a_device_that_is_not_there_is_an_error(board):
    with pytest.raises(BoardError, match="ENODEV"):
        board.exec(
            "from machine import *\n"
            "I2C(0, scl=Pin(22), sda=Pin(21)).writeto(0x40, b'1')"
        )
