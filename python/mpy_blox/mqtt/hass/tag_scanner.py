# SPDX-License-Identifier: MIT
from mpy_blox.mqtt.hass.disco import MQTTDiscoverable, logger


class MQTTTagScanner(MQTTDiscoverable):
    kind = 10

    # A tag was held against the scanner.
    async def tag_scanned(self, tag_id):
        logger.info('%s: tag %s', self, tag_id)
        await self._happened(str(tag_id))
