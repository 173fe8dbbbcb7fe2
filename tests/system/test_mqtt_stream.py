# SPDX-License-Identifier: MIT
"""Payloads of any size, and brokers that do odd things on the way."""

import hashlib
import time

import pytest
from lib.certificates import make as make_certificates
from lib.installed import install
from lib.mqtt_boards import Program
from lib.script import Script

SINK = """
import gc, hashlib, io

class Sink(io.IOBase):
    def begin(self, topic, size, retain):
        print('begin', topic, size, retain)
        self.hash = hashlib.sha256()
        self.size = 0
        return True
    def write(self, data):
        self.hash.update(data)
        self.size += len(data)
        return len(data)
    def end(self, ok):
        print('end', ok, self.size, ''.join('%02x' % b for b in self.hash.digest()))
        ended.set()

ended = asyncio.Event()
"""


def test_a_payload_larger_than_the_heap_streams_through(ready, broker):
    payload = bytes(i * i >> 8 & 255 for i in range(65536)) * 48 + b"end"
    with Program(
        ready,
        broker.port,
        SINK
        + """
async def user_main():
    conn.add_sink('big', Sink())
    await conn.subscribe('big')
    await ended.wait()
    gc.collect()
    print('heap', gc.mem_free() + gc.mem_alloc(), conn.is_connected)
    await conn.disconnect()

asyncio.run(conn.connect())
asyncio.run(user_main())
""",
    ) as program:
        broker.publish("big", payload, retain=True)
        output = program.join(120)
    digest = hashlib.sha256(payload).hexdigest()
    assert "end True %d %s" % (len(payload), digest) in output
    heap = int(output.split("heap ")[1].split()[0])
    assert len(payload) > 10 * heap


LAST = """
async def user_main():
    last = asyncio.Event()
    class Last(Printer):
        async def handle_msg(self, msg):
            await super().handle_msg(msg)
            last.set()
    await Last(conn).subscribe('to/#')
    print('ready')
    await asyncio.wait_for(last.wait(), 20)
    await conn.disconnect()
asyncio.run(conn.connect())
asyncio.run(user_main())
"""


def test_a_large_message_without_a_sink_is_skipped_and_said_once(ready, broker):
    with Program(ready, broker.port, LAST) as program:
        program.wait_for("ready")
        broker.publish("to/large", b"x" * 8193)
        broker.publish("to/larger", b"x" * 300000)
        broker.publish("to/small", b"y" * 10)
        output = program.join()
    assert output.count("needs a sink") == 1
    assert "of 8193 bytes on to/large was skipped" in output
    assert "got to/small b'yyyyyyyyyy' 0 False" in output


def test_a_message_with_a_long_topic_is_skipped_and_said(ready, broker):
    with Program(ready, broker.port, LAST) as program:
        program.wait_for("ready")
        broker.publish("to/" + 1100 * "x", b"m")
        broker.publish("to/me", b"m")
        output = program.join()
    assert "got to/me" in output and "got to/x" not in output
    assert "a message was skipped: its topic and properties are over" in output


FAILING = """
class Unwilling(Sink):
    def begin(self, topic, size, retain):
        super().begin(topic, size, retain)
        return size == 3

class Raising(Sink):
    def begin(self, topic, size, retain):
        super().begin(topic, size, retain)
        if size == 1:
            raise OSError(28)
        return True
    def write(self, data):
        raise ValueError('full')

async def user_main():
    conn.add_sink('unwilling', Unwilling())
    conn.add_sink('raising', Raising())
    conn.add_sink('removed', Sink())
    conn.remove_sink('removed')
    await conn.subscribe('#', Printer(conn))
    print('ready')
    while not stop:
        await asyncio.sleep(0.05)
    await conn.disconnect()

class Printer(Printer):
    async def handle_msg(self, msg):
        global stop
        await super().handle_msg(msg)
        stop = msg.topic == 'stop'

stop = False
asyncio.run(conn.connect())
asyncio.run(user_main())
"""


def test_a_sink_may_decline_or_fail_and_nothing_else_does(ready, broker):
    with Program(ready, broker.port, SINK + FAILING) as program:
        program.wait_for("ready")
        broker.publish("unwilling", b"no")
        broker.publish("unwilling", b"yes")
        broker.publish("raising", b"1")
        broker.publish("raising", b"22")
        broker.publish("removed", b"to the consumer")
        broker.publish("stop", b"now")
        output = program.join()
    assert "begin unwilling 2" in output and "end True 3 " in output
    assert "OSError: 28" in output.replace("[Errno 28] ENOSPC", "28")
    assert "ValueError: full" in output and "end False 0 " in output
    assert "got removed b'to the consumer'" in output
    assert "got unwilling" not in output and "got raising" not in output
    assert "connection lost" not in output


SLOW = """
async def user_main():
    class Slow(Printer):
        async def handle_msg(self, msg):
            await super().handle_msg(msg)
            await asyncio.sleep(30)
    conn.add_sink('stream', Sink())
    await conn.subscribe('slow', Slow(conn))
    await conn.subscribe('quick', Printer(conn))
    await conn.subscribe('stream')
    print('ready')
    await ended.wait()
    await asyncio.sleep(0.2)
    print('dropped', conn.dropped)
    await conn.disconnect()

asyncio.run(conn.connect())
asyncio.run(user_main())
"""


def test_a_slow_consumer_holds_nobody_up(ready, broker):
    with Program(ready, broker.port, SINK + SLOW) as program:
        program.wait_for("ready")
        client = broker.client()
        for n in range(30):
            client.publish("slow", b"%d" % n, 1)
        client.publish("quick", b"gets through", 1)
        client.publish("stream", b"x" * 20000, 1)
        output = program.join()
        client.disconnect()
        client.loop_stop()
    assert "got slow b'0'" in output and "got slow b'1'" not in output
    assert "got quick b'gets through'" in output
    assert "end True 20000" in output
    assert "a consumer of slow is too slow" in output
    assert "dropped 13" in output  # one handled, 16 waiting


STAY = (
    SINK
    + """
async def user_main():
    conn.on_disconnect.append(lambda c: print('lost'))
    conn.add_sink('s', Sink())
    await conn.subscribe('s')
    print('subscribed')
    await asyncio.sleep(60)

asyncio.run(conn.connect())
asyncio.run(user_main())
"""
)


def suback(script):
    packet = script.packet_of(8)
    script.send(bytes([0x90, 4]) + packet[2:4] + b"\0\0")


def test_arriving_bytes_count_as_life(ready):
    """A broker answers PINGREQ only behind the payload it is sending."""
    with Script() as script:
        program = Program(ready, script.port, STAY, keep_alive_interval=2)
        script.accept()
        suback(script)
        program.wait_for("subscribed")
        size = 60
        script.send(bytes([0x30, 4 + size]) + b"\0\x01s\0")
        for n in range(size):
            time.sleep(0.1)
            script.send(b"%c" % n)
        program.wait_for("end True 60")
        assert script.packet_of(12) == b"\xc0\0", "yet it asked"
        assert "lost" not in ready.console()


def test_a_server_keep_alive_is_obeyed(ready):
    with Script() as script:
        program = Program(ready, script.port, STAY, keep_alive_interval=60)
        script.accept(bytes.fromhex("2006000003130001"))
        suback(script)
        begin = time.monotonic()
        assert script.packet_of(12) == b"\xc0\0"
        assert 0.4 < time.monotonic() - begin < 5
        script.send("d000")
        assert script.packet_of(12) == b"\xc0\0"
        program.wait_for("no answer within the keep alive", timeout=5)


def test_a_broken_payload_is_said_to_be_broken(ready):
    with Script() as script:
        program = Program(ready, script.port, STAY)
        script.accept()
        suback(script)
        script.send(bytes.fromhex("30e807000173") + b"\0" + b"x" * 100)
        time.sleep(0.2)
        script.hang_up()
        program.wait_for("end False 100")
        program.wait_for("lost")
        script.accept()
        suback(script)
        script.send("3007000173007a7a7a")
        program.wait_for("begin s 3")
        program.wait_for("end True 3")


def test_a_malformed_packet_is_answered_and_the_link_made_anew(ready):
    with Script() as script:
        program = Program(ready, script.port, STAY)
        connect = script.accept()
        assert connect == (
            bytes.fromhex("10 50 0004 4d515454 05 26 003c 00 0012")
            + b"esp32-840d8ed29760"
            + bytes.fromhex("00 0025")
            + b"mpypi/nodes/esp32-840d8ed29760/status\0\x07offline"
        )
        suback(script)
        script.send("3006000173 80 00 00")
        assert script.packet_of(14) == bytes.fromhex("e00181")
        program.wait_for("malformed packet")
        program.wait_for("lost")
        assert script.accept() == connect
        script.send("e0018b")
        program.wait_for("ended the connection: server shutting down")


def test_what_was_not_acknowledged_is_published_again(ready):
    with Script() as script:
        program = Program(
            ready,
            script.port,
            "async def user_main():\n"
            "    await conn.publish(MQTTMessage('t', 'promised', qos=1))\n"
            "    print('kept')\n"
            "    await conn.disconnect()\n"
            "asyncio.run(conn.connect())\n"
            "asyncio.run(user_main())\n",
        )
        script.accept()
        first = script.packet_of(3)
        while b"promised" not in first:
            first = script.packet_of(3)
        script.hang_up()
        script.accept()
        again = script.packet_of(3)
        while b"promised" not in again:
            again = script.packet_of(3)
        # A clean start: a new message to this broker, so without DUP.
        assert again == first and first[0] == 0x32
        script.send(b"\x40\x02" + again[5:7])
        program.wait_for("kept")
        assert script.packet_of(14) == b"\xe0\0"
        program.join()


def test_a_large_payload_goes_out_and_acknowledgements_wait_behind(ready):
    size = 60000
    with Script() as script:
        program = Program(
            ready,
            script.port,
            "async def user_main():\n"
            "    await conn.publish(MQTTMessage('t', b'x' * %d, qos=1))\n"
            "    print('out')\n"
            "    await conn.disconnect()\n"
            "asyncio.run(conn.connect())\n"
            "asyncio.run(user_main())\n" % size,
        )
        script.accept()
        script.send("3206000173000500")  # QoS 1, wants PUBACK
        big = script.packet_of(3)
        while len(big) < size:
            big = script.packet_of(3)
        assert big[-size:] == b"x" * size
        script.send(b"\x40\x02" + big[7:9])
        program.wait_for("out")
        program.join()


@pytest.fixture
def certificates(tmp_path):
    return make_certificates(tmp_path)


TLS = """
async def attempt(ca, name):
    client = MQTT5Client('127.0.0.1', {port}, 'me', ssl=True,
        ssl_params={{'cafile': ca, 'server_hostname': name}} if ca else None)
    try:
        await client.connect()
        await client.subscribe('t')
        await client.publish(MQTTMessage('t', b'x' * 6000))
        async for msg in client.consume():
            print('tls', len(msg.raw_payload))
            break
        await client.disconnect()
    except OSError as e:
        print(e)

async def main():
    # Certificates are valid by the board's clock, which starts in 2000.
    import ntptime
    ntptime.settime()
    for ca, name in (('/ca.crt', 'localhost'), (None, None),
            ('/other.crt', 'localhost'), ('/ca.crt', 'elsewhere')):
        await attempt(ca, name)

asyncio.run(main())
"""


def test_tls_is_verified_when_there_is_a_ca(
    boards, brokers, certificates, tmp_path
):
    install(tmp_path / "board")
    board = boards(heap="512K")
    broker = brokers(
        extra="certfile %s/server.crt\nkeyfile %s/server.key"
        % (certificates, certificates)
    )
    board.put(
        {
            "/ca.crt": certificates / "ca.crt",
            "/other.crt": certificates / "other.crt",
        }
    )
    program = Program(board, 1, TLS.format(port=broker.port))
    lines = program.join().splitlines()
    assert lines[:2] == ["tls 6000", "tls 6000"]
    begin = "mqtt: the certificate of 127.0.0.1:%d is not accepted: " % broker.port
    assert lines[2:] == [
        begin + "the CA in mqtt.ssl_params did not sign it; give the CA that "
        "did",
        begin + "it is not made out to 'elsewhere'; set mqtt.server, or "
        "server_hostname in mqtt.ssl_params, to the name in it",
    ]
