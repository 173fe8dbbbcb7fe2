# SPDX-License-Identifier: MIT
"""The update card: what Home Assistant shows of a device's updates, and its
button."""

import json
import re

import jinja2
import pytest
from lib.hass import HomeAssistant
from lib.lines import Gate
from lib.updates import Publisher, noise, updating, wheel

# What Home Assistant takes from an update entity's state; a version may not
# be null there.
SHOWN = {
    "installed_version": str,
    "latest_version": str,
    "in_progress": bool,
    "update_percentage": (int, type(None)),
    "release_summary": str,
}
ENVIRONMENT = jinja2.Environment(undefined=jinja2.StrictUndefined)
ENVIRONMENT.filters["to_json"] = json.dumps


class Card:
    """The card of a board, as a Home Assistant makes it of what it gets."""

    def __init__(self, hass, node):
        self.hass = hass
        self.key = ("update", node + "-update")
        hass.wait(lambda: self.key in hass.entities)

    @property
    def document(self):
        return self.hass.entities[self.key]

    def _payload(self):
        return self.hass.states.get(self.document["state_topic"])

    def _render(self, payload):
        template = ENVIRONMENT.from_string(self.document["value_template"])
        shown = json.loads(template.render(value_json=json.loads(payload)))
        assert set(shown) == set(SHOWN)
        for key, value in shown.items():
            assert isinstance(value, SHOWN[key]), shown
        return shown

    def wait(self, condition):
        """Returns the first thing shown, from now on, that fulfils it."""
        found = []

        def look():
            payload = self._payload()
            if payload and condition(self._render(payload)):
                found.append(self._render(payload))
            return found

        self.hass.wait(look, 40)
        return found[0]

    def wait_idle(self):
        return self.wait(lambda s: not s["in_progress"])

    def wait_offered(self):
        return self.wait(lambda s: s["latest_version"] != s["installed_version"])

    def press_install(self):
        document = self.document
        self.hass.publish(document["command_topic"], document["payload_install"])


@pytest.fixture
def start(boards, tmp_path, broker):
    """A function that starts a board; returns it and its Home Assistant."""
    gate = Gate(broker.port).__enter__()
    hass = HomeAssistant(broker)

    def make(files=(), **more):
        mqtt = {"server": broker.host, "port": gate.port}
        settings = dict({"mqtt": mqtt, "update.auto_update": False}, **more)
        board = updating(boards, tmp_path, broker, files, settings=settings)
        board.restart()
        board.wait_for("user_main one runs")
        return board, hass, gate

    yield make
    packages = "mpypi/packages/"  # these are no text
    assert [said for said in hass.refused if not said.startswith(packages)] == []
    hass.stop()
    gate.__exit__()


def test_the_card_of_a_whole_update(start, broker):
    board, hass, gate = start()
    card = Card(hass, board.node)
    assert card.document["availability_topic"] == "mpypi/nodes/%s/status" % board.node
    assert card.document["device"]["identifiers"] == board.node
    first = card.wait_idle()
    assert re.fullmatch(r"mpy-blox \S+", first["installed_version"])
    assert first["latest_version"] == first["installed_version"]
    assert card.document["title"] == "Packages of " + card.document["device"]["name"]

    publisher = Publisher(broker).src("a.txt", "1")
    publisher.src("b.txt", noise(30000).hex()).publish()
    offered = card.wait_offered()
    assert not offered["in_progress"] and offered["update_percentage"] is None
    assert re.fullmatch(r"a.txt, b.txt \([0-9a-f]{8}\)", offered["latest_version"])
    assert offered["installed_version"] == first["installed_version"]
    assert offered["release_summary"] == "a.txt, b.txt"

    gate.hold_after(40000)
    card.press_install()
    gate.wait_held()
    half = card.wait(lambda s: (s["update_percentage"] or 0) > 50)
    assert half["in_progress"] and half["update_percentage"] < 100
    gate.release()
    done = card.wait(lambda s: s["latest_version"] == s["installed_version"])
    assert done["latest_version"] == offered["latest_version"]
    assert not done["in_progress"] and not done["release_summary"]

    board.restart()
    board.wait_for("user_main one runs")
    publisher.src("c.txt", "3", topic=None).publish()
    newer = card.wait_offered()
    assert newer["installed_version"] == done["latest_version"]
    card.press_install()
    failed = card.wait(lambda s: s["release_summary"].startswith("c.txt: "))
    assert "package not on the broker" in failed["release_summary"]
    assert failed["latest_version"] != failed["installed_version"]


def test_versions_are_what_a_person_reads(start, broker):
    board, hass, gate = start()
    card = Card(hass, board.node)
    publisher = Publisher(broker)
    files = {"lamp/__init__.py": b"", "lamp/x.py": b"1"}
    publisher.wheel("lamp", "1.0", wheel("lamp", "1.0", files)).publish()
    offered = card.wait_offered()
    assert offered["latest_version"] == offered["release_summary"] == "lamp 1.0"
    card.press_install()
    card.wait(lambda s: s["installed_version"] == "lamp 1.0" and not s["in_progress"])

    publisher = Publisher(broker).src("{{ x }}'.txt", "1")
    for n in range(60):
        publisher.src("file_%d.txt" % n, str(n))
    publisher.wheel("lamp", "2.0", wheel("lamp", "2.0", files)).delete("old.py")
    publisher.publish()
    offered = card.wait_offered()
    assert offered["installed_version"] == "lamp 1.0"
    assert re.fullmatch(
        r"lamp 2.0, \?\? x \?\?\?.txt, file_0.txt, file_1.txt and 58 more"
        r" \([0-9a-f]{8}\)",
        offered["latest_version"],
    )
    summary = offered["release_summary"]
    assert summary.startswith("lamp 1.0 to 2.0, ?? x ???.txt, file_0.txt, ")
    assert len(summary) <= 255 and re.search(r" and \d+ more$", summary)

    board.restart()  # what sets are called outlives a power cut
    board.wait_for("user_main one runs")
    shown = card.wait_offered()
    assert shown["installed_version"] == "lamp 1.0"
    assert shown["latest_version"] == offered["latest_version"]


SAYS_WHAT_IS_LOADED = """\
import asyncio, sys

async def user_main():
    print('user_main one runs')
    while True:
        print('loaded:', [name for name in sys.modules if 'hass' in name])
        await asyncio.sleep(0.2)
"""


def test_it_loads_nothing_of_the_entities(start, broker):
    board, hass, gate = start({"/user_main.py": SAYS_WHAT_IS_LOADED})
    Card(hass, board.node)
    board.wait_for("loaded: []", after=len(board.console()))


def test_the_setting_takes_it_back(start, broker):
    topic = "homeassistant/update/%s-update/config"
    board, hass, gate = start(**{"hass.update_card": False})
    hass.wait(lambda: (topic % board.node, b"") in hass.seen)
    assert ("update", board.node + "-update") not in hass.entities
