# SPDX-License-Identifier: MIT
"""From the original to this library and back, over the air: what is in
docs/migration.md, with a stand-in of the original (lib/original/)."""

import fcntl
import json
import os
import random
import re
import shutil
import subprocess
import time
import zipfile

import pytest

from lib import certificates, originals
from lib.boards import ROOT, Board
from lib.brokers import Broker
from lib.ports import free_port
from lib.updates import Publisher, States, sha256

FILES = """\
import hashlib, os, binascii
def look(folder):
    for entry in sorted(os.ilistdir(folder or '/')):
        path = folder + '/' + entry[0]
        if entry[1] & 0x4000:
            print(path + '/')
            look(path)
        else:
            digest = hashlib.sha256()
            with open(path, 'rb') as file:
                while data := file.read(512):
                    digest.update(data)
            print(path, binascii.hexlify(digest.digest()).decode())
look('')
"""
SECRETS = """\
import sys, json
from mpy_blox.config.secure_nvs import SecureNVS
secure = SecureNVS()
secure.read()
print(json.dumps(secure))
try:
    secure.nvs.get_i32('payload_s')
    print('the original record is there')
except OSError:
    print('gone')
"""
# How many cuts; `make long` says more.
CUTS = int(os.environ.get("BLOX_MIGRATION_CUTS", "2"))
INFO = "/lib/mpy_blox-1.0.0.dev0.dist-info"


class Migrating:
    """A board that runs the original, and its broker."""

    def __init__(self, folder, options=(), extra="", mqtt=()):
        self.broker = Broker(folder / "broker", extra=extra).start()
        node = originals.install(folder / "board", self.broker, mqtt=mqtt)
        self.board = Board(folder / "board", options=options)
        self.board.node = node
        self.states = States(self.broker.watch("mpypi/nodes/#"), self.board)

    def publish(self, entries, *wheels):
        for wheel in (originals.original_wheel(), originals.stage_one()) + wheels:
            originals.publish(self.broker, wheel)
        originals.publish_list(self.broker, entries)

    def start(self):
        self.board.start()
        self.board.wait_for("user_main was imported")

    def files(self):
        """{path: SHA-256 or None for a folder} of its whole flash."""
        lines = self.board.exec(FILES).splitlines()
        return {line.split(" ")[0]: (line.split(" ") + [None])[1] for line in lines}

    def close(self):
        self.board.stop()
        self.broker.stop()


@pytest.fixture
def migrating(tmp_path):
    made = []

    def make(**more):
        made.append(Migrating(tmp_path, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def wheel_files(path):
    with zipfile.ZipFile(path) as wheel:
        return {"/lib/" + name: sha256(wheel.read(name)) for name in wheel.namelist()}


def without_folders(files):
    return {path: digest for path, digest in files.items() if digest}


def is_new_world(migrating, wheel):
    """Exactly the new library, its main.py, and the secrets in our record."""
    files = without_folders(migrating.files())
    lib = {path: digest for path, digest in files.items() if path.startswith("/lib/")}
    assert lib == wheel_files(wheel)
    assert files["/main.py"] == sha256((ROOT / "python/main.py").read_bytes())
    staged = {path[7:] for path in files if path.startswith("/.blox/")}
    # The board was stopped at any moment: a list may be looked at just now.
    assert staged <= {"boots", "list", "list.new", "origin", "src", "todo", "todo.new"}
    said = migrating.board.exec(SECRETS).splitlines()
    assert json.loads(said[0]) == originals.SECRETS
    assert said[1] == "gone"


def is_original_world(migrating):
    """Exactly the original, as a wheel of stage one's version, with its main.py."""
    files = migrating.files()
    assert not any(path.startswith("/.blox") for path in files)
    files = without_folders(files)
    wheel = wheel_files(originals.original_wheel())
    expected = {p: d for p, d in wheel.items() if "dist-info" not in p}
    lib = {p: d for p, d in files.items() if p.startswith("/lib/")}
    assert {p: d for p, d in lib.items() if not p.startswith(INFO)} == expected
    assert files["/main.py"] == sha256(originals.MAIN.encode())
    record = migrating.board.read(INFO + "/RECORD").decode().splitlines()
    assert sorted("/lib/" + line.rsplit(",", 2)[0] for line in record) == sorted(lib)
    assert "Version: 1.0.0.dev0" in migrating.board.read(INFO + "/METADATA").decode()


def test_the_original_becomes_this_library(migrating):
    here = migrating()
    here.start()
    here.publish(originals.migration(), originals.full_wheel())
    at = here.board.wait_for("user_main one runs", timeout=60)
    here.states.wait("confirmed")
    info = here.states.info()
    assert info["versions"] == {"mpy-blox": "1.0.0"}
    seen = len(here.states.all())
    # From here on it is a device like any other: main.py and the rest by src.
    more = Publisher(here.broker).src("user_main.py", originals.user_main("two"))
    originals.publish_list(here.broker, originals.migration() + more.entries)
    here.board.wait_for("user_main two runs", after=at, timeout=40)
    here.states.wait("confirmed", after=seen)
    assert "ERROR" not in here.board.console()
    is_new_world(here, originals.full_wheel())


@pytest.mark.parametrize("broken", [False, True], ids=["good", "broken"])
def test_what_the_original_had_no_time_to_remove_goes(migrating, broken):
    """Its installer was cut when the old RECORD, which names the rest, was
    gone already."""
    here = migrating()
    here.start()
    wheel = originals.full_wheel(broken)
    here.publish(originals.migration(wheel, "1.0.1" if broken else "1.0.0"))
    here.board.wait_for("migration: connected as")
    here.board.stop()
    here.board.start()
    here.board.put({
        "/lib/mpy_blox-0.6.0.dist-info/METADATA": b"Name: mpy-blox\n",
        "/lib/mpy_blox-0.6.0.dist-info/WHEEL": b"Wheel-Version: 1.0\n",
        "/lib/mpy_blox/sensor/s2.bin": b"old",
    })
    originals.publish(here.broker, wheel)
    here.board.restart()
    if broken:
        at = here.board.wait_for("put back", timeout=60)
        here.board.wait_for("user_main was imported", after=at, timeout=40)
        is_original_world(here)
    else:
        here.board.wait_for("user_main one runs", timeout=60)
        here.states.wait("confirmed")
        is_new_world(here, wheel)


def test_over_tls_the_broker_is_held_to_its_certificate(migrating, tmp_path):
    folder = tmp_path / "certificates"
    folder.mkdir()
    certificates.make(folder)
    port = free_port()
    here = migrating(
        extra="listener %d 127.0.0.1\n%s" % (port, certificates.listener(folder, "server")),
        mqtt={
            "port": port,
            "ssl": True,
            "ssl_params": {
                "cadata": (folder / "ca.crt").read_text(),
                "cert_reqs": 2,
                "server_hostname": "localhost",
            },
        },
    )
    here.start()
    here.publish(originals.migration())
    here.board.wait_for("migration: connected as")
    here.board.stop()  # its clock does not live through that
    originals.publish(here.broker, originals.full_wheel())
    here.board.start()
    here.board.wait_for("user_main one runs", timeout=60)
    here.states.wait("confirmed")
    assert here.states.info()["versions"] == {"mpy-blox": "1.0.0"}
    assert "no time" not in here.board.console()
    is_new_world(here, originals.full_wheel())
    said = here.broker.log_text()
    # The original, stage one and the library, each at least once.
    assert len(re.findall("as %s " % here.board.node, said)) >= 3


def test_a_library_that_does_not_start_gives_way_to_the_original(migrating):
    here = migrating()
    here.start()
    wheel = originals.full_wheel(broken=True)
    entries = originals.migration(wheel, "1.0.1")
    here.publish(entries, wheel)
    document = here.states.wait("rolled_back", timeout=60)
    assert document["error"] == (
        "the new library did not pass its trial; ValueError: a broken library"
    )
    at = here.board.wait_for("put back")
    at = here.board.wait_for("its secret is a secret", after=at, timeout=40)
    at = here.board.wait_for("user_main was imported", after=at)
    # The list is still there, and asks for nothing of it.
    originals.publish_list(here.broker, entries + [{"type": "later"}])
    time.sleep(1)
    assert "resetting" not in here.board.console()[at:]
    is_original_world(here)
    # A new stage one is taken as any new version is.
    here.board.restart()
    here.board.wait_for("user_main was imported", after=at)


def test_a_device_that_is_not_served_says_so_and_goes_back(migrating):
    here = migrating()
    here.start()
    entries = originals.migration()
    entries[1]["mpy"] = "6.2"
    here.publish(entries, originals.full_wheel())
    document = here.states.wait("rolled_back")
    assert document["error"] == (
        "the list has no mpy-blox for unix_x64 with mpy 6.3"
    )
    at = here.board.console().rfind("put back")
    here.board.wait_for("its secret is a secret", after=at)
    is_original_world(here)


def test_native_code_for_other_firmware_is_not_committed(migrating, tmp_path):
    files = {}
    with zipfile.ZipFile(originals.full_wheel()) as wheel:
        for name in wheel.namelist():
            if "dist-info" not in name:
                files[name] = wheel.read(name)
    head = bytearray(files["_blox_mqtt.mpy"])
    head[2] = head[2] & ~3 | 2
    files["_blox_mqtt.mpy"] = bytes(head)
    from lib.updates import wheel as pack

    path = tmp_path / "other.whl"
    path.write_bytes(pack("mpy-blox", "1.0.2", files, originals.TAG, store=True))
    here = migrating()
    here.start()
    here.publish(originals.migration(path, "1.0.2"), path)
    error = here.states.wait("rolled_back")["error"]
    assert "_blox_mqtt.mpy is built for MicroPython mpy 6.2" in error
    at = here.board.console().rfind("put back")
    here.board.wait_for("its secret is a secret", after=at)


def test_stage_one_obeys_rollback(migrating):
    here = migrating()
    here.start()
    entries = originals.migration()
    entries[1]["pkg_sha256"] = "0" * 64  # which no broker has
    here.publish(entries)
    here.states.wait("downloading")
    answers = here.broker.watch("mpypi/nodes/+/reply")
    topic = "mpypi/nodes/%s/cmd" % here.board.node
    here.states.wait("failed", timeout=40)
    assert here.states.all()[-1]["error"].endswith("not on the broker; publish it again")
    here.broker.publish(topic, b'{"cmd":"rollback","id":3}')
    answer = answers.wait(lambda topic, payload: True)
    assert json.loads(answer) == {"cmd": "rollback", "id": 3, "ok": True}
    at = here.board.wait_for("put back")
    here.board.wait_for("its secret is a secret", after=at)
    here.board.stop()


def cut_once(folder, number, broken):
    """A migration that loses power at this flash operation. Returns whether
    there were so many."""
    folder.mkdir()
    wheel = originals.full_wheel(broken)
    here = Migrating(folder, options=["--cut-after", str(number)])
    try:
        here.publish(originals.migration(wheel, "1.0.1" if broken else "1.0.0"), wheel)
        here.board.start()
        end = time.monotonic() + 60
        while here.board.process.poll() is None:
            assert time.monotonic() < end, here.board.console()
            if ended(here, broken):
                here.board.stop()
                return False
            time.sleep(0.02)
        here.board.stop()
        here.board.options = []
        here.board.start()
        while not ended(here, broken):
            assert time.monotonic() < end + 60, here.board.console()
            time.sleep(0.05)
        if broken:
            is_original_world(here)
        else:
            is_new_world(here, wheel)
        return True
    finally:
        here.close()


def ended(here, broken):
    console = here.board.console()
    if broken:
        at = console.rfind("put back")
        return at >= 0 and "user_main was imported" in console[at:]
    return "INFO update: idle" in console or "INFO update: confirmed" in console


@pytest.mark.parametrize("broken", [False, True], ids=["good", "broken"])
def test_power_cuts_end_in_one_of_the_two_worlds(tmp_path, broken):
    chance = random.Random(2026 + CUTS)
    most = 2400
    done = 0
    for i in range(CUTS // 2):
        done += cut_once(tmp_path / str(i), chance.randrange(20, most), broken)
    assert done


def test_the_steps_of_the_document(migrating, tmp_path):
    """docs/migration.md, word for word but for names of broker, chip, channel."""
    text = (ROOT / "docs/migration.md").read_text()
    blocks = re.findall(r"(?:^       .*\n)+", text.partition("## Step by step")[2], re.M)
    version = (ROOT / "VERSION").read_text().strip()
    here = migrating()
    here.start()
    (tmp_path / "dist").symlink_to(ROOT / "dist")
    original = originals.original_wheel()
    shutil.copy(original, tmp_path / original.name)
    scripts = []
    for block in blocks:
        script = block.replace("esp32", "unix_x64").replace("1.0.0", version)
        script = script.replace("-h broker.local", "-h %s -p %d" % (here.broker.host, here.broker.port))
        script = script.replace("build/cli/blox", str(ROOT / "build/cli/blox"))
        script = script.replace("make dist", "make -s -C %s dist" % ROOT)
        script = script.replace("ORIGINAL=", "ORIGINAL=%s/" % tmp_path)
        script = script.replace("--channel latest", "--channel test")
        scripts.append(script)
    assert len(scripts) == 3
    with open(ROOT / "build/dist.lock", "w") as lock:  # as lib.installed
        fcntl.flock(lock, fcntl.LOCK_EX)
        for script in scripts:
            subprocess.run(["sh", "-eux", "-c", script], cwd=tmp_path, check=True)
    here.states.wait("confirmed", timeout=60)
    is_new_world(here, originals.full_wheel())
