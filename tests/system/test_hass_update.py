# SPDX-License-Identifier: MIT
"""The update card: what Home Assistant shows of a device's updates, and its
button."""

import json

import jinja2
import pytest
from lib.hass import HomeAssistant
from lib.lines import Gate
from lib.updates import Publisher, noise, updating

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
        self.document = hass.entities[self.key]
        self.template = ENVIRONMENT.from_string(self.document["value_template"])

    def _payload(self):
        return self.hass.states.get(self.document["state_topic"])

    def _render(self, payload):
        shown = json.loads(self.template.render(value_json=json.loads(payload)))
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
    assert hass.refused == []
    hass.stop()
    gate.__exit__()


def test_the_card_of_a_whole_update(start, broker):
    board, hass, gate = start()
    card = Card(hass, board.node)
    assert card.document["availability_topic"] == "mpypi/nodes/%s/status" % board.node
    assert card.document["device"]["identifiers"] == board.node
    first = card.wait_idle()
    assert first["installed_version"] == first["latest_version"] == "set unknown"

    publisher = Publisher(broker).src("a.txt", "1")
    publisher.src("b.txt", noise(30000).hex()).publish()
    offered = card.wait_offered()
    assert not offered["in_progress"] and offered["update_percentage"] is None

    gate.hold_after(40000)
    card.press_install()
    gate.wait_held()
    half = card.wait(lambda s: (s["update_percentage"] or 0) > 50)
    assert half["in_progress"] and half["update_percentage"] < 100
    gate.release()
    done = card.wait(lambda s: s["latest_version"] == s["installed_version"])
    assert done["latest_version"] == offered["latest_version"]
    assert not done["in_progress"]

    board.restart()
    board.wait_for("user_main one runs")
    publisher.src("c.txt", "3", topic=None).publish()
    newer = card.wait_offered()
    assert newer["installed_version"] == done["latest_version"]
    card.press_install()
    failed = card.wait(lambda s: s["release_summary"])
    assert failed["release_summary"].startswith("c.txt: package not on the broker")
    assert failed["latest_version"] != failed["installed_version"]


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
    board.wait_for("loaded: ['mpy_blox.mqtt.hass']", after=len(board.console()))


def test_the_setting_takes_it_back(start, broker):
    topic = "homeassistant/update/%s-update/config"
    board, hass, gate = start(**{"hass.update_card": False})
    hass.wait(lambda: (topic % board.node, b"") in hass.seen)
    assert ("update", board.node + "-update") not in hass.entities
