# SPDX-License-Identifier: MIT
# A heater with a thermostat, in Home Assistant: what it measures, the target,
# a switch for the heater's relay. docs/home-assistant.md explains it.

import asyncio

from mpy_blox.mqtt import MQTTConnectionManager
from mpy_blox.mqtt.hass.number import MQTTNumber
from mpy_blox.mqtt.hass.sensor import MQTTSensor
from mpy_blox.mqtt.hass.switch import MQTTSwitch

RELAY = 4
PAUSE = 1  # seconds


# Put your sensor here: mpy_blox.sensor.htu21d, say.
def measure():
    return 19.5


async def user_main():
    connection = MQTTConnectionManager.get_connection()
    heater = MQTTSwitch('Heater', RELAY, connection)
    room = MQTTSensor('Room', '°C', 't', connection, 'temperature')
    target = MQTTNumber(
        'Target', '°C', 't', print, connection, (5, 30), 'temperature', step=0.5
    )
    target.set_variable(18)
    for entity in (heater, room, target):
        await entity.register()
    while True:
        room.set_variable(measure())
        room.publish_state()
        target.publish_state()
        cold = room.var_value < target.var_value
        if cold != heater.value:
            heater.toggle()
            heater.publish_state()
        await asyncio.sleep(PAUSE)
