# SPDX-License-Identifier: MIT
"""Entities stay right when the broker, the device or Home Assistant start
anew, in every order, and when a program's entities change."""

import itertools
import json

import pytest
from lib.hass import HomeAssistant
from lib.updates import updating

USER_MAIN = """
import asyncio
from mpy_blox.mqtt import MQTTConnectionManager
from mpy_blox.mqtt.hass.sensor import MQTTSensor
from mpy_blox.mqtt.hass.switch import MQTTSwitch

async def user_main():
    conn = MQTTConnectionManager.get_connection()
    sensor = MQTTSensor('Uptime', 's', 'v', conn)
    switch = MQTTSwitch('Pump', 4, conn)
    await sensor.register()
    await switch.register()
    sensor.set_variable(7)
    await sensor.publish_state()
    await switch.publish_state()
    print('user_main runs')
    await asyncio.Event().wait()
"""
LATE = USER_MAIN.replace(
    "    await switch.register()\n",
    "    await asyncio.sleep(1)\n    await switch.register()\n",
)
SENSOR_ONLY = USER_MAIN.replace("    await switch.register()\n", "").replace(
    "    await switch.publish_state()\n", ""
)
PLAYERS = ("broker", "board", "hass")


class House:
    """A broker, a device and a Home Assistant."""

    def __init__(self, boards, broker, tmp_path, **settings):
        self.broker = broker
        self.board = updating(
            boards,
            tmp_path,
            broker,
            {"/user_main.py": USER_MAIN},
            settings=settings,
        )
        self.node = self.board.node
        self.hass = HomeAssistant(broker)
        self.board.restart()

    def restart(self, player):
        if player == "hass":
            self.hass.stop()
            self.hass = HomeAssistant(self.broker)
        elif player == "board":
            self.board.restart()
        else:
            self.broker.restart()

    def is_right(self):
        hass = self.hass
        sensor = hass.entities.get(("sensor", self.node))
        return (
            sensor
            and hass.states.get(sensor["availability_topic"]) == "online"
            and hass.state("sensor", self.node) == '{"v":7}'
            and ("switch", self.node + "-1") in hass.entities
            and hass.state("switch", self.node + "-1") in ("ON", "OFF")
        )

    def check(self):
        self.hass.wait(self.is_right, 40)
        assert self.hass.refused == []


@pytest.fixture
def house(boards, broker, tmp_path):
    made = []

    def make(**settings):
        made.append(House(boards, broker, tmp_path, **settings))
        return made[-1]

    yield make
    for each in made:
        each.hass.stop()


def test_entities_survive_restarts_in_every_order(house):
    here = house()
    here.check()
    for order in itertools.permutations(PLAYERS):
        for player in order:
            here.restart(player)
        here.check()


def test_a_state_set_while_the_broker_is_away_is_said_later(house):
    here = house()
    here.check()
    here.hass.command("switch", here.node + "-1", "ON")
    here.hass.wait(lambda: here.hass.state("switch", here.node + "-1") == "ON")
    here.broker.restart()
    here.hass.states.clear()
    here.hass.wait(lambda: here.hass.state("switch", here.node + "-1") == "ON")


def test_an_entity_that_is_gone_is_removed(house):
    """Also when the form changes with the program."""
    here = house(**{"hass.device_discovery": False})
    here.check()
    settings = json.loads(here.board.read("/settings.json"))
    settings["hass.device_discovery"] = True
    here.board.put(
        {
            "/settings.json": json.dumps(settings),
            "/user_main.py": SENSOR_ONLY,
        }
    )
    here.board.restart()
    here.hass.wait(lambda: ("switch", here.node + "-1") not in here.hass.entities)
    assert ("sensor", here.node) in here.hass.entities
    single = "homeassistant/switch/%s-1/config" % here.node
    here.hass.wait(lambda: (single, b"") in here.hass.seen)


def test_an_entity_that_is_registered_late_is_not_removed_meanwhile(house):
    """Home Assistant would forget what a user made of it."""
    here = house()
    here.check()
    here.board.put({"/user_main.py": LATE})
    seen = len(here.hass.seen)
    here.board.restart()
    device = "homeassistant/device/%s/config" % here.node
    here.hass.wait(lambda: len(announced(here, device, seen)) == 2)
    here.check()
    first, second = announced(here, device, seen)
    assert list(first) == [here.node]
    assert len(second) == 2 and {"p": "switch"} not in second.values()


def announced(here, topic, since):
    """Components of the documents, one after the other."""
    return [
        json.loads(payload)["cmps"]
        for at, payload in here.hass.seen[since:]
        if at == topic
    ]


def test_the_form_changes_and_entities_keep_their_place(house):
    """Device documents, one document for each entity, and back: Home
    Assistant is asked to migrate before the old documents go."""
    here = house(**{"hass.device_discovery": False})
    here.check()
    assert here.hass.entities["sensor", here.node]["by_device"] is None
    for form in ("device", "entity"):
        seen = len(here.hass.seen)
        settings = json.loads(here.board.read("/settings.json"))
        settings["hass.device_discovery"] = form == "device"
        here.board.put({"/settings.json": json.dumps(settings)})
        here.board.restart()
        owner = here.node if form == "device" else None
        here.hass.wait(
            lambda: here.is_right()
            and here.hass.entities["sensor", here.node]["by_device"] == owner
        )
        single = "homeassistant/sensor/%s/config" % here.node
        device = "homeassistant/device/%s/config" % here.node
        old, new = (single, device) if form == "device" else (device, single)
        here.hass.wait(lambda: (old, b"") in here.hass.seen[seen:])
        said = here.hass.seen[seen:]
        migrate = said.index((old, b'{"migrate_discovery":true}'))
        cleared = said.index((old, b""))
        announced = next(
            i
            for i, (topic, payload) in enumerate(said)
            if topic == new and b"uniq_id" in payload
        )
        assert migrate < announced < cleared
