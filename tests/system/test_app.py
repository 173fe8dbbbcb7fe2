# SPDX-License-Identifier: MIT
"""An app-managed board boots: what goes well, and what is said when not."""

import json
import re
import socket
import threading

import pytest
import serial

from lib.installed import MAIN, install, library
from lib.short import shortened

SSID, PSK, PASSWORD = "home", "a long passphrase", "secret"
WIFI = ["--wifi-ssid", SSID, "--wifi-psk", PSK]
REPL = "going to REPL"
RUNS = "user_main runs"
USER_MAIN = """\
import asyncio

async def user_main():
    print('user_main runs')
    while True:
        await asyncio.sleep(1)
"""
OLD_USER_MAIN = """\
import uasyncio as asyncio
from mpy_blox.mqtt import MQTTConnectionManager, MQTTConsumer
from mpy_blox.mqtt.protocol.message import MQTTMessage

class Echo(MQTTConsumer):
    async def handle_msg(self, msg):
        await self.mqtt_conn.publish(MQTTMessage('old/reply', msg.payload))

async def user_main():
    connection = MQTTConnectionManager.get_connection()
    await Echo(connection).subscribe('old/ask')
    print('user_main runs')
    while True:
        await asyncio.sleep(1)
"""
PROVISION = {"wlan.ssid": SSID, "wlan.psk": PSK, "mqtt.password": PASSWORD}


@pytest.fixture
def deployed(boards, tmp_path):
    """A function that makes a board with library and main.py, and the given
    files (a dict: as JSON), switched on."""

    def make(files, options=WIFI, static=False):
        install(tmp_path / "board", static)
        board = boards(options=options, static=static)
        main = {} if static else {"/main.py": MAIN}
        board.put(
            {
                path: json.dumps(content)
                if isinstance(content, dict)
                else content
                for path, content in {**main, **files}.items()
            }
        )
        return board.restart()

    return make


@pytest.fixture
def broker(brokers):
    return brokers(users={"blox": PASSWORD})


def settings(broker, **more):
    mqtt = {"server": broker.host, "port": broker.port, "username": "blox"}
    return {"mqtt": mqtt, **{k.replace("__", "."): v for k, v in more.items()}}


def lines(board, words):
    return [line for line in board.console().splitlines() if words in line]


def no_traceback(board):
    return "Traceback" not in board.console()


def test_everything_comes_up_before_user_main(deployed, broker):
    board = deployed(
        {
            "/settings.json": settings(broker, hostname="tester"),
            "/provision.json": PROVISION,
            "/user_main.py": USER_MAIN,
        }
    )
    after = board.wait_for("provision.json: taken in")
    after = board.wait_for("joined 'home'", after=after)
    after = board.wait_for("time: set from 'pool.ntp.org'", after=after)
    after = board.wait_for("mqtt: connected to", after=after)
    board.wait_for(RUNS, after=after)
    assert no_traceback(board)
    assert re.search(r"20\d\d-\d\d-\d\dT[\d:.]+Z INFO", board.console())
    names = board.exec("import os, network\nprint(os.listdir('/'))").strip()
    assert "provision.json" not in names
    assert "forget --" in board.exec("import mpy_blox; help(mpy_blox)")
    assert board.exec("print(network.hostname())") == "tester\n"


@pytest.mark.parametrize("static", [False, True], ids=["native", "static"])
def test_at_rest_most_of_the_heap_is_free(deployed, broker, static):
    """Of a stock ESP32's; native text is outside of it on this host."""
    measure = """\
    import gc
    await asyncio.sleep(1)
    gc.collect()
    print('at rest:', gc.mem_alloc(), gc.mem_free(), 'bytes')
"""
    board = deployed(
        {
            "/settings.json": settings(broker, update__channel="latest"),
            "/provision.json": PROVISION,
            "/user_main.py": USER_MAIN.replace(
                "    while", measure + "    while"
            ),
        },
        static=static,
    )
    after = board.wait_for("at rest:")
    board.wait_for("bytes", after=after)
    used, free = map(int, board.console()[after:].split()[:2])
    assert used < (used + free) * 0.45, "%d bytes used" % used


def test_the_main_py_of_the_older_mpy_blox_boots_this_one(deployed, broker):
    board = deployed(
        {
            "/main.py": """\
from mpy_blox.app import main_except_reset
main_except_reset()
""",
            "/settings.json": settings(broker, update__channel="latest"),
            "/provision.json": PROVISION,
            "/user_main.py": USER_MAIN,
        }
    )
    board.wait_for(RUNS)
    assert lines(board, "updates are off: /main.py does not declare RESCUE")
    assert lines(board, "mqtt: connected to") and no_traceback(board)


def test_without_settings_the_wifi_is_joined_and_user_main_runs(deployed):
    files = {"/provision.json": PROVISION, "/user_main.py": USER_MAIN}
    board = deployed(files)
    board.wait_for(RUNS)
    assert len(lines(board, "settings.json: not on the device")) == 1
    assert lines(board, "joined 'home'") and no_traceback(board)


def test_settings_that_are_not_json_lead_to_the_repl(deployed):
    text = '{\n  "hostname": "x"\n  "mqtt": {}\n}\n'
    board = deployed({"/settings.json": text, "/user_main.py": USER_MAIN})
    board.wait_for(REPL)
    (said,) = lines(board, REPL)
    assert "settings.json" in said and "line 3" in said
    assert RUNS not in board.console() and no_traceback(board)
    assert board.exec("print(6 * 7)") == "42\n"
    assert board.read("/settings.json").decode() == text


def test_not_provisioned(deployed, broker):
    board = deployed(
        {"/settings.json": settings(broker), "/user_main.py": USER_MAIN}
    )
    board.wait_for(RUNS)
    (said,) = lines(board, "no Wi-Fi is provisioned")
    assert "provision.json" in said and "make provision" in said
    assert no_traceback(board)


@pytest.mark.parametrize(
    "options, words",
    [
        (["--wifi-ssid", "home", "--wifi-psk", "other"], "wrong password"),
        (["--wifi-ssid", "elsewhere"], "no access point"),
    ],
)
def test_wifi_that_cannot_be_joined(deployed, broker, options, words):
    board = deployed(
        {
            "/settings.json": settings(broker, network__boot_timeout=2),
            "/provision.json": PROVISION,
            "/user_main.py": USER_MAIN,
        },
        options=options,
    )
    board.wait_for(RUNS)
    (said,) = lines(board, words)
    assert "'home'" in said and "make provision" in said
    assert lines(board, "not joined after 2 s") and no_traceback(board)


def test_a_slow_wifi_is_joined_while_user_main_runs(deployed, broker):
    board = deployed(
        {
            "/settings.json": settings(broker, network__boot_timeout=1),
            "/provision.json": PROVISION,
            "/user_main.py": USER_MAIN,
        },
        options=WIFI + ["--wifi-join-ms", "3000"],
    )
    after = board.wait_for(RUNS)
    assert "joined 'home' as" not in board.console()
    board.wait_for("mqtt: connected to", after=after)
    assert no_traceback(board)


def test_a_broker_that_comes_late(deployed, broker):
    broker.stop()
    board = deployed(
        {
            "/settings.json": settings(broker),
            "/provision.json": PROVISION,
            "/user_main.py": USER_MAIN,
        }
    )
    after = board.wait_for(RUNS)
    said = lines(board, "no broker at 127.0.0.1:%d" % broker.port)[0]
    assert "mqtt.server" in said and "settings.json" in said
    broker.start()
    board.wait_for("mqtt: connected to", after=after)
    assert no_traceback(board)


def test_a_password_the_broker_refuses(deployed, broker):
    board = deployed(
        {
            "/settings.json": settings(broker),
            "/provision.json": dict(PROVISION, **{"mqtt.password": "wrong"}),
            "/user_main.py": USER_MAIN,
        }
    )
    board.wait_for(RUNS)
    said = lines(board, "refused the connection")[0]
    assert "mqtt.password" in said and "provision.json" in said
    assert no_traceback(board)


def test_an_old_style_user_main(deployed, broker):
    board = deployed(
        {
            "/settings.json": settings(broker),
            "/provision.json": PROVISION,
            "/user_main.py": OLD_USER_MAIN,
        }
    )
    board.wait_for(RUNS)
    with broker.watch("old/reply") as watch:
        broker.publish("old/ask", b'{"n": 7}')
        reply = watch.wait(lambda topic, _: topic == "old/reply")
    assert json.loads(reply) == {"n": 7}


def test_an_exception_in_user_main_is_logged_and_resets(deployed):
    source = USER_MAIN.replace("asyncio.sleep(1)", "asyncio.sleep(1 / 0)")
    board = deployed({"/settings.json": {}, "/user_main.py": source})
    after = board.wait_for("CRITICAL system: the program ended, resetting")
    after = board.wait_for("ZeroDivisionError", after=after)
    after = board.wait_for("SW_CPU_RESET", after=after)
    board.wait_for(RUNS, after=after)


def test_what_user_main_imports_and_is_missing_resets(deployed):
    source = "import not_there\n" + USER_MAIN
    board = deployed({"/settings.json": {}, "/user_main.py": source})
    after = board.wait_for("no module named 'not_there'")
    board.wait_for("SW_CPU_RESET", after=after)


def test_a_user_main_that_is_no_coroutine_is_told_how_to_begin(deployed):
    source = USER_MAIN.split("    while")[0].replace("async def", "def")
    board = deployed({"/settings.json": {}, "/user_main.py": source})
    board.wait_for("resetting in 1 s; begin user_main with 'async def user_main()'")


def test_an_exception_in_a_task_is_logged_and_no_more(deployed):
    source = USER_MAIN.replace(
        "    print", "    asyncio.create_task(wrong())\n    print"
    )
    source += "\nasync def wrong():\n    raise ValueError('in a task')\n"
    board = deployed({"/settings.json": {}, "/user_main.py": source})
    board.wait_for("ValueError: in a task")
    assert lines(board, "ERROR system: Task exception wasn't retrieved")
    assert "resetting" not in board.console()


def test_without_user_main_there_is_the_repl(deployed):
    board = deployed({"/settings.json": {}})
    board.wait_for("Missing user_main, going to REPL")
    assert board.exec("print(6 * 7)") == "42\n"


def test_ctrl_c_leads_to_the_repl(deployed):
    board = deployed({"/settings.json": {}, "/user_main.py": USER_MAIN})
    board.wait_for(RUNS)
    assert board.exec("print(6 * 7)") == "42\n"
    assert "resetting" not in board.console()


def test_a_build_for_another_firmware(deployed):
    other = bytearray(library()["/lib/_blox_mqtt.mpy"].read_bytes())
    other[2] = other[2] & ~3 | 2
    board = deployed(
        {
            "/settings.json": {},
            "/user_main.py": USER_MAIN,
            "/lib/_blox_mqtt.mpy": bytes(other),
        }
    )
    board.wait_for("built for MicroPython mpy 6.2, this firmware loads 6.3")
    assert lines(board, "make deploy-lib") and no_traceback(board)
    assert board.exec("print(6 * 7)") == "42\n"


def test_library_only_use(boards, broker, tmp_path):
    """A main.py of one's own, no settings.json, one block imported."""
    install(tmp_path / "board")
    board = boards(options=WIFI)
    board.put(
        {
            "/main.py": """\
import asyncio
import network
from mpy_blox.mqtt.protocol.client import MQTT5Client
from mpy_blox.mqtt.protocol.message import MQTTMessage

async def main():
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    wlan.connect('%s', '%s')
    while not wlan.isconnected():
        await asyncio.sleep_ms(50)
    client = MQTT5Client('%s', %d, 'me', username='blox', password='%s')
    await client.connect()
    await client.publish(MQTTMessage('own/topic', [1, 2], qos=1))
    await client.disconnect()
    print('done')

asyncio.run(main())
"""
            % (SSID, PSK, broker.host, broker.port, PASSWORD)
        }
    )
    with broker.watch("own/topic") as watch:
        board.restart()
        assert watch.wait(lambda topic, _: True) == b"[1, 2]"
    board.wait_for("done")
    assert "WARNING" not in board.console() and no_traceback(board)
    assert "'mpy_blox.app'" not in board.exec("import sys\nprint(sys.modules)")


def test_library_only_use_of_the_app_helpers(boards, tmp_path):
    install(tmp_path / "board")
    board = boards(options=WIFI)
    board.put(
        {
            "/main.py": """\
from mpy_blox.app import start_network
config = {'secure': {'wlan.ssid': '%s', 'wlan.psk': '%s'}}
print('joined:', bool(start_network(config)))
"""
            % (SSID, PSK)
        }
    )
    board.restart().wait_for("joined: True")
    assert no_traceback(board)


def test_without_network_user_main_runs_all_the_same(deployed, broker):
    ends = "async def user_main():\n    print('user_main runs')\n"
    board = deployed(
        {
            "/settings.json": settings(
                broker, network__disabled=True, update__channel="latest"
            ),
            "/provision.json": PROVISION,
            "/user_main.py": ends,
        }
    )
    board.wait_for("user_main ended, going to REPL")
    assert not lines(board, "join") and no_traceback(board)
    assert board.exec("import network\nprint(network.WLAN().active())") == (
        "False\n"
    )


def test_after_a_soft_reset_the_wifi_is_still_joined(deployed, broker):
    board = deployed(
        {
            "/settings.json": settings(broker),
            "/provision.json": PROVISION,
            "/user_main.py": USER_MAIN,
        }
    )
    after = board.wait_for(RUNS)
    with serial.Serial(board.pty) as line:
        line.write(b"\x03")  # Ctrl-C
        after = board.wait_for(">>>", after=after)
        line.write(b"\x04")  # Ctrl-D
        after = board.wait_for("soft reboot", after=after)
        end = board.wait_for(RUNS, after=after)
    again = board.console()[after:end]
    assert "joined 'home'" in again and "joining" not in again
    assert "mqtt: connected to" in again


def test_after_a_soft_reset_a_newly_provisioned_wifi_is_joined(
    deployed, broker
):
    board = deployed(
        {
            "/settings.json": settings(broker, network__boot_timeout=1),
            "/provision.json": PROVISION,
            "/user_main.py": USER_MAIN,
        },
        options=[],
    )
    board.wait_for("joined 'home'")
    board.put({"/provision.json": '{"wlan.ssid": "office"}'})
    after = len(board.console())
    with serial.Serial(board.pty) as line:
        line.write(b"\x04")
        board.wait_for("joining 'office'", after=after)
        board.wait_for("joined 'office'", after=after)


def test_a_time_server_that_answers_nonsense_holds_nobody_up(deployed, broker):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve():
            _, client = server.recvfrom(100)
            server.sendto(b"busy", client)

        threading.Thread(target=serve, daemon=True).start()
        board = deployed(
            {
                "/settings.json": settings(broker),
                "/provision.json": PROVISION,
                "/user_main.py": USER_MAIN,
            },
            options=WIFI + ["--ntp", "127.0.0.1:%d" % server.getsockname()[1]],
        )
        after = board.wait_for("time: no time from 'pool.ntp.org'")
        board.wait_for("mqtt: connected to", after=after)
    assert no_traceback(board)


def test_what_fails_for_once_while_booting_is_tried_again(deployed, broker):
    """Such as the radio that gets no memory, while there is not even enough to
    see whether a set is on trial."""
    main = """\
import network as radio
from mpy_blox import boot, network, update
boot.RETRY_ALL = 1

def no_memory():
    raise MemoryError

update.on_trial = no_memory

class Radio:
    failures = 2

    def __getattr__(self, name):
        if name == 'WLAN' and Radio.failures:
            Radio.failures -= 1
            raise OSError('WiFi Out of Memory')
        return getattr(radio, name)

network.network = Radio()
"""
    board = deployed(
        {
            "/main.py": shortened(main) + MAIN,
            "/settings.json": settings(broker),
            "/provision.json": PROVISION,
            "/user_main.py": USER_MAIN,
        }
    )
    after = board.wait_for("bringing the device up failed")
    after = board.wait_for("WiFi Out of Memory", after=after)
    after = board.wait_for(RUNS, after=after)
    board.wait_for("mqtt: connected to", after=after)


@pytest.mark.parametrize(
    "mqtt, words",
    [
        ("broker.local", "mqtt must be an object; mend the file"),
        ({"port": 1883}, "settings.json names no broker; add 'mqtt' with 'server'"),
    ],
)
def test_mqtt_settings_that_name_no_broker(deployed, mqtt, words):
    board = deployed(
        {
            "/settings.json": {"mqtt": mqtt, "update.channel": "latest"},
            "/provision.json": PROVISION,
            "/user_main.py": USER_MAIN,
        }
    )
    board.wait_for(RUNS)
    assert lines(board, words) and no_traceback(board)
