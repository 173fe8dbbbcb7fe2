# SPDX-License-Identifier: MIT
"""Secrets and settings over power cuts and resets."""

import json
import shutil

import pytest

from lib.boards import Board
from lib.installed import install
from lib.updates import Publisher, States, updating

SECRETS = {"wlan.ssid": "home", "mqtt.password": "secret"}
OLDER = {"wlan.ssid": "older", "mqtt.password": "before", "api.token": "t"}
SETTINGS = {"hostname": "tester", "mqtt": {"server": "localhost"}}
INIT = """\
import logging
logging.basicConfig(level=logging.INFO)
from mpy_blox.config import init_config
config = init_config()
"""
REPORT = INIT + """
import json, os
print(json.dumps([config['secure'], config.get('hostname'),
                  'provision.json' in os.listdir('/')]))
"""
# What lies there, taking nothing in.
LOOK = """
import json, os
from mpy_blox.config.secure_nvs import NotInitialised, SecureNVS
secure = SecureNVS()
try:
    secure.read()
    found = secure
except NotInitialised:
    found = None
print(json.dumps([found, 'provision.json' in os.listdir('/')]))
"""
NVS = """
import esp32, json, os, machine, _blox_seal
from mpy_blox.config.secure_nvs import SecureNVS
nvs = esp32.NVS('sec_cfg')
def blob(key):
    buffer = bytearray(600)
    return bytes(buffer[:nvs.get_blob(key, buffer)])
def keys():
    found = []
    for key in ('rec', 'iv', 'payload'):
        try:
            blob(key)
            found.append(key)
        except OSError:
            pass
    return found
"""
# Writes OLDER as the older Mpy-BLOX did.
OLDER_RECORD = NVS + """
iv = os.urandom(16)
text = json.dumps(%r).encode()
payload = _blox_seal.seal(text, machine.unique_id(), iv)[49:]
nvs.set_blob('iv', iv)
nvs.set_i32('payload_s', len(payload))
nvs.set_blob('payload', payload)
""" % OLDER
REPLACE = NVS + "SecureNVS().replace_original()\n"
NVS_SIZE = 24 * 1024  # at the begin of the image
CUTS_MAX = 200  # more flash operations than provisioning can take


def report(board):
    return json.loads(board.exec(REPORT, soft_reset=True).splitlines()[-1])


@pytest.fixture
def prepared(tmp_path):
    """A folder with the image of a board that waits to be provisioned; with
    `older`, one that has been provisioned before."""

    def make(older):
        folder = tmp_path / "prepared"
        install(folder)
        with Board(folder) as board:
            if older:
                board.put({"/provision.json": json.dumps(OLDER)})
                board.exec(INIT, soft_reset=True)
            board.put(
                {
                    "/settings.json": json.dumps(SETTINGS),
                    "/provision.json": json.dumps(SECRETS),
                }
            )
        return folder / "board.flash"

    return make


def cut_while(code, image, folder, cut):
    """Returns whether the power was cut before code was over."""
    folder.mkdir()
    shutil.copyfile(image, folder / "board.flash")
    with Board(folder, options=["--cut-after", cut]) as board:
        process = board.process
        try:
            board.exec(code, soft_reset=True, timeout=10)
        except Exception:
            process.wait(10)
        return process.poll() is not None


def sweep(code, image, tmp_path, check):
    """Cuts code at each flash operation and hands the board, powered again, to
    check(board)."""
    for cut in range(1, CUTS_MAX):
        was_cut = cut_while(code, image, tmp_path / f"cut{cut}", cut)
        with Board(tmp_path / f"cut{cut}") as board:
            check(board, f"cut at {cut}")
        if not was_cut:
            break
    assert not was_cut and cut > 3, cut


@pytest.mark.parametrize("older", [False, True])
def test_no_power_cut_loses_secrets(prepared, tmp_path, older):
    wanted = dict(OLDER, **SECRETS) if older else SECRETS
    before = OLDER if older else None

    def check(board, cut):
        at_first, is_there = json.loads(board.exec(LOOK, soft_reset=True))
        assert at_first == wanted or (at_first == before and is_there), cut
        assert report(board) == [wanted, "tester", False], cut

    sweep(INIT, prepared(older), tmp_path, check)


def test_no_power_cut_while_the_older_record_goes_loses_secrets(prepared, tmp_path):
    image = prepared(False)
    with Board(image.parent) as board:
        board.exec("import os; os.remove('/provision.json')\n" + OLDER_RECORD)

    def check(board, cut):
        assert json.loads(board.exec(LOOK, soft_reset=True))[0] == OLDER, cut
        board.exec(REPLACE, soft_reset=True)
        assert json.loads(board.exec(LOOK))[0] == OLDER, cut
        assert board.exec("print(keys())") == "['rec']\n", cut

    sweep(REPLACE, image, tmp_path, check)


TELLING = NVS + """
import asyncio

async def user_main():
    print('%s: keys', keys())
    while True:
        await asyncio.sleep(1)
"""


def test_the_older_record_goes_when_an_update_is_confirmed(boards, tmp_path, broker):
    board = updating(boards, tmp_path, broker, files={"/user_main.py": TELLING % "old"})
    states = States(broker.watch("mpypi/nodes/#"), board)
    board.exec(OLDER_RECORD)
    board.restart()
    board.wait_for("old: keys ['rec', 'iv', 'payload']")
    Publisher(broker).src("user_main.py", TELLING % "new").publish()
    board.wait_for("new: keys ['rec', 'iv', 'payload']")
    states.wait("confirmed")
    assert board.exec(NVS + "print(keys())") == "['rec']\n"
    assert json.loads(board.exec(LOOK))[0]["api.token"] == "t"


def test_unprovisioned_no_byte_of_the_record_is_left_in_nvs(prepared):
    image = prepared(True)
    with Board(image.parent) as board:
        assert report(board)[0] == dict(OLDER, **SECRETS)
        board.exec(OLDER_RECORD)
        sealed = [
            eval(board.exec(f"print(blob({key!r}))")) for key in ("rec", "payload")
        ]
    parts = [blob[at : at + 16] for blob in sealed for at in range(0, len(blob), 16)]
    parts = [part for part in parts if len(part) == 16]
    nvs = image.read_bytes()[:NVS_SIZE]
    assert len(parts) > 10 and any(part in nvs for part in parts)
    with Board(image.parent) as board:
        board.exec("import esp32; esp32.NVS('other').set_blob('mine', b'm' * 99)")
        board.exec("from mpy_blox.config.secure_nvs import SecureNVS; SecureNVS().clear()")
        size = board.exec("import esp32; print(esp32.NVS('other').get_blob('mine', bytearray(99)))")
        assert size == "99\n"
    nvs = image.read_bytes()[:NVS_SIZE]
    assert not any(part in nvs for part in parts)


def test_secrets_are_of_one_chip(prepared, tmp_path):
    image = prepared(False)
    with Board(image.parent) as board:
        assert report(board) == [SECRETS, "tester", False]
    other = ["--unique-id", "a0b1c2d3e4f5"]
    with Board(image.parent, options=other) as board:
        assert report(board) == [{}, "tester", False]
        said = board.exec(INIT, soft_reset=True)
        assert (
            "secure configuration: damaged, or written by another chip; "
            "provision the device again" in said
        )
    with Board(image.parent) as board:
        assert report(board) == [SECRETS, "tester", False]


def test_secrets_are_not_readable_in_the_flash(prepared):
    image = prepared(False)
    with Board(image.parent) as board:
        assert report(board)[0] == SECRETS
        record = board.exec(
            "import esp32\n"
            "buffer = bytearray(600)\n"
            "print(bytes(buffer[:esp32.NVS('sec_cfg')"
            ".get_blob('rec', buffer)]))"
        )
    assert SECRETS["mqtt.password"] not in record
    assert len(eval(record)) == 49 + 64
