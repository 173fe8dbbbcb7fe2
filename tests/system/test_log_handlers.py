# SPDX-License-Identifier: MIT
"""Log handlers on a board, with real peers: a syslog server's socket,
terminals, mosquitto, a power cut."""

import re
import socket
import textwrap
import time

import pytest
from lib.boards import ROOT
from lib.mqtt_boards import Program
from lib.ports import free_port

LOGGING = """
import gc
from mpy_blox.log_handlers import blox_log_config
logger = logging.getLogger('kitchen')
config['hostname'] = 'blox'

async def start(**settings):
    config.update({k.replace('__', '.'): v for k, v in settings.items()})
    await blox_log_config(config, True)
    await asyncio.sleep_ms(300)
"""


@pytest.fixture
def syslog():
    """A syslog server's socket."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.settimeout(20)
    yield server
    server.close()


def run(board, code):
    # No broker listens there.
    return Program(board, 1, LOGGING + code)


def settings_of(server, **more):
    settings = {
        "logging__syslog__hostname": "127.0.0.1",
        "logging__syslog__port": server.getsockname()[1],
    }
    settings.update(more)
    return settings


@pytest.mark.parametrize(
    "rfc5424, head",
    [
        (False, r"<(\d+)>[A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d blox kitchen: "),
        (True, r"<(\d+)>1 \d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z blox kitchen - - - "),
    ],
)
def test_records_reach_a_syslog_server(ready, syslog, rfc5424, head):
    settings = settings_of(
        syslog, logging__syslog__level="WARNING", logging__syslog__rfc5424=rfc5424
    )
    run(
        ready,
        "async def main():\n"
        "    await start(**%r)\n"
        "    logger.info('not this')\n"
        "    logger.warning('warm %%d', 7)\n"
        "    logger.error('x' * 1800)\n"
        "    try:\n"
        "        1 / 0\n"
        "    except Exception as e:\n"
        "        logger.exc(e, 'failed')\n"
        "    await asyncio.sleep(1)\n"
        "asyncio.run(main())\n" % settings,
    )

    def line():
        data = syslog.recv(4096)
        assert len(data) <= 1024
        found = re.match(head + "(.*)", data.decode())
        assert found, data
        return int(found[1]), found[2]

    assert line() == (12, "warm 7")
    parts = [line(), line()]
    assert {priority for priority, _ in parts} == {11}
    assert "".join(text for _, text in parts) == "x" * 1800
    assert line() == (11, "failed")
    assert line()[1].startswith("Traceback")
    while True:
        text = line()[1]
        if text.startswith("ZeroDivisionError"):
            break


def connect(port, patience=20):
    end = time.monotonic() + patience
    while True:
        try:
            viewer = socket.create_connection(("127.0.0.1", port), 5)
            viewer.settimeout(10)
            return viewer
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def read_until(viewer, text):
    data = b""
    while text not in data:
        more = viewer.recv(4096)
        assert more, data
        data += more
    return data


CHATTERS = """
async def main():
    await start(logging__remote_terminal__listen_host='127.0.0.1',
                logging__remote_terminal__listen_port={port}, {more})
    print('listening')
    for n in range({count}):
        logger.warning('n%d.', n)
        await asyncio.sleep_ms({pause})
        if n in ({count} // 4, {count} - 1):
            gc.collect()
            print('used', gc.mem_alloc())
    print('over')
    await asyncio.sleep(20)
asyncio.run(main())
"""


def chatters(board, count=400, pause=10, more=""):
    port = free_port()
    code = CHATTERS.format(port=port, count=count, pause=pause, more=more)
    program = run(board, code)
    program.wait_for("listening")
    return port, program


def numbers(data):
    return [int(n) for n in re.findall(rb"kitchen: n(\d+)\.", data)]


def test_two_viewers_see_every_record_in_order(ready):
    port, _ = chatters(ready)
    viewers = [connect(port), connect(port)]
    for viewer in viewers:
        seen = numbers(read_until(viewer, b"n399."))
        assert seen == list(range(seen[0], 400))
        assert b"\x1b[33m" in viewer.recv(1) or seen
        viewer.close()
    ready.wait_for("is gone")


def test_a_viewer_that_stops_reading_costs_nothing(ready):
    port, program = chatters(ready, count=6000, pause=1)
    stalled = socket.socket()
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    stalled.connect(("127.0.0.1", port))
    other = connect(port)
    seen = numbers(read_until(other, b"n5999."))
    assert seen[-1] == 5999 and seen == sorted(seen)
    program.wait_for("over", 60)
    used = [int(n) for n in re.findall(r"^used (\d+)", ready.console(), re.M)]
    assert len(used) == 2 and used[1] - used[0] < 4096
    stalled.close()
    other.close()


def test_viewers_that_vanish_harm_nobody(ready):
    port, _ = chatters(ready)
    for _ in range(12):
        viewer = connect(port)
        viewer.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
        )
        viewer.close()
    last = connect(port)
    assert numbers(read_until(last, b"n399."))[-1] == 399
    last.close()


def test_a_late_viewer_gets_the_replay(ready):
    port, program = chatters(
        ready, count=40, pause=1, more="logging__replay_buffer=True"
    )
    program.wait_for("over")
    viewer = connect(port)
    data = read_until(viewer, b"--- end of replay ---")
    assert numbers(data) == list(range(40))
    viewer.close()


def test_the_replay_survives_a_power_cut(ready):
    more = "logging__replay_buffer=True,logging__replay_buffer__persistence=True"
    _, program = chatters(ready, count=30, pause=1, more=more)
    program.wait_for("over")
    time.sleep(7)
    ready.restart()
    port, program = chatters(ready, count=1, pause=1, more=more)
    program.wait_for("over")
    viewer = connect(port)
    data = read_until(viewer, b"--- end of replay ---")
    found = re.findall(rb"(\S+)Z WARNING kitchen: n(\d+)\.", data)
    assert [int(n) for _, n in found] == [*range(30), 0]
    # What was kept has the times when it happened: 30 records, 1 ms apart.
    times = [float(time.rpartition(b":")[2]) for time, _ in found[:30]]
    assert times == sorted(times) and times[29] - times[0] >= 0.025
    viewer.close()


def test_records_are_published_by_mqtt(ready, broker):
    topic = "mpypi/nodes/esp32-840d8ed29760/log"
    with broker.watch(topic) as watch:
        Program(
            ready,
            broker.port,
            LOGGING + "async def main():\n"
            "    await start(logging__mqtt__level='WARNING')\n"
            "    logger.warning('before there was a connection')\n"
            "    logger.info('not this')\n"
            "    await conn.connect()\n"
            "    logger.error('after')\n"
            "    await asyncio.sleep(20)\n"
            "asyncio.run(main())\n",
        )
        watch.wait(lambda t, p: p.endswith(b"ERROR kitchen: after"))
        texts = [m[1] for m in watch.messages]
        assert texts[0].endswith(b"kitchen: before there was a connection")
        assert not any(b"not this" in text for text in texts)
        assert not any(m[2] for m in watch.messages), "nothing is retained"


def test_logging_without_memory_raises_nothing(ready):
    output = run(
        ready,
        "import micropython\n"
        "from mpy_blox.log_handlers.records import records\n"
        "handler = records()\n"
        "def log(_):\n"
        "    logger.warning('locked')\n"
        "micropython.heap_lock()\n"
        "log(None)\n"
        "micropython.heap_unlock()\n"
        "hoard = []\n"
        "try:\n"
        "    while True:\n"
        "        hoard.append(bytearray(256))\n"
        "except MemoryError:\n"
        "    pass\n"
        "try:\n"
        "    while True:\n"
        "        hoard.append([])\n"
        "except MemoryError:\n"
        "    pass\n"
        "logger.warning('full')\n"
        "hoard = None\n"
        "gc.collect()\n"
        "micropython.schedule(log, None)\n"
        "logger.warning('alive %d', len(handler.ring))\n"
        "print('no exception')\n",
    ).join()
    assert "no exception" in output


def test_the_page_runs(ready):
    page = (ROOT / "docs/logging.md").read_text()
    (program,) = re.findall(r"(?:^    .*\n|^\n(?=    ))+", page, re.M)[:1]
    output = run(
        ready, textwrap.dedent(program) + "asyncio.run(user_main())\n"
    ).join()
    assert "INFO:kitchen:4 plates" in output
    assert "ZeroDivisionError" in output
