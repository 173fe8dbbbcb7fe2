# SPDX-License-Identifier: MIT
"""What a device says on `update` from the list to the end, document by
document."""

import re

import pytest

from lib.lines import Gate
from lib.short import shortened
from lib.updates import Publisher, following, noise, updating, user_main, wheel


def document(state, pkg=None, received=0, total=0, done=0, of=0, error=None):
    return {
        "state": state,
        "pkg": pkg,
        "received": received,
        "total": total,
        "done": done,
        "of": of,
        "error": error,
    }


@pytest.fixture
def start(boards, tmp_path, broker):
    """A function that starts a board and returns it, its states and the gate
    between it and the broker."""
    gate = Gate(broker.port).__enter__()

    def make(**settings):
        mqtt = {"server": broker.host, "port": gate.port}
        settings = dict({"mqtt": mqtt, "update.boot_timeout": 1}, **settings)
        board, states = following(boards, tmp_path, broker, settings=settings)
        states.wait("idle")
        return board, states, gate

    yield make
    gate.__exit__()


def without_progress(documents):
    """A state that is said again, at the next connect say, counts once. Which
    sets they name is left out."""
    changes = []
    for d in documents:
        d = {k: v for k, v in d.items() if k not in ("installed", "latest")}
        if not (d["state"] == "downloading" and d["pkg"]) and d not in changes[-1:]:
            changes.append(d)
    return changes


def test_of_an_update_from_the_list_to_the_end(start, broker):
    board, states, gate = start()
    data = wheel("bigpkg", "1.0", {"bigpkg.py": "x = 1\n"})
    publisher = Publisher(broker).wheel("bigpkg", "1.0", data)
    publisher.src("data.bin", noise(60000))
    gate.hold_after(30000)
    publisher.publish()
    gate.wait_held()
    half = states.progress("data.bin")
    gate.release()
    states.wait("confirmed")
    documents = states.all()
    assert without_progress(documents) == [
        document("idle"),
        document("downloading", of=2),
        document("installing", done=2, of=2),
        document("rebooting", done=2, of=2),
        document("trial"),
        document("confirmed"),
    ]
    received = half.pop("received")
    latest = half.pop("latest")
    assert re.fullmatch("[0-9a-f]{8}", latest)
    assert half.pop("installed") is None
    assert documents[0]["latest"] is None
    assert documents[-2]["installed"] is None
    assert documents[-1]["installed"] == documents[-1]["latest"] == latest
    assert 0 < received < 60000
    assert half == {
        "state": "downloading",
        "pkg": "data.bin",
        "total": 60000,
        "done": 1,
        "of": 2,
        "error": None,
    }
    info = states.info()
    assert info["update"] == dict(info["update"], state="confirmed", error=None)


def test_of_a_failure_and_its_remedy(start, broker):
    board, states, gate = start()
    publisher = Publisher(broker).src("data.bin", noise(100), topic=None).publish()
    states.wait("failed")
    error = "data.bin: package not on the broker; publish it again"
    assert states.info()["update"]["error"] == error
    publisher.src("data.bin", noise(100)).publish()
    states.wait("confirmed")
    assert without_progress(states.all()) == [
        document("idle"),
        document("downloading", of=1),
        document("failed", error=error),
        document("downloading", of=1),
        document("installing", done=1, of=1),
        document("rebooting", done=1, of=1),
        document("trial"),
        document("confirmed"),
    ]


def test_of_an_update_that_waits(start, broker):
    board, states, gate = start(**{"update.auto_update": False})
    data = wheel("bigpkg", "1.0", {"bigpkg.py": "x = 1\n"}, spoil=lie)
    Publisher(broker).wheel("bigpkg", "1.0", data).publish()
    states.wait("available")
    broker.publish("mpypi/nodes/%s/cmd" % board.node, b'{"cmd":"install"}')
    failed = states.wait("failed")
    assert "bigpkg.py" in failed["error"]
    assert without_progress(states.all()) == [
        document("idle"),
        document("available"),
        document("downloading", of=1),
        document("installing", done=1, of=1),
        document("rebooting", done=1, of=1),
        document("failed", error=failed["error"]),
    ]


def lie(members, record):
    members["bigpkg.py"] = b"x = 2\n"


PERFORMS = shortened("""\
import asyncio
from mpy_blox import app

async def user_main():
    print('user_main one runs')
    while not (app._updates and app._updates.update_available):
        await asyncio.sleep(0.1)
    print('there is one')
    await app._updates.perform_update()
    await asyncio.sleep(600)
""")


def test_a_program_installs_what_waits(boards, tmp_path, broker):
    board = updating(
        boards,
        tmp_path,
        broker,
        files={"/user_main.py": PERFORMS},
        settings={"update.auto_update": False},
    )
    Publisher(broker).src("user_main.py", user_main("two")).publish()
    board.restart()
    board.wait_for("there is one")
    board.wait_for("user_main two runs")

