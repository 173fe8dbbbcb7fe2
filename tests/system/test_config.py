# SPDX-License-Identifier: MIT
"""Secrets and settings over power cuts and resets."""

import json
import shutil

import pytest

from lib.boards import Board
from lib.installed import install

SECRETS = {"wlan.ssid": "home", "mqtt.password": "secret"}
OLDER = {"wlan.ssid": "older", "mqtt.password": "before"}
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


def cut_while_provisioning(image, folder, cut):
    """Returns whether the power was cut before provisioning was over, and
    what the device reports after that."""
    folder.mkdir()
    shutil.copyfile(image, folder / "board.flash")
    with Board(folder, options=["--cut-after", cut]) as board:
        process = board.process
        try:
            board.exec(INIT, soft_reset=True, timeout=10)
        except Exception:
            process.wait(10)
        was_cut = process.poll() is not None
    with Board(folder) as board:
        return was_cut, report(board)


@pytest.mark.parametrize("older", [False, True])
def test_no_power_cut_loses_secrets(prepared, tmp_path, older):
    image = prepared(older)
    for cut in range(1, CUTS_MAX):
        was_cut, said = cut_while_provisioning(
            image, tmp_path / f"cut{cut}", cut
        )
        assert said == [SECRETS, "tester", False], f"cut at {cut}"
        if not was_cut:
            break
    assert not was_cut and cut > 3, cut


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
