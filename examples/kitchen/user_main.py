# A kitchen's air: a line every hour, and a lamp when somebody burns the toast.
# A button puts the lamp out.

import asyncio
import logging

from machine import I2C, UART, Pin
from mpy_blox.input.latched_input import LatchedInput
from mpy_blox.sensor.htu21d import HTU21D
from mpy_blox.sensor.nova_pm import NovaPM

logger = logging.getLogger('kitchen')
LIMIT = 50  # ug/m3 of PM10


async def watch_button(lamp):
    button = LatchedInput(4)
    while True:
        await button.wait()
        logger.info('button: lamp off')
        lamp.off()
        await asyncio.sleep_ms(50)  # it bounces
        button.reset()


async def look(climate, dust, lamp):
    try:
        temperature, humidity = await climate.read()
        _, pm10 = await dust.query()
    except OSError as e:
        logger.warning('%s', e.args[-1])
        return
    if pm10 > LIMIT:
        lamp.on()
    logger.info(
        '%.1f degrees, %.0f %%, PM10 %.1f ug/m3, lamp %s',
        temperature,
        humidity,
        pm10,
        'on' if lamp.value() else 'off',
    )


async def user_main():
    climate = HTU21D(I2C(0, scl=Pin(22), sda=Pin(21)))
    dust = NovaPM(UART(2, tx=17, rx=16))
    dust.start()
    lamp = Pin(2, Pin.OUT, value=0)
    asyncio.create_task(watch_button(lamp))
    while True:
        await look(climate, dust, lamp)
        await asyncio.sleep(3600)
