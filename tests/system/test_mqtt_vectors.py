# SPDX-License-Identifier: MIT
"""The packet vectors of tests/core/mqtt are made anew here, and the good ones
held against what others wrote: paho-mqtt reads what a broker sends, mosquitto
what we send."""

import pathlib
import socket
import sys

import pytest
from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCodes

VECTORS = pathlib.Path(__file__).parents[1] / "core/mqtt/vectors"
sys.path.insert(0, str(VECTORS))

import make_vectors  # noqa: E402
import wire  # noqa: E402

CONNECT_5 = wire.packet(
    wire.CONNECT, wire.text("MQTT") + b"\5\2\0\0\0" + wire.text("v")
)
CONNECT_4 = wire.packet(
    wire.CONNECT, wire.text("MQTT") + b"\4\2\0\0" + wire.text("v")
)


def vectors(name):
    lines = (VECTORS / name).read_text().splitlines()
    return [[part.strip() for part in line.split(" | ")] for line in lines]


def test_the_vectors_are_those_of_the_table():
    received, sent = make_vectors.lines()
    assert (VECTORS / "received.txt").read_text().splitlines() == received
    assert (VECTORS / "sent.txt").read_text().splitlines() == sent
    assert len(received) + len(sent) > 1500


class Ears(paho.Client):
    """A client that hears bytes and notes what it makes of them."""

    def __init__(self, version, data):
        super().__init__("v", protocol=version)
        self.data = data
        self.heard = []
        self._sock = self  # never used: _sock_recv is ours
        self.on_message = lambda c, u, m: self.heard.append(
            (m.topic, m.payload, m.qos, m.retain)
        )

    def _sock_recv(self, size):
        part, self.data = self.data[:size], self.data[size:]
        if not part:
            raise BlockingIOError
        return part

    def _sock_send(self, data):
        return len(data)

    def _packet_queue(self, *_):
        return paho.MQTT_ERR_SUCCESS

    def reconnect(self):
        return paho.MQTT_ERR_SUCCESS

    def close(self):
        pass

    def fileno(self):
        return -1

    def listen(self):
        result = paho.MQTT_ERR_SUCCESS
        while result == paho.MQTT_ERR_SUCCESS and self.data:
            result = self._packet_read()
        self._sock = None
        return result


def messages(events):
    """What the vectors say of messages at QoS 0 and 1."""
    for event in events.split("; "):
        words = event.split(" ")
        if words[0] == "publish":
            topic = event[len("publish ") : event.index(" size ")]
            size = int(event.split(" size ")[1].split(" ")[0])
            yield topic, size


# Codes that the table allows for a packet, as paho has it.
def code_listed(kind, code):
    return any(kind in kinds for kinds in ReasonCodes(
        PacketTypes.CONNACK).names.get(code, {}).values())  # fmt: skip


def reason_of(data):
    kind, body = data[0] >> 4, data[2:]
    at = {wire.DISCONNECT: 0, wire.CONNACK: 1}.get(kind, 2)
    if kind in (wire.SUBACK, wire.UNSUBACK):
        return kind, body[-1]
    if kind == wire.PUBLISH or kind == wire.PINGRESP or len(body) <= at:
        return kind, 0
    return kind, body[at]


# What paho does not read: AUTH, a refusal of 5.0 in two bytes, aliases, a
# Maximum Packet Size over 2^28 - 1, PUBREL with a reason code.
def readable(state, data):
    kind = data[0] >> 4
    alias = kind == wire.PUBLISH and b"\x23\0" in data
    short = kind == wire.CONNACK and state[1] == "5" and len(data) == 4
    large = kind == wire.CONNACK and b"\x27" in data
    coded = kind == wire.PUBREL and data[1] > 2
    return not (kind == wire.AUTH or short or alias or large or coded)


def test_paho_reads_what_we_take():
    tried = 0
    for state, packet, events, out in vectors("received.txt"):
        data = bytes.fromhex(packet)
        if "error" in events or not readable(state, data):
            continue
        kind, code = reason_of(data)
        if state[1] == "5" and code and not code_listed(kind, code):
            continue
        ears = Ears(int(state[1]), data)
        result = ears.listen()
        over = kind in (wire.DISCONNECT,) or (kind == wire.CONNACK)
        assert over or result == paho.MQTT_ERR_SUCCESS, (state, packet)
        assert not ears.data, (state, packet)
        if not out.startswith("50"):  # paho holds QoS 2 back until PUBREL
            heard = [(topic, len(payload)) for topic, payload, *_ in ears.heard]
            assert heard == list(messages(events)), (state, packet)
        tried += 1
    assert tried > 400


class Line:
    """A plain connection to the broker."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.socket.settimeout(5)

    def say(self, data):
        self.socket.sendall(data)

    def packet(self):
        """The next packet, b'' when the broker has closed."""
        head = self.socket.recv(1)
        length = shift = 0
        while head and (len(head) == 1 or head[-1] >= 0x80):
            head += self.socket.recv(1)
            length |= (head[-1] & 0x7F) << shift
            shift += 7
        body = b""
        while len(body) < length:
            body += self.socket.recv(length - len(body))
        return head + body

    def until(self, kind):
        """The packet of this kind, or of DISCONNECT, or b''."""
        data = self.packet()
        while data and data[0] >> 4 not in (kind, wire.DISCONNECT):
            data = self.packet()
        return data


# 0x81 to 0x83: the broker could not read it.
def understood(data):
    codes = data[2:4]
    return bool(data) and not any(0x81 <= code <= 0x83 for code in codes)


def check_connect(port, data):
    line = Line(port)
    line.say(data)
    answer = line.until(wire.CONNACK)
    line.socket.close()
    assert answer[:1] == b"\x20" and understood(answer), (data.hex(), answer)


def check_request(port, state, data):
    line = Line(port)
    line.say(CONNECT_4 if state[1] == "4" else CONNECT_5)
    assert line.until(wire.CONNACK)[3] == 0
    line.say(data + b"\xc0\0")
    answer = line.until(wire.PINGRESP)
    line.socket.close()
    assert answer[:1] == b"\xd0", (state, data.hex(), answer)


def check_end(port, state, data):
    line = Line(port)
    line.say(CONNECT_4 if state[1] == "4" else CONNECT_5)
    assert line.until(wire.CONNACK)[3] == 0
    line.say(data)
    answer = line.packet()
    line.socket.close()
    assert answer == b"", (state, data.hex(), answer)


# A client may end with these alone, table 2-6.
ENDS = (0, 4, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
        0x99)  # fmt: skip


@pytest.mark.parametrize("verb", ["connect", "disconnect", "request"])
def test_mosquitto_reads_what_we_send(broker, verb):
    tried = 0
    for state, request, result in vectors("sent.txt"):
        words = request.split(" ")
        kind = words[0] if words[0] in ("connect", "disconnect") else "request"
        if kind != verb or not result or result[0] not in "0123456789abcdef":
            continue
        if not all(c in "0123456789abcdef" for c in result) or words[0] == "auth":
            continue
        data = bytes.fromhex(result)
        if verb == "connect" and "number=39:1" not in words:
            check_connect(broker.port, data)
        elif verb == "connect":
            continue  # a Maximum Packet Size of 1 leaves no room to answer
        elif verb == "disconnect":
            if int(words[1].split("=")[1]) in ENDS and state[1] != "b":
                check_end(broker.port, state, data)
        else:
            check_request(broker.port, state, data)
        tried += 1
    assert tried > {"connect": 100, "disconnect": 30, "request": 300}[verb]
