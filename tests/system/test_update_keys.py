# SPDX-License-Identifier: MIT
"""The device's key: taken in, kept, followed by another, taken away; and what
it says to commands."""

import base64
import json

import pytest

from lib.boards import ROOT
from lib.signing import Key, compact
from lib.updates import CHANNEL, Publisher, States, sha256, updating, user_main

KEY = "update.public_key"
NOT_SIGNED = "list: not signed"
LONG = {"update.trial_timeout": 600}
MUST = "update lists must be signed with the key "
MUST_NEW = "update lists must be signed with the new key "
NOT_CHECKED = "update lists are not signed: whoever may publish"


@pytest.fixture
def key(tmp_path):
    return Key(tmp_path)


class Device:
    """A board with its broker, its states and what sets its settings."""

    def __init__(self, boards, tmp_path, broker, settings, static):
        self.board = updating(boards, tmp_path, broker, static=static, settings=settings)
        self.settings = json.loads(self.board.read("/settings.json"))
        self.broker = broker
        self.cmd = "mpypi/nodes/%s/cmd" % self.board.node
        self.states = States(broker.watch("mpypi/nodes/#"), self.board)
        self.mark()

    def mark(self):
        self.said = len(self.board.console()) if self.board.log.exists() else 0
        self.stated = len(self.states.all())

    def start(self, **settings):
        """Starts anew with other settings, None for one that goes."""
        if settings:
            self.settings.update({KEY: settings["key"]})
            if settings["key"] is None:
                del self.settings[KEY]
            self.board.put({"/settings.json": json.dumps(self.settings)})
        self.mark()
        self.board.restart()

    def wait_for(self, text, **more):
        return self.board.wait_for(text, after=self.said, **more)

    def wait(self, state, **more):
        return self.states.wait(state, after=self.stated, **more)

    def send(self, topic, payload, retain=False):
        self.mark()
        self.broker.publish(topic, payload, retain=retain)

    def program(self, name, key, serial, topic=CHANNEL, more=()):
        """Publishes a list, signed, that brings user_main of this name."""
        code = user_main(name)
        at = "mpypi/packages/src/user_main.py/" + sha256(code)
        self.broker.publish(at, code, retain=True)
        entry = {"type": "src", "path": "user_main.py", "pkg_sha256": sha256(code)}
        self.send(topic, key.sign(topic, [entry, *more], serial), topic == CHANNEL)

    def refuses(self, payload, sentence=NOT_SIGNED, topic=CHANNEL):
        self.send(topic, payload, topic == CHANNEL)
        assert self.wait("failed")["error"].startswith(sentence)


@pytest.fixture
def device(boards, tmp_path, broker):
    """A function: a device with these settings that runs user_main one."""

    def make(static=False, **settings):
        device = Device(boards, tmp_path, broker, settings, static)
        device.start()
        device.wait_for("user_main one runs")
        return device

    return make


def unsigned(path="x.py"):
    return compact([{"type": "src", "path": path, "pkg_sha256": sha256(b"x")}])


def next_key(key):
    return {"type": "key", "key": key.text}


def beside_the_curve(key):
    point = bytearray(key.point)
    point[-1] ^= 1
    return base64.b64encode(point).decode()


def compressed(key):
    return base64.b64encode(bytes([2 + key.point[-1] % 2]) + key.point[1:33]).decode()


def test_what_is_no_key_switches_updates_off(device, key):
    dut = device()
    for wrong, sentence in (
        (beside_the_curve(key), "not a point of the curve P-256"),
        (compressed(key), "not the base64 of an uncompressed P-256 point"),
        ("", "not the base64 of an uncompressed P-256 point"),
        (5, "not the base64 of an uncompressed P-256 point"),
    ):
        dut.start(key=wrong)
        dut.wait_for("updates are off: update.public_key: " + sentence)
        dut.wait_for("user_main one runs")
        assert "Traceback" not in dut.board.console()[dut.said :]
    # Nothing of it was kept.
    dut.start(key=None)
    dut.wait_for(NOT_CHECKED)


def test_once_taken_in_settings_cannot_take_it_away(device, key, tmp_path):
    dut = device(**{KEY: key.text})
    dut.wait_for(MUST + key.fingerprint)
    dut.start(key=None)
    dut.wait_for(MUST + key.fingerprint)
    dut.refuses(unsigned())
    other = Key(tmp_path, "other")
    dut.start(key=other.text)
    dut.wait_for("settings.json: another update.public_key does not count")
    dut.wait_for(MUST + key.fingerprint)
    dut.wait("failed")  # what is on the channel is read again
    dut.refuses(other.sign(CHANNEL, [], 1), "list: wrong signature")
    dut.program("two", key, 2)
    dut.wait_for("user_main two runs")


def test_unprovision_takes_it_away_with_its_serials(device, key, tmp_path):
    dut = device(**{KEY: key.text})
    dut.program("two", key, 9)
    dut.wait("confirmed")
    other = Key(tmp_path, "other")
    erase = (ROOT / "python/mpy_blox/config/erase.py").read_text()
    dut.board.exec(erase + "\nimport esp32\nerase(esp32.NVS('sec_cfg'))")
    dut.board.put(
        {"/provision.json": json.dumps({"wlan.ssid": "net", "wlan.psk": "password"})}
    )
    dut.start(key=other.text)
    dut.wait_for(MUST + other.fingerprint)
    dut.program("three", other, 3)
    dut.wait_for("user_main three runs")


def test_what_was_accepted_without_a_key_does_not_count(device, broker, key):
    dut = device(**{"update.auto_update": False})
    dut.wait_for(NOT_CHECKED)
    Publisher(broker).src("user_main.py", user_main("two")).publish()
    dut.wait("available")
    dut.start(key=key.text)
    dut.wait_for(MUST)
    assert dut.wait("failed")["error"].startswith(NOT_SIGNED)
    dut.mark()
    dut.broker.publish(dut.cmd, b'{"cmd":"install"}')
    dut.wait_for("command 'install': no update waits")
    assert "user_main two" not in dut.board.console()


def test_serials_outlive_a_reset_also_with_the_modules_in_firmware(device, key):
    dut = device(static=True, **{KEY: key.text})
    dut.program("two", key, 10)
    dut.wait_for("user_main two runs")
    dut.wait("confirmed")
    dut.program("three", key, 9)
    assert dut.wait("failed")["error"].startswith("list: replayed")


def test_a_list_on_cmd_is_taken_once(device, key):
    dut = device(**{KEY: key.text, "update.auto_update": False})
    dut.program("two", key, 10, dut.cmd)
    dut.wait_for("user_main two runs")
    dut.wait("confirmed")
    dut.program("two", key, 10, dut.cmd)
    assert dut.wait("failed")["error"].startswith("list: its serial was used before")


def test_commands_must_be_signed_but_install_and_info(device, key):
    dut = device(**{KEY: key.text, "update.auto_update": False})
    node = dut.board.node
    for name in ("reboot", "rollback", "confirm", "hash"):
        dut.send(dut.cmd, compact({"cmd": name, "path": "main.py"}))
        dut.wait_for("command '%s': this device has a key, so it must be signed" % name)
    dut.program("two", key, 5)
    dut.wait("available")
    infos = [m for m in dut.states.watch.messages if m[0].endswith("/info")]
    dut.send(dut.cmd, b'{"cmd":"info"}')
    dut.wait_for("command: info")
    reboot = key.command(node, "reboot", 6)
    dut.send(dut.cmd, reboot)
    dut.wait_for("user_main one runs")
    dut.wait("available")
    # The same again, now that its serial was stored.
    dut.send(dut.cmd, reboot)
    assert dut.wait("failed")["error"].startswith("list: its serial was used before")
    dut.send(dut.cmd, b'{"cmd":"install"}')
    dut.wait_for("user_main two runs")
    assert infos


def test_a_key_entry_takes_effect_when_its_set_is_confirmed(device, key, tmp_path):
    other = Key(tmp_path, "other")
    dut = device(**{KEY: key.text, **LONG})
    dut.program("two", key, 1, more=[next_key(other)])
    dut.wait_for("user_main two runs")
    dut.wait("trial")
    # On trial both count; both wait, and are looked at again after it.
    dut.program("three", key, 2)
    dut.wait_for("a new list waits until the trial is over")
    dut.program("four", other, 3)
    dut.wait_for("a new list waits until the trial is over")
    dut.send(dut.cmd, other.command(dut.board.node, "confirm", 4))
    dut.wait_for(MUST_NEW + other.fingerprint)
    dut.wait_for("user_main four runs")
    dut.wait_for(MUST + other.fingerprint)
    dut.program("five", key, 5)
    dut.wait_for("list: wrong signature")


def test_a_key_entry_takes_effect_when_a_deploy_ends_the_trial(device, key, tmp_path):
    other = Key(tmp_path, "other")
    dut = device(**{KEY: key.text, **LONG})
    dut.program("two", key, 1, more=[next_key(other)])
    dut.wait_for("user_main two runs")
    dut.wait("trial")
    dut.board.put({"/user_main.py": user_main("three")})
    dut.mark()
    dut.board.mpremote("reset", check=False)
    dut.wait_for("was deployed during the trial")
    dut.wait_for(MUST_NEW + other.fingerprint)
    dut.wait_for("user_main three runs")
    dut.refuses(key.sign(CHANNEL, [], 2), "list: wrong signature")


def test_a_key_entry_of_a_set_that_is_undone_has_no_effect(device, key, tmp_path):
    other = Key(tmp_path, "other")
    dut = device(**{KEY: key.text})
    code = b"async def user_main():\n    1 / 0\n"
    at = "mpypi/packages/src/user_main.py/" + sha256(code)
    dut.broker.publish(at, code, retain=True)
    entry = {"type": "src", "path": "user_main.py", "pkg_sha256": sha256(code)}
    dut.send(CHANNEL, key.sign(CHANNEL, [entry, next_key(other)], 1), True)
    dut.wait("rolled_back", timeout=60)
    dut.wait_for("user_main one runs")
    dut.refuses(other.sign(CHANNEL, [], 2), "list: wrong signature")
    dut.program("two", key, 3)
    dut.wait_for("user_main two runs")


def test_a_list_that_brings_only_a_key_changes_it_at_once(device, key, tmp_path):
    other = Key(tmp_path, "other")
    dut = device(**{KEY: key.text})
    dut.send(CHANNEL, key.sign(CHANNEL, [next_key(other)], 1), True)
    dut.wait_for(MUST_NEW + other.fingerprint)
    dut.start(key=None)
    dut.wait_for(MUST + other.fingerprint)


def test_without_a_key_none_comes_over_the_air(device, key):
    dut = device()
    dut.refuses(
        compact([next_key(key)]), "list 'key': not signed by the key before it"
    )
    # Signed for others, it is theirs.
    dut.send(CHANNEL, key.sign(CHANNEL, [next_key(key)], 1), True)
    dut.wait("idle")
    dut.start()
    dut.wait_for(NOT_CHECKED)
