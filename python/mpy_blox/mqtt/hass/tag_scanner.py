# SPDX-License-Identifier: MIT
from _blox_hass_kinds import words
from mpy_blox.mqtt.hass.disco import MQTTDiscoverable, logger
from mpy_blox.mqtt.hass.happened import happened


class MQTTTagScanner(MQTTDiscoverable):
    _words = words(10)  # enum blox_hass_kind

    # A tag was held against the scanner.
    async def tag_scanned(self, tag_id):
        logger.info('%s: tag %s', self, tag_id)
        await happened(self, str(tag_id))
