# SPDX-License-Identifier: MIT
# Carries out what commands of `cmd` ask for; _blox_command decides. Loaded
# for one, and forgotten.

import asyncio
import logging
import os

from micropython import const
from mpy_blox import update
from mpy_blox.mqtt.protocol.message import MQTTMessage

logger = logging.getLogger('update')
# enum blox_command_action
_INSTALL = const(1)
_REBOOT = const(2)
_ROLLBACK = const(3)
_CONFIRM = const(4)
_INFO = const(5)


# A command in the file path, which is read at once. channel is its
# MQTTUpdateChannel; trusted: it was signed, or need not be.
class Told:
    def __init__(self, channel, path, trusted):
        from _blox_command import Command

        self.channel = channel
        self.command = Command(path, trusted, channel.updater.state)
        self.action = self.command.step()

    # Answers, then does it.
    async def obey(self):
        while self.action is None:  # a file is hashed
            await asyncio.sleep_ms(0)
            self.action = self.command.step()
        said, obeyed, reply = self.command.reply()
        if obeyed:
            logger.info('command: %s', said)
        else:
            logger.warning('%s', said)
        reply = MQTTMessage(self.channel.reply_topic, reply, 1)
        await self.channel.mqtt_conn.publish(reply, False)
        await self._carry_out(self.action)

    async def _carry_out(self, action):
        channel = self.channel
        if action == _INSTALL:
            channel.updater.install()
        elif action == _INFO:
            await channel.publish_info()
        elif action == _CONFIRM:
            update.confirm()
        elif action == _ROLLBACK:
            os.rename(update.JOURNAL + '.undo', update.JOURNAL)
            await channel.reboot('resetting to roll the set back')
        elif action == _REBOOT:
            await channel.reboot('resetting')
