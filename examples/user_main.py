# A device's own program. mpy_blox brings up settings, network, time, logging,
# MQTT and updates, then runs user_main() until it ends.

import asyncio
import logging

from mpy_blox.config import config
from mpy_blox.mqtt import MQTTConnectionManager, MQTTConsumer
from mpy_blox.mqtt.protocol.message import MQTTMessage

logger = logging.getLogger('user_main')


class Greeter(MQTTConsumer):
    async def handle_msg(self, msg):
        logger.info('%s says %s', msg.topic, msg.payload)


async def user_main():
    connection = MQTTConnectionManager.get_connection()
    topic = 'examples/%s/uptime' % connection.client_id
    logger.info("I am %s", config.get('hostname'))

    await Greeter(connection).subscribe('examples/greetings')
    seconds = 0
    while True:
        await connection.publish(MQTTMessage(topic, {'uptime': seconds}))
        await asyncio.sleep(10)
        seconds += 10
