# SPDX-License-Identifier: MIT
"""A device that has a key: what it takes, and every forgery that it refuses
with one sentence, nothing changed."""

import base64
import json

import pytest

from lib.beating import Device
from lib.signing import Key, compact
from lib.updates import CHANNEL, Publisher, sha256

OTHER_CHANNEL = "mpypi/channels/other"
CODE = b"VERSION = 1\n"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return Key(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return Key(tmp_path_factory.mktemp("keys"), "other")


@pytest.fixture(scope="module")
def device(tmp_path_factory, key):
    """One board for the whole file, which follows CHANNEL and has taken a list
    of serial 1000 there."""
    folder = tmp_path_factory.mktemp("signed")
    device = Device(folder, {"update.public_key": key.text})
    device.cmd = "mpypi/nodes/%s/cmd" % device.board.node
    device.key = key
    yield device
    device.close()


def entries_of(path="thing.py", code=CODE):
    return [{"type": "src", "path": path, "pkg_sha256": sha256(code), "size": len(code)}]


def install(device, topic, entries, serial, key=None, retain=True):
    """Publishes a signed list and waits until it is confirmed."""
    device.mark()
    for entry in entries:
        if entry["type"] == "src":
            at = "mpypi/packages/src/%s/%s" % (entry["path"], entry["pkg_sha256"])
            device.broker.publish(at, CODE, retain=True)
    signed = (key or device.key).sign(topic, entries, serial)
    device.broker.publish(topic, signed, retain=retain)
    device.wait("confirmed", timeout=60)
    return signed


def test_the_log_names_the_keys_fingerprint(device, key):
    said = device.board.console()
    assert "update lists must be signed with the key " + key.fingerprint in said
    assert "update lists are not signed" not in said


def test_a_signed_list_is_installed(device):
    device.first = install(device, CHANNEL, entries_of(), 1000)
    info = device.states.info()
    assert info["files"] == {"thing.py": sha256(CODE)[:8]}
    assert info["update"]["serial"] == "1000"


def sig_of(signed):
    return json.loads(signed)[-1]["sig"].encode()


def der(r, s):
    def integer(value):
        data = value.to_bytes(value.bit_length() // 8 + 1, "big")
        return bytes((2, len(data))) + data

    body = integer(r) + integer(s)
    return bytes((0x30, len(body))) + body


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SET = entries_of("forged.py")
NOT_SIGNED = "list: not signed"
WRONG = "list: wrong signature"
NO_DER = "list: its sig is not the base64 of an ECDSA signature in DER"
SPACE = "list: white space outside strings"
REPLAYED = "list: replayed: a later one was taken"
USED = "list: its serial was used before"
SERIAL = "list: its serial is not a decimal number up to 2^63"


def forgery(topic, entries, serial, der=None):
    """A list that only the key is missing for."""
    return lambda key, other: key.sign(topic, entries, serial, der)


def changed(old, new, topic=CHANNEL, entries=SET, serial=1001):
    def make(key, other):
        signed = key.sign(topic, entries, serial)
        assert old in signed
        return signed.replace(old, new, 1)

    return make


def key_entry(key):
    return {"type": "key", "key": key.text}


# What: (made by, why it is refused)
FORGERIES = {
    "unsigned": (lambda key, other: compact(SET), NOT_SIGNED),
    "unsigned and empty": (lambda key, other: b"[]", NOT_SIGNED),
    "by another key": (lambda key, other: other.sign(CHANNEL, SET, 1001), WRONG),
    "for another channel": (forgery(OTHER_CHANNEL, SET, 1001), WRONG),
    "for a device": (forgery("mpypi/nodes/esp32-000000000000/cmd", SET, 1001), WRONG),
    "of an older list": (forgery(CHANNEL, SET, 999), REPLAYED),
    "of the same serial": (forgery(CHANNEL, SET, 1000), USED),
    "with the serial of another": (changed(b'"1001"', b'"1002"'), WRONG),
    "entry added before": (changed(b"[{", b'[{"type":"delete","path":"user_main.py"},{'), WRONG),
    "entry added behind": (changed(b'"}]', b'"},{"type":"delete","path":"x"}]'), NOT_SIGNED),
    "entry taken away": (
        lambda key, other: b"[" + key.sign(CHANNEL, SET, 1001).split(b"},", 1)[1],
        WRONG,
    ),
    "signature twice": (
        lambda key, other: (lambda one: one[:-1] + one[one.rindex(b",{") :])(
            key.sign(CHANNEL, SET, 1001)
        ),
        WRONG,
    ),
    "white space in front": (changed(b"[", b" ["), SPACE),
    "white space behind": (changed(b'"}]', b'"}]\n'), SPACE),
    "white space between": (changed(b"},{", b"}, {"), SPACE),
    "white space within": (changed(b'"path":', b'"path": '), SPACE),
    "white space that was signed": (
        lambda key, other: key.sign(CHANNEL, SET, 1001).replace(b"[", b"[ ", 1),
        SPACE,
    ),
    "DER cut": (lambda key, other: key.sign(CHANNEL, SET, 1001, key.der(b"x")[:-1]), NO_DER),
    "DER longer": (lambda key, other: key.sign(CHANNEL, SET, 1001, key.der(b"x") + b"\0"), NO_DER),
    "no DER": (forgery(CHANNEL, SET, 1001, b"\0" * 64), NO_DER),
    "of something else": (lambda key, other: key.sign(CHANNEL, SET, 1001, key.der(b"x")), WRONG),
    "r zero": (forgery(CHANNEL, SET, 1001, der(0, 1)), WRONG),
    "s zero": (forgery(CHANNEL, SET, 1001, der(1, 0)), WRONG),
    "r and s zero": (forgery(CHANNEL, SET, 1001, der(0, 0)), WRONG),
    "r and s one": (forgery(CHANNEL, SET, 1001, der(1, 1)), WRONG),
    "r too large": (forgery(CHANNEL, SET, 1001, der(ORDER, 1)), WRONG),
    "s too large": (forgery(CHANNEL, SET, 1001, der(1, ORDER)), WRONG),
    "r over 256 bits": (forgery(CHANNEL, SET, 1001, der(1 << 256, 1)), NO_DER),
    "no base64": (changed(b'"sig":"', b'"sig":"!'), NO_DER),
    "another algorithm": (changed(b"ES256", b"none"), "list: its signature is not ES256"),
    "no algorithm": (changed(b'"alg":"ES256",', b""), NOT_SIGNED),
    "a serial of letters": (forgery(CHANNEL, SET, "later"), SERIAL),
    "a serial over 2^63": (forgery(CHANNEL, SET, 2**63 + 1), SERIAL),
    "a negative serial": (forgery(CHANNEL, SET, -1), SERIAL),
    "a new key, unsigned": (lambda key, other: compact([key_entry(other)]), NOT_SIGNED),
    "a new key by itself": (
        lambda key, other: other.sign(CHANNEL, [key_entry(other)], 1001),
        WRONG,
    ),
    "a new key that is none": (
        forgery(CHANNEL, [{"type": "key", "key": "BA=="}], 1001),
        "list: its key entry holds no public key",
    ),
    "a new key in another form": (
        lambda key, other: key.sign(CHANNEL, [{**key_entry(other), "x": 1}], 1001),
        "list 'key': not signed by the key before it",
    ),
    "a longer list, unsigned": (lambda key, other: compact(SET * 200), NOT_SIGNED),
    "no list": (lambda key, other: b"hello", NOT_SIGNED),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_list_is_refused(device, key, other, what):
    make, sentence = FORGERIES[what]
    device.mark()
    device.broker.publish(CHANNEL, make(key, other), retain=True)
    error = device.wait("failed")["error"]
    assert error.startswith(sentence)
    assert "\n" not in error and len(error) < 160
    assert "failed: " + error in device.console()
    assert "downloading" not in device.console()
    assert "Traceback" not in device.console()


def test_forgeries_on_cmd_are_refused(device, key, other):
    for make in (
        lambda: compact(SET),
        lambda: other.sign(device.cmd, SET, 5000),
        lambda: device.first,
        lambda: other.command(device.board.node, "reboot", 5000),
        lambda: key.command("esp32-000000000000", "reboot", 5000),
        lambda: compact([{"type": "command", "cmd": "reboot"}]),
    ):
        device.mark()
        device.broker.publish(device.cmd, make())
        device.wait("failed")
        assert "Traceback" not in device.console()


def test_after_all_that_the_list_in_force_is_in_force(device):
    device.mark()
    device.still_runs()
    device.broker.publish(CHANNEL, device.first, retain=True)
    device.wait("idle")
    info = device.states.info()
    assert info["files"] == {"thing.py": sha256(CODE)[:8]}
    assert info["update"]["serial"] == "1000"
