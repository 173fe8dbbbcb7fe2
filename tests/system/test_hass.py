# SPDX-License-Identifier: MIT
"""Entities on a board, a real mosquitto, a scripted Home Assistant."""

import json
import re

from lib.hass import HomeAssistant
from lib.mqtt_boards import Program

NODE = "esp32-840d8ed29760"

EVERY_KIND = """
from mpy_blox.mqtt.hass.sensor import MQTTSensor
from mpy_blox.mqtt.hass.binary_sensor import MQTTBinarySensor
from mpy_blox.mqtt.hass.button import MQTTButton
from mpy_blox.mqtt.hass.number import MQTTNumber
from mpy_blox.mqtt.hass.text import MQTTText
from mpy_blox.mqtt.hass.switch import MQTTSwitch
from mpy_blox.mqtt.hass.light import MQTTLight
from mpy_blox.mqtt.hass.select import MQTTSelect
from mpy_blox.mqtt.hass.event import MQTTEvent
from mpy_blox.mqtt.hass.tag_scanner import MQTTTagScanner
from mpy_blox.mqtt.hass.device_trigger_event import MQTTDeviceTriggerEvent
from mpy_blox.mqtt.hass.disco import MQTTMutableDiscoverable

async def pressed():
    print('pressed')

def took(value):
    print('took', repr(value))

class Cover(MQTTMutableDiscoverable):
    component_type = 'cover'
    app_disco_config = {'payload_open': 'UP', 'optimistic': True}
    app_state = 'open'

    async def handle_msg(self, msg):
        print('cover', msg.raw_payload)

temperature = MQTTSensor('Temperature', '\\u00b0C', 't', conn, 'temperature')
door = MQTTBinarySensor('Door', 'open', conn, 'door')
button = MQTTButton('Restart', pressed, conn)
number = MQTTNumber('Target', '%', 'v', took, conn, range(0, 101))
text = MQTTText('Label', took, conn)
switch = MQTTSwitch('Pump', 4, conn)
light = MQTTLight('Lamp', 5, conn)
select = MQTTSelect('Mode', ['eco', 'heat up'], took, conn)
event = MQTTEvent('Bell', ['ring', 'knock'], conn)
tags = MQTTTagScanner('Tags', conn)
trigger = MQTTDeviceTriggerEvent(
    'Key', 'button_short_press', 'button_1', conn)
cover = Cover('Blind', conn)
entities = (temperature, door, button, number, text, switch, light, select,
            event, tags, trigger, cover)

async def main():
    await conn.connect()
    for entity in entities:
        await entity.register()
    temperature.set_variable(21.5)
    await temperature.publish_state()
    door.set_variable(True)
    for entity in (text, switch, light, cover):
        await entity.publish_state()
    await select.select('eco')
    print('ready')
    await asyncio.sleep(2)
    await tags.tag_scanned('04A2')
    await trigger.fire()
    await event.fire('ring', {'volume': 3})
    await asyncio.sleep(30)

asyncio.run(main())
"""
COMPONENTS = (
    "sensor binary_sensor button number text switch light select event tag "
    "device_automation cover"
).split()


def entity_id(index):
    return "%s-%d" % (NODE, index) if index else NODE


def all_known(hass, components=COMPONENTS):
    return all(
        (component, entity_id(index)) in hass.entities
        for index, component in enumerate(components)
    )


def test_every_kind_is_announced_says_its_state_and_takes_commands(
    ready, broker
):
    with HomeAssistant(broker) as hass:
        program = Program(ready, broker.port, EVERY_KIND)
        program.wait_for("ready")
        hass.wait(lambda: all_known(hass))
        assert hass.refused == []
        assert all(
            e["availability_topic"] == "mpypi/nodes/%s/status" % NODE
            for e in hass.entities.values()
        )
        hass.wait(lambda: hass.state("cover", entity_id(11)))
        assert json.loads(hass.state("sensor", NODE)) == {"t": 21.5}
        assert json.loads(hass.state("binary_sensor", entity_id(1))) == {
            "open": "ON"
        }
        assert hass.state("switch", entity_id(5)) == "OFF"
        assert json.loads(hass.state("light", entity_id(6))) == {
            "state": "OFF"
        }
        assert hass.state("select", entity_id(7)) == "eco"
        assert hass.state("cover", entity_id(11)) == "open"

        hass.command("switch", entity_id(5), "ON")
        hass.wait(lambda: hass.state("switch", entity_id(5)) == "ON")
        hass.command("switch", entity_id(5), '{"state":"ON","duration":0.2}')
        hass.wait(lambda: hass.state("switch", entity_id(5)) == "OFF")
        hass.command("light", entity_id(6), '{"state":"TOGGLE"}')
        hass.wait(lambda: "ON" in hass.state("light", entity_id(6)))
        hass.command("number", entity_id(3), "42.5")
        program.wait_for("took 42.5")
        hass.wait(lambda: hass.state("number", entity_id(3)) == '{"v":42.5}')
        hass.command("text", entity_id(4), "h\u00e9llo")
        hass.wait(lambda: hass.state("text", entity_id(4)) == "h\u00e9llo")
        hass.command("select", entity_id(7), "heat up")
        hass.wait(lambda: hass.state("select", entity_id(7)) == "heat up")
        hass.command("button", entity_id(2), "PRESS")
        program.wait_for("pressed")
        hass.command("cover", entity_id(11), "UP")
        program.wait_for("cover b'UP'")

        for component, index, payload, sentence in (
            ("switch", 5, "on", "Pump: command 'on': expected ON, OFF"),
            ("number", 3, "101", "Target: command '101': more than max"),
            ("number", 3, "warm", "expected a decimal number"),
            ("select", 7, "cool", "Mode: command 'cool': not one of"),
            ("button", 2, "press", "a button takes PRESS"),
            ("light", 6, '{"state":"UP"}', 'state is "ON", "OFF"'),
            ("switch", 5, '{"state":5}', """Pump: command '{"state":5}':"""),
        ):
            hass.command(component, entity_id(index), payload)
            program.wait_for(sentence)
        assert hass.state("number", entity_id(3)) == '{"v":42.5}'

        topic = "homeassistant/%s/%s/%s"
        hass.wait(
            lambda: (topic % ("event", entity_id(8), "state")) in hass.states
        )
        assert json.loads(
            hass.states[topic % ("tag", entity_id(9), "scanned")]
        ) == {"tag_id": "04A2"}
        assert (
            hass.states[topic % ("device_automation", entity_id(10), "events")]
            == "button_short_press/button_1"
        )
        assert json.loads(
            hass.states[topic % ("event", entity_id(8), "state")]
        ) == {"event_type": "ring", "volume": 3}


RESTS = """
import sys
from mpy_blox.mqtt.hass.sensor import MQTTSensor

async def main():
    await conn.connect()
    sensor = MQTTSensor('Level', '%', 'v', conn)
    await sensor.register()
    while 'mpy_blox.mqtt.hass.entity' in sys.modules:
        await asyncio.sleep(0.05)
    modules = set(sys.modules)
    sensor.set_variable(7)  # the first value
    sensor.publish_state()
    assert set(sys.modules) == modules, set(sys.modules) - modules
    for name in modules:
        if name.startswith('mpy_blox.mqtt.'):
            print('stays', name)
    print('all')
    await Printer(conn).subscribe('homeassistant/status')
    print('listens')
    await asyncio.sleep(30)

asyncio.run(main())
"""


def test_at_rest_a_sensor_keeps_no_more_than_publishing_takes(ready, broker):
    with HomeAssistant(broker) as hass:
        program = Program(ready, broker.port, RESTS)
        program.wait_for("all")
        stays = re.findall(r"stays mpy_blox\.mqtt\.(\S+)", ready.console())
        assert [m for m in sorted(stays) if m.startswith("hass")] == [
            "hass",
            "hass.disco",
            "hass.sensor",
        ]
        assert "routes" not in stays
        # Who listens to Home Assistant as well takes nothing from the entities.
        program.wait_for("listens")
        hass.entities.clear()
        hass.publish("homeassistant/status", "online")
        program.wait_for("got homeassistant/status b'online'")
        hass.wait(lambda: ("sensor", NODE) in hass.entities)


WRONG = """
from mpy_blox.mqtt.hass.disco import MQTTDiscoverable
from mpy_blox.mqtt.hass.number import MQTTNumber
from mpy_blox.mqtt.hass.select import MQTTSelect
from mpy_blox.mqtt.hass.sensor import MQTTSensor

class Cover(MQTTDiscoverable):
    component_type = 'cover'

def refuses(value):
    raise RuntimeError('no motor')

class Refused(Exception):
    reason_code = 0x87

async def main():
    await conn.connect()
    subscribe = conn.mqtt_client.subscribe

    async def may(topic, options=0):
        if topic == 'homeassistant/status':
            raise Refused('not authorized')
        await subscribe(topic, options)

    conn.mqtt_client.subscribe = may
    for make in (lambda: MQTTSensor('Alone', 'W', 'w', None),
                 lambda: MQTTSensor('Level', '%', 'v', conn).frobnicate):
        try:
            make()
        except (AttributeError, TypeError) as e:
            print('said', e)
    number = MQTTNumber('Target', '%', 'v', refuses, conn)
    select = MQTTSelect('Mode', ['eco', 'heat'], refuses, conn)
    number.set_variable(7)
    select.select('eco')
    entities = [number, select]
    for n, config in enumerate((['a'], {'a': object()})):
        entities.append(Cover('Cover %d' % n, conn))
        entities[-1].app_disco_config = config
    entities.append(MQTTSensor('Current', 'A', '2.a', conn))
    for entity in entities:
        await entity.register()
    await asyncio.sleep(30)

asyncio.run(main())
"""


def test_wrong_uses_are_said_and_hold_nobody_up(ready, broker):
    with HomeAssistant(broker) as hass:
        program = Program(ready, broker.port, WRONG)
        program.wait_for("said hass: Alone: None is no connection")
        program.wait_for("said 'MQTTSensor' object has no attribute 'frob")
        program.wait_for("Current: Home Assistant cannot read var_name '2.a'")
        program.wait_for("not authorized; Home Assistant is not told again")
        program.wait_for("Cover 0 cannot be announced: app_disco_config is no")
        program.wait_for("Cover 1 cannot be announced: app_disco_config has")
        hass.wait(lambda: ("sensor", entity_id(5)) in hass.entities)
        assert len(hass.entities) == 3 and hass.refused == []
        topic = "homeassistant/%s/%s/state"
        # A command that its callback fails at is not what is said then.
        for component, index, payload, state in (
            ("number", 1, "50", '{"v":7}'),
            ("select", 2, "heat", "eco"),
        ):
            hass.wait(lambda: hass.state(component, entity_id(index)) == state)
            hass.states.pop(topic % (component, entity_id(index)))
            hass.command(component, entity_id(index), payload)
            program.wait_for("RuntimeError: no motor")
            hass.wait(lambda: hass.state(component, entity_id(index)) == state)


UNSAYABLE = """
from mpy_blox.mqtt.hass.sensor import MQTTSensor
from mpy_blox.mqtt.hass.text import MQTTText

async def main():
    text = MQTTText('Label', print, conn)
    sensor = MQTTSensor('Level', '%', 'v', conn)
    text.state = 5
    await conn.connect()
    for value in ([], b'1', object()):
        sensor.set_variable(value)
        try:
            sensor.publish_state()
        except ValueError as e:
            print('said', e)
    sensor.set_variable(7)
    lost = MQTTSensor('Lost', '%', 'v', conn)
    lost.set_variable(None)
    for entity in (text, sensor, MQTTSensor('New', '%', 'v', conn), lost):
        await entity.register()
    await asyncio.sleep(30)

asyncio.run(main())
"""


def test_a_state_that_cannot_be_said_holds_nobody_up(ready, broker):
    with HomeAssistant(broker) as hass:
        program = Program(ready, broker.port, UNSAYABLE)
        for _ in range(3):
            program.wait_for("said hass: Level: ")
        program.wait_for("Label: its state cannot be said")
        hass.wait(lambda: hass.state("sensor", entity_id(1)) == '{"v":7}')
        hass.wait(lambda: ("text", NODE) in hass.entities)
        # What is not known any more is said, what nobody has said yet is not.
        hass.wait(lambda: hass.state("sensor", entity_id(2)) == '{"v":null}')
        assert hass.state("sensor", entity_id(3)) is None
        assert hass.refused == []


DIMMER = """
from mpy_blox.mqtt.hass.light import MQTTDimmableLight

async def main():
    lamp = MQTTDimmableLight('Lamp', 5, conn)
    await conn.connect()
    await lamp.register()
    await lamp.publish_state()
    print('ready')
    await asyncio.sleep(30)

asyncio.run(main())
"""


def dimmer(hass):
    return json.loads(hass.state("light", NODE) or "{}")


def test_a_dimmer_keeps_its_brightness_over_a_power_cut(ready, broker):
    with HomeAssistant(broker) as hass:
        program = Program(ready, broker.port, DIMMER)
        program.wait_for("ready")
        hass.wait(lambda: dimmer(hass) == {"state": "OFF", "brightness": 0})
        hass.wait(lambda: ("light", NODE) in hass.entities)
        document = hass.entities["light", NODE]
        assert document["brightness"] and document["brightness_scale"] == 1024
        hass.command("light", NODE, "ON")
        hass.wait(lambda: dimmer(hass) == {"state": "ON", "brightness": 512})
        hass.command("light", NODE, '{"state":"ON","brightness":1024}')
        hass.wait(lambda: dimmer(hass)["brightness"] == 1023)
        hass.command("light", NODE, '{"state":"ON","brightness":200}')
        hass.wait(lambda: dimmer(hass)["brightness"] == 200)
        program.wait_for("brightness 200 kept")
        hass.command("light", NODE, '{"brightness":2000}')
        program.wait_for("brightness is a whole number from 0 to brightness_scale")
        ready.restart()
        hass.states.clear()
        program = Program(ready, broker.port, DIMMER)
        program.wait_for("ready")
        hass.wait(lambda: dimmer(hass).get("state") == "OFF")
        hass.command("light", NODE, "ON")
        hass.wait(lambda: dimmer(hass) == {"state": "ON", "brightness": 200})
