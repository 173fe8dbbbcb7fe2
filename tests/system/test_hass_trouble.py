# SPDX-License-Identifier: MIT
"""Entities where memory or flash is short: Home Assistant knows them in the
end, and the log says what was the matter."""

import json

import pytest
from lib.hass import HomeAssistant
from lib.installed import install
from lib.mqtt_boards import Program
from lib.short import shortened

NODE = "esp32-840d8ed29760"

# Memory is there again when the wait of 30 s is over, at once.
HOARD = """
import gc
from mpy_blox.mqtt.hass.sensor import MQTTSensor

hoard = []
sleep = asyncio.sleep

async def wait(seconds):
    if seconds == 30:
        hoard.clear()
        print('waited', seconds)
        seconds = 0
    await sleep(seconds)

asyncio.sleep = wait

def fill(spare):
    gc.collect()
    for size in (4096, 256, 16):
        try:
            while True:
                hoard.append(bytearray(size))
        except MemoryError:
            pass
        if size == 256:
            for _ in range(spare):
                hoard.pop()
"""


@pytest.fixture
def ready(boards, tmp_path):
    install(tmp_path / "board")
    return boards


ANNOUNCED_LATE = shortened(
    HOARD
    + """
async def main():
    sensor = MQTTSensor('Level', '%', 'v', conn)
    sensor.set_variable(7)
    await conn.connect()
    await sensor.register()
    fill(0)
    while hoard or sensor._announcer._task:
        await sleep(0.1)
    fill(8)
    print('no memory left')
    await sleep(30)

asyncio.run(main())
"""
)


def test_an_announcement_without_memory_is_tried_again_after_30_s(
    ready, broker
):
    with HomeAssistant(broker) as hass:
        program = Program(ready(), broker.port, ANNOUNCED_LATE)
        program.wait_for("announcing 1 entities: memory allocation failed")
        program.wait_for("waited 30")
        hass.wait(lambda: ("sensor", NODE) in hass.entities)
        hass.wait(lambda: hass.state("sensor", NODE) == '{"v":7}')
        # What announces is not even in memory when Home Assistant restarts.
        program.wait_for("no memory left")
        hass.states.clear()
        hass.entities.clear()
        hass.publish("homeassistant/status", "online")
        program.wait_for("waited 30")
        hass.wait(lambda: ("sensor", NODE) in hass.entities)
        hass.wait(lambda: hass.state("sensor", NODE) == '{"v":7}')
        assert hass.refused == []


# Holes of 2 KB between blocks of 4 KB, all over the heap; the document of 15
# entities is longer.
FRAGMENTED = (
    HOARD
    + """
from mpy_blox.mqtt.hass.number import MQTTNumber
from mpy_blox.mqtt.hass.select import MQTTSelect
from mpy_blox.mqtt.hass.switch import MQTTSwitch

def fragment():
    holes = []
    gc.collect()
    try:
        while True:
            holes.append(bytearray(2000))
            hoard.append(bytearray(4000))
    except MemoryError:
        pass
    try:
        while True:
            hoard.append(bytearray(1000))
    except MemoryError:
        pass
    print('holes', len(holes))

async def main():
    await conn.connect()
    fragment()
    entities = [
        MQTTSensor('Temperature %d' % n, '\u00b0C', 't', conn, 'temperature')
        for n in range(12)
    ]
    for sensor in entities:
        sensor.set_variable(21.5)
    entities.append(MQTTSwitch('Pump', 4, conn))
    entities.append(MQTTNumber('Target', '%', 'v', print, conn, (0, 100)))
    entities.append(MQTTSelect('Mode', ['eco', 'heat'], print, conn))
    entities[13].set_variable(50)
    entities[14].select('eco')
    for entity in entities:
        await entity.register()
        entity.publish_state()
    await sleep(30)

asyncio.run(main())
"""
)


def test_15_entities_on_a_fragmented_heap_are_all_announced_in_the_end(
    boards, broker, tmp_path
):
    install(tmp_path / "board")
    with HomeAssistant(broker) as hass:
        program = Program(boards(heap="256K"), broker.port, FRAGMENTED)
        program.wait_for("announcing 15 entities: memory allocation failed")
        program.wait_for("waited 30")
        hass.wait(lambda: len(hass.entities) == 15)
        hass.wait(lambda: hass.state("select", NODE + "-14") == "eco")
        assert hass.state("sensor", NODE + "-11") == '{"t":21.5}'
        assert hass.refused == []


PROGRAM = """
import esp32, os
from mpy_blox.mqtt.hass.light import MQTTDimmableLight
from mpy_blox.mqtt.hass.sensor import MQTTSensor

def fill():
    nvs = esp32.NVS('filler')
    with open('/filler', 'wb') as file:
        try:
            while True:
                file.write(bytes(4096))
                file.flush()
        except OSError:
            pass
    for what in ('file', 'blob'):
        n = 0
        try:
            while n < 5000:
                n += 1
                if what == 'blob':
                    nvs.set_blob('b%d' % n, bytes(9))
                else:
                    with open('/filler%d' % n, 'wb') as file:
                        file.write(bytes(50))
        except OSError as e:
            print('no more', what, e)

async def main():
    if {full}:
        fill()
    else:
        for name in os.listdir('/'):
            if name.startswith('filler'):
                os.remove(name)
    entities = [MQTTDimmableLight('Lamp', 5, conn)]
    for n in range({sensors}):
        entities.append(MQTTSensor('Level %d' % n, '%', 'v', conn))
    await conn.connect()
    for entity in entities:
        await entity.register()
    print('ready')
    await asyncio.sleep(30)

asyncio.run(main())
"""


def program(board, broker, sensors, full):
    code = PROGRAM.replace("{sensors}", str(sensors))
    running = Program(board, broker.port, code.replace("{full}", str(full)))
    running.wait_for("ready")
    return running


def sensors(hass):
    return sorted(i[len(NODE) + 1 :] for c, i in hass.entities if c == "sensor")


def test_entities_work_on_a_full_flash(ready, broker):
    board = ready()
    with HomeAssistant(broker) as hass:
        running = program(board, broker, 2, False)
        hass.wait(lambda: sensors(hass) == ["1", "2"])
        board.restart()
        running = program(board, broker, 3, True)
        running.wait_for("/.hass cannot be written: (28, 'no room on flash'); an")
        hass.wait(lambda: sensors(hass) == ["1", "2", "3"])
        hass.command("light", NODE, '{"state":"ON","brightness":300}')
        hass.wait(lambda: hass.state("light", NODE) and "300" in hass.state("light", NODE))
        running.wait_for("Lamp: brightness 300 is not kept over a power cut: ")
        board.restart()
        running = program(board, broker, 1, False)
        hass.wait(lambda: "2" not in sensors(hass))
        assert "1" in sensors(hass)
        assert hass.refused == []
