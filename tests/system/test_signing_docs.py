# SPDX-License-Identifier: MIT
"""The commands of docs/signing.md make what a device takes."""

import json
import re
import subprocess

import pytest

from lib.boards import ROOT
from lib.signing import Key
from lib.updates import CHANNEL, States, updating

TEXT = (ROOT / "docs/signing.md").read_text()
KEY, LIST, COMMAND, CHECK = re.findall(r"```sh\n(.*?)```", TEXT, re.S)
(PYTHON,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
(MAKE_KEY,) = re.findall(r"^    (openssl ecparam .*)$", TEXT, re.M)
NO_BROKER = "mosquitto_pub() { :; }\n"


def shell(folder, *scripts, shell="sh", fail=False):
    done = subprocess.run(
        [shell, "-eu", "-c", "\n".join(scripts)],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert (done.returncode != 0) == fail
    return done.stdout


@pytest.fixture
def folder(tmp_path):
    shell(tmp_path, MAKE_KEY, KEY)
    return tmp_path


def test_key_and_fingerprint_are_those_of_the_key(folder):
    der = subprocess.run(
        ["openssl", "pkey", "-in", folder / "publisher.pem", "-pubout", "-outform", "DER"],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    assert len((folder / "public_key").read_text()) == 88
    key = Key(folder, "other")
    assert key.fingerprint != (folder / "fingerprint").read_text().strip()
    assert der[:26] == key.prefix


@pytest.mark.parametrize("program", ["sh", "bash"])
def test_what_is_signed_is_found_right_and_what_was_changed_is_not(folder, program):
    said = shell(folder, NO_BROKER, LIST, CHECK, shell=program)
    assert said == "Verified OK\n"
    path = folder / "signed.json"
    path.write_text(path.read_text().replace("old_module", "new_module"))
    assert shell(folder, CHECK, shell=program, fail=True) == "Verification failure\n"


def test_an_empty_list_is_signed_too(folder):
    empty = re.sub(r"list='.*'", "list='[]'", LIST)
    assert shell(folder, NO_BROKER, empty, CHECK) == "Verified OK\n"
    assert len(json.loads((folder / "signed.json").read_text())) == 1


def test_the_python_function_signs_the_same_bytes(folder):
    entries = [{"type": "delete", "path": "é.py"}]
    names = {}
    exec(PYTHON, names)
    signed = names["sign"](CHANNEL, entries, 7, key=str(folder / "publisher.pem"))
    (folder / "signed.json").write_bytes(signed)
    check = CHECK.replace("mpypi/channels/latest", CHANNEL)
    assert shell(folder, check) == "Verified OK\n"
    for entries in ([], [{"type": "key", "key": "x"}]):
        signed = names["sign"](CHANNEL, entries, 7, key=str(folder / "publisher.pem"))
        assert json.loads(signed)[:-1] == entries


def test_a_device_takes_what_the_commands_make(boards, tmp_path, broker, folder):
    settings = {"update.public_key": (folder / "public_key").read_text()}
    board = updating(
        boards, tmp_path, broker, settings=settings, files={"/old_module.py": b"x = 1\n"}
    )
    states = States(broker.watch("mpypi/nodes/#"), board)
    board.restart()
    fingerprint = (folder / "fingerprint").read_text().strip()
    board.wait_for("must be signed with the key " + fingerprint)
    publish = 'mosquitto_pub() { command mosquitto_pub -h %s -p %d "$@"; }\n' % (
        broker.host,
        broker.port,
    )
    channel = LIST.replace("mpypi/channels/latest", CHANNEL)
    assert channel != LIST
    shell(folder, publish, channel)
    states.wait("confirmed")
    rest = LIST[LIST.index("head=") :].replace("-r -t", "-t")
    command = COMMAND.replace("esp32-840d8ed29760", board.node)
    shell(folder, publish, command, rest)
    after = board.wait_for("command: reboot")
    board.wait_for("user_main one runs", after=after)
