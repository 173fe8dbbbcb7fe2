# SPDX-License-Identifier: MIT
# Log records on mpypi/nodes/<node>/log, at QoS 0, not retained.

import asyncio
import logging

from mpy_blox.log_handlers.records import PLAIN, follow, level_of, records


async def setup(settings):
    from mpy_blox.mqtt import MQTTConnectionManager

    connection = MQTTConnectionManager.get_connection()
    source = records()
    level = level_of(settings['logging.mqtt.level'], logging.INFO)
    topic = 'mpypi/nodes/%s/log' % connection.client_id
    reader = source.reader(PLAIN, level)

    # Publishing at once logs nothing, so it cannot feed itself.
    def take(line):
        return connection.publish_now(topic, line)

    asyncio.create_task(follow(source, reader, take))
