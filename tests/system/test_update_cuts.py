# SPDX-License-Identifier: MIT
"""A board as a process, whose power is cut in one flash operation of an update
after the other: a sample of them; BLOX_CUTS=500 in make long. docs/power.md
tells of the harness that cuts at all of them."""

import json
import os
import random
import re
import shutil

import pytest

from lib.boards import ROOT, Board
from lib.installed import install
from lib.updates import Publisher, noise, wheel

CUTS = int(os.environ.get("BLOX_CUTS", 20))
SEED = int(os.environ.get("BLOX_SEED", random.randrange(1 << 30)))
# What the broker retains lies on flash; a device whose id is odd reaches it.
BROKER, NO_BROKER = "840d8ed29761", "840d8ed29760"
SETTINGS = {"network.disabled": True, "update.channel": "test"}

LOOK = """\
import asyncio, binascii, hashlib, json, machine, os, retained

def digest(path):
    sum = hashlib.sha256()
    with open(path, 'rb') as file:
        while data := file.read(512):
            sum.update(data)
    return binascii.hexlify(sum.digest()).decode()

def show(folder=''):
    for name, kind, *_ in os.ilistdir(folder or '/'):
        path = folder + '/' + name
        if kind != 0x4000:
            print('file', path, digest(path))
        elif path != '/.blox':
            print('file', path, 'folder')
            show(path)

def payload(topic):
    with open('/broker/index') as file:
        index = json.load(file)
    if topic in index:
        with open('/broker/%d' % index[topic], 'rb') as file:
            return file.read()

async def at_rest():
    from mpy_blox import update

    if update.on_trial():
        update.confirm()
        while 'journal' in os.listdir('/.blox'):
            await asyncio.sleep_ms(10)
    if machine.unique_id()[-1] & 1:
        await retained.follow(retained.Connection('esp32-cuts', payload), None)
    show()
    print('at rest:', os.listdir('/.blox'))
"""
MAIN = """\
NAME = '%s'

async def user_main():
    import look
    await look.at_rest()
"""


class Shelf:
    """In the place of a broker: keeps what a Publisher retains."""

    def __init__(self):
        self.payloads = {}

    def publish(self, topic, payload, retain=True):
        self.payloads[topic] = payload

    def files(self):
        topics = list(self.payloads)
        index = {topic: number for number, topic in enumerate(topics)}
        files = {"/broker/%d" % i: self.payloads[t] for t, i in index.items()}
        return dict(files, **{"/broker/index": json.dumps(index)})


PKG = {"pkg/m%d.py" % i: "x = '%s'\n" % noise(4000, i).hex() for i in range(3)}


def start(image, folder, unique_id, *options):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copyfile(image, folder / "board.flash")
    return resume(folder, unique_id, *options)


def resume(folder, unique_id, *options):
    options = ["--fast", "--unique-id", unique_id, *options]
    return Board(folder, options=options).start()


def rest(board, after=0):
    """Waits until it is at rest; returns (its files: paths to digests, names
    in /.blox, flash operations since power-on)."""
    end = board.wait_for("at rest: ", timeout=40, after=after)
    board.wait_for("]", after=end)
    said = board.console()[board.console().rfind("rst:", 0, end) :]
    operations = int(board.control("status").split()[-1])
    board.kill()
    files = dict(re.findall(r"^file (/.*) (\w+)\r?$", said, re.M))
    for path in ("/.hass.sets", "/.hass.sets.new"):  # the device's own, of no set
        files.pop(path, None)
    return files, set(eval(re.search(r"at rest: (\[.*?\])", said)[1])), operations


@pytest.fixture
def prepared(tmp_path):
    """The image of a device at rest in the old world that has an update."""
    folder = tmp_path / "prepared"
    install(folder)
    shelf = Shelf()
    Publisher(shelf).wheel("pkg", "2.0", wheel("pkg", "2.0", PKG)).src(
        "user_main.py", MAIN % "new"
    ).src("new/empty.py", "").delete("gone.py").publish()
    with Board(folder) as board:
        board.put({
            "/main.py": ROOT / "python/main.py",
            "/settings.json": json.dumps(SETTINGS),
            "/look.py": LOOK,
            "/retained.py": ROOT / "tests/power/modules/retained.py",
            "/user_main.py": MAIN % "old",
            "/gone.py": "x = 1\n",
            **shelf.files(),
        })
    return folder / "board.flash"


def test_a_board_cut_in_any_operation_has_one_of_two_worlds(prepared, tmp_path):
    folder = tmp_path / "cut"
    old, settled, _ = rest(start(prepared, folder, NO_BROKER))
    new, followed, operations = rest(start(prepared, folder, BROKER))
    assert "/gone.py" in old and "/gone.py" not in new
    assert operations > 300
    chance = random.Random(SEED)
    ended = []
    for i in range(CUTS):  # one in each of so many stretches
        first, behind = operations * i // CUTS, operations * (i + 1) // CUTS
        at = 1 + chance.randrange(first, behind)
        unique_id = BROKER if i % 2 else NO_BROKER
        replay = "BLOX_SEED=%d, cut in operation %d, then %s" % (SEED, at, unique_id)
        board = start(prepared, folder, BROKER, "--cut-after", str(at))
        assert board.process.wait(40) == -9, replay
        board.process.stderr.close()
        after = len(board.console())
        files, kept, _ = rest(resume(folder, unique_id), after)
        if files != old or unique_id == BROKER:
            assert files == new, replay
        assert kept <= settled | followed, replay
        ended.append(files == new)
    assert {False, True} == set(ended)
