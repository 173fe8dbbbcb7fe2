# SPDX-License-Identifier: MIT
"""The radio and the sockets behind it."""

import socket
import ssl
import struct
import subprocess
import threading

import pytest

HOME = ["--wifi-ssid", "home", "--wifi-psk", "sesame"]

JOIN = """
import network, time
w = network.WLAN(network.STA_IF)
w.active(True)
w.connect(%r, %r)
t = time.ticks_ms()
while w.status() == network.STAT_CONNECTING:
    time.sleep_ms(5)
ms = time.ticks_diff(time.ticks_ms(), t)
"""


@pytest.fixture
def home(boards):
    return boards(options=HOME)


@pytest.fixture
def online(boards):
    board = boards(options=HOME + ["--wifi-join-ms", "50"])
    board.exec(JOIN % ("home", "sesame"))
    return board


@pytest.fixture
def echo():
    """The port of a server that echoes what one connection sends."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                s, _ = server.accept()
            except OSError:
                return
            with s:
                while True:
                    try:
                        data = s.recv(1000)
                    except OSError:
                        break
                    if not data:
                        break
                    s.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


def test_joins_with_the_right_password(home):
    out = home.exec(
        JOIN % ("home", "sesame")
        + "print(w.isconnected(), w.status() == network.STAT_GOT_IP,\n"
        "      250 < ms < 2000, w.config('ssid'), w.status('rssi') < 0)\n"
        "print(w.ifconfig()[0], w.config('mac').hex())"
    )
    assert out.splitlines() == [
        "True True True home True",
        "127.0.0.1 840d8ed29760",
    ]


def test_refuses_a_wrong_password(home):
    out = home.exec(
        JOIN % ("home", "guess")
        + "print(w.isconnected(), w.status() == network.STAT_WRONG_PASSWORD)"
    )
    assert out.strip() == "False True"


def test_finds_no_other_network(home):
    out = home.exec(
        JOIN % ("away", "sesame")
        + "print(w.isconnected(), w.status() == network.STAT_NO_AP_FOUND)\n"
        "print(w.scan()[0][0], network.STAT_WRONG_PASSWORD,\n"
        "      network.STAT_NO_AP_FOUND, network.STAT_GOT_IP)\n"
    )
    assert out == "False True\nb'home' 202 201 1010\n"


def test_joins_slowly_when_told_to(boards):
    board = boards(options=["--wifi-join-ms", "1200"])
    out = board.exec(JOIN % ("any", "thing") + "print(ms)")
    assert 1150 <= int(out) < 4000


def test_connect_needs_an_active_interface(board):
    out = board.exec(
        "import network\n"
        "try:\n"
        "    network.WLAN(network.STA_IF).connect('a', 'b')\n"
        "except OSError as e:\n"
        "    print(e)\n"
    )
    assert out.strip() == "Wifi Not Started"


def test_another_network_takes_a_disconnect_first(home):
    out = home.exec(
        JOIN % ("home", "guess")
        + "try:\n"
        "    w.connect('home', 'sesame')\n"
        "except OSError as e:\n"
        "    print(e)\n"
        "w.disconnect()\n"
        "print(w.status() == network.STAT_IDLE)\n"
        "w.connect('home', 'sesame')\n"
        "while not w.isconnected():\n"
        "    time.sleep_ms(10)\n"
        "w.active(False)\n"
        "print(w.isconnected())\n"
    )
    assert out.splitlines() == ["Wifi Internal State Error", "True", "False"]


def test_the_radio_lives_through_a_soft_reset_only(online):
    code = "import network; print(network.WLAN().isconnected())"
    assert online.exec(code, soft_reset=True).strip() == "True"
    online.control("reset")
    assert online.exec(code).strip() == "False"


def test_hostname(board):
    out = board.exec(
        "import network\n"
        "w = network.WLAN()\n"
        "print(network.hostname(), end=' ')\n"
        "w.config(dhcp_hostname='lamp')\n"
        "print(network.hostname(), w.config('hostname'))\n"
    )
    assert out.strip() == "mpy-esp32 lamp lamp"


def test_sockets_talk_as_an_esp32s(online, echo):
    out = online.exec(
        "import socket\n"
        "print(socket.getaddrinfo('localhost', %d)[0][-1][0])\n"
        "s = socket.socket()\n"
        "s.connect(('127.0.0.1', %d))\n"
        "s.write(b'hello\\n')\n"
        "print(s.readline())\n"
        "s.settimeout(0.1)\n"
        "try:\n"
        "    s.recv(1)\n"
        "except OSError as e:\n"
        "    print(e)\n"
        "s.setblocking(False)\n"
        "try:\n"
        "    s.recv(1)\n"
        "except OSError as e:\n"
        "    print(e)\n"
        "s.close()\n"
        "try:\n"
        "    s.recv(1)\n"
        "except OSError as e:\n"
        "    print(e)\n" % (echo, echo)
    )
    assert out.splitlines() == [
        "127.0.0.1",
        "b'hello\\n'",
        "[Errno 110] ETIMEDOUT",
        "[Errno 11] EAGAIN",
        "[Errno 9] EBADF",
    ]


def test_without_a_link_nothing_goes_out(board, echo):
    out = board.exec(
        "import socket\n"
        "for call in (lambda: socket.socket().connect(('127.0.0.1', %d)),\n"
        "             lambda: socket.getaddrinfo('127.0.0.1', 80),\n"
        "             lambda: socket.socket(2, 2).sendto(b'', ('1.2.3.4', 5))):\n"
        "    try:\n"
        "        call()\n"
        "    except OSError as e:\n"
        "        print(e)\n" % echo
    )
    assert out.splitlines() == [
        "[Errno 113] EHOSTUNREACH",
        "-202",
        "[Errno 113] EHOSTUNREACH",
    ]


def test_a_lost_link_cuts_connections_and_comes_back(online, echo):
    online.exec(
        "import socket\n"
        "s = socket.socket()\n"
        "s.connect(('127.0.0.1', %d))\n"
        "s.send(b'a')\n"
        "assert s.recv(1) == b'a'\n" % echo
    )
    assert online.control("wifi down") == "ok"
    out = online.exec(
        "for call in (lambda: s.recv(1), lambda: s.send(b'b'),\n"
        "             lambda: socket.socket().connect(('127.0.0.1', %d))):\n"
        "    try:\n"
        "        call()\n"
        "    except OSError as e:\n"
        "        print(e)\n"
        "print(w.isconnected())\n" % echo
    )
    assert out.splitlines() == [
        "[Errno 103] ECONNABORTED",
        "[Errno 103] ECONNABORTED",
        "[Errno 113] EHOSTUNREACH",
        "False",
    ]
    assert online.control("wifi up") == "ok"
    online.exec(
        "while not w.isconnected():\n"
        "    time.sleep_ms(10)\n"
        "s = socket.socket()\n"
        "s.connect(('127.0.0.1', %d))\n" % echo,
        timeout=10,
    )


def test_a_lost_link_wakes_a_blocked_read(online, echo):
    timer = threading.Timer(1, online.control, ["wifi down"])
    timer.start()
    out = online.exec(
        "import socket\n"
        "s = socket.socket()\n"
        "s.connect(('127.0.0.1', %d))\n"
        "try:\n"
        "    s.recv(1)\n"
        "except OSError as e:\n"
        "    print(e)\n" % echo
    )
    timer.join()
    assert "ECONNABORTED" in out


def test_asyncio_streams(online, echo):
    out = online.exec(
        "import asyncio\n"
        "async def talk(n):\n"
        "    r, w = await asyncio.open_connection('127.0.0.1', %d)\n"
        "    w.write(b'%%d\\n' %% n)\n"
        "    await w.drain()\n"
        "    line = await r.readline()\n"
        "    w.close()\n"
        "    return line\n"
        "async def main():\n"
        "    server = await asyncio.start_server(\n"
        "        lambda r, w: None, '127.0.0.1', 0)\n"
        "    server.close()\n"
        "    print(await asyncio.gather(talk(1)))\n"
        "asyncio.run(main())\n" % echo
    )
    assert out.strip() == "[b'1\\n']"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost and its key, as files in DER; also PEM."""
    folder = tmp_path_factory.mktemp("tls")
    pem, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "30"]
        + ["-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        + ["-keyout", str(key), "-out", str(pem)],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    subprocess.run(
        ["openssl", "x509", "-in", str(pem), "-outform", "der"]
        + ["-out", str(folder / "cert.der")],
        check=True,
    )
    return folder


TLS = """
import socket, ssl
def talk(name):
    s = socket.socket()
    s.connect(("127.0.0.1", %d))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cafile="cert.der")
    try:
        t = context.wrap_socket(s, server_hostname=name)
        t.write(b"hello")
        print(t.read(5))
    except (OSError, ValueError) as e:
        print(type(e).__name__, e)
    s.close()
"""


def test_tls_checks_name_and_date_by_the_boards_clock(online, certificate):
    online.put({"cert.der": certificate / "cert.der"})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                s, _ = server.accept()
                with context.wrap_socket(s, server_side=True) as t:
                    t.sendall(t.recv(5))
            except ssl.SSLError:
                pass
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    out = online.exec(
        TLS % server.getsockname()[1]
        + "talk('localhost')\n"
        "import ntptime\n"
        "ntptime.settime()\n"
        "print('-')\n"
        "talk('localhost')\n"
        "print('-')\n"
        "talk('elsewhere')\n"
    )
    server.close()
    in_2000, good, other_name = out.split("-\n")
    assert "validity starts in the future" in in_2000
    assert good == "b'hello'\n"
    assert "does not match with the expected CN" in other_name


def test_a_duplicate_terminal_gets_what_is_printed(online, echo):
    out = online.exec(
        "import os, socket\n"
        "s = socket.socket()\n"
        "s.connect(('127.0.0.1', %d))\n"
        "os.dupterm(s)\n"
        "print('to both')\n"
        "os.dupterm(None)\n"
        "print(s.readline())\n" % echo
    )
    assert out.splitlines() == ["to both", "b'to both\\r\\n'"]


CONNECT = b"\x10\x19\x00\x04MQTT\x05\xc2\x00\x3c\x00\x00\x01b\x00\x03bob\x00\x04%s"


@pytest.mark.parametrize("password, reason", [("good", 0), ("evil", 0x87)])
def test_a_broker_is_reached(online, brokers, password, reason):
    broker = brokers(users={"bob": "good"})
    out = online.exec(
        "import socket\n"
        "s = socket.socket()\n"
        "s.connect(('127.0.0.1', %d))\n"
        "s.write(%r)\n"
        "print(s.read(4)[3])\n"
        % (broker.port, CONNECT % password.encode())
    )
    assert out.strip() == str(reason)


def test_sockets_run_out_and_come_back(online):
    out = online.exec(
        "import socket, gc\n"
        "a = []\n"
        "try:\n"
        "    while True:\n"
        "        a.append(socket.socket())\n"
        "except OSError as e:\n"
        "    print(len(a), e.errno)\n"
        "a = None\n"
        "gc.collect()\n"
        "socket.socket().close()\n"
    )
    assert out.strip() == "16 23"


def test_a_soft_reset_closes_sockets(online):
    online.exec(
        "import socket\n"
        "kept = [socket.socket() for i in range(16)]\n"
    )
    online.exec("import socket; socket.socket()", soft_reset=True)


def test_ntptime_asks_the_given_server(boards):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]

        def serve():
            query, client = server.recvfrom(100)
            seconds = 3155673600 + 1000000000
            reply = query[:40] + struct.pack("!II", seconds, 0)
            server.sendto(reply, client)

        threading.Thread(target=serve, daemon=True).start()
        board = boards(options=["--ntp", "127.0.0.1:%d" % port])
        out = board.exec(
            JOIN % ("a", "b")
            + "import ntptime, time\n"
            "ntptime.settime()\n"
            "print(time.time() - 1000000000 in (0, 1), time.gmtime()[0])\n"
        )
    assert out.strip() == "True 2031"


def test_ntptime_gives_up_after_its_timeout(boards):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        board = boards(options=["--ntp", "127.0.0.1:%d" % port])
        out = board.exec(
            JOIN % ("a", "b")
            + "import ntptime\n"
            "try:\n"
            "    ntptime.settime()\n"
            "except OSError as e:\n"
            "    print(e)\n"
        )
    assert out.strip() == "[Errno 110] ETIMEDOUT"


def test_ntptime_needs_a_link(board):
    out = board.exec(
        "import ntptime\n"
        "try:\n"
        "    ntptime.settime()\n"
        "except OSError as e:\n"
        "    print(e)\n"
    )
    assert out.strip() == "-202"


def test_ntptime_without_a_server_takes_the_hosts_clock(board):
    import datetime

    out = board.exec(
        JOIN % ("a", "b")
        + "import ntptime, time\nntptime.settime()\nprint(time.gmtime()[0])"
    )
    assert abs(int(out) - datetime.datetime.utcnow().year) <= 1


def test_control_refuses_what_it_does_not_know(board):
    assert board.control("dance").startswith("error: not a command")
    assert board.control("status").startswith("cause ")
