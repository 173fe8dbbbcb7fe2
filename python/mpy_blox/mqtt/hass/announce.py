# SPDX-License-Identifier: MIT
# Tells Home Assistant which entities there are, and their states: at first, at
# each new connection, and whenever Home Assistant itself comes back.

import asyncio
import logging
import os

from _blox_hass import State
from micropython import const
from mpy_blox.config import config
from mpy_blox.forget import forget
from mpy_blox.mqtt import MQTTConsumer
from mpy_blox.mqtt.protocol.message import MQTTMessage

logger = logging.getLogger('mqtt_hass')

_TOGETHER_MS = const(200)  # entities registered within it: one announcement
_SPREAD_MS = const(3000)  # devices that hear of a new Home Assistant
_STATE = const(128)  # bytes of most states; a larger one makes room

_announcers = {}


# The one of a connection and a discovery prefix.
def announcer(connection, prefix):
    key = (connection.name, prefix)
    if key not in _announcers:
        _announcers[key] = _Announcer(connection, prefix)
    return _announcers[key]


class _Announcer(MQTTConsumer):
    def __init__(self, connection, prefix):
        super().__init__(connection)
        self.prefix = prefix
        self.entities = []
        self._topics = {}  # id of an entity: where its states go
        self._waiting = []  # entities whose state could not be sent
        self._wake = asyncio.Event()
        self._due = None  # ms to the announcement, None: none is due
        self._payload = State(_STATE)
        connection.on_connect.append(self._connected)
        asyncio.create_task(self._run())

    def add(self, entity):
        if entity not in self.entities:
            self.entities.append(entity)
            self.announce_soon()

    def remove(self, entity):
        if entity in self.entities:
            self.entities.remove(entity)
            self._topics.pop(id(entity), None)
            if entity in self._waiting:
                self._waiting.remove(entity)
            self.announce_soon()

    def announce_soon(self, after=_TOGETHER_MS):
        if self._due is None:
            self._due = after
        self._wake.set()

    def _connected(self, connection):
        self.announce_soon(0)

    # `online` on <prefix>/status: Home Assistant has started. Not all devices
    # of a house answer in one moment.
    async def handle_msg(self, msg):
        if msg.raw_payload == b'online':
            spread = int.from_bytes(os.urandom(2), 'little') % _SPREAD_MS
            self.announce_soon(spread)

    async def _run(self):
        await self.subscribe(self.prefix + '/status')
        while True:
            try:
                await self._work()
            except OSError as e:
                logger.debug('announcing: %s', e)  # on_connect begins again
            except Exception as e:
                logger.error('announcing failed', exc_info=e)
            await self._wake.wait()

    async def _work(self):
        self._wake.clear()
        if self._due is not None:
            await asyncio.sleep_ms(self._due)
            self._due = None
            await self.mqtt_conn.connected()
            await self._announce()
            self._waiting = list(self.entities)
        while self._waiting and self.mqtt_conn.is_connected:
            if self._send(self._waiting[0]):
                self._waiting.pop(0)
            else:
                await asyncio.sleep_ms(20)

    async def _announce(self):
        from mpy_blox.mqtt.hass import documents

        try:
            await documents.announce(
                self.mqtt_conn, self.prefix, self.entities, config
            )
        finally:
            del documents
            forget('mpy_blox.mqtt.hass.documents')
            forget('mpy_blox.mqtt.hass.device')
            forget('mpy_blox.versions')

    def publish(self, entity):
        if entity in self._waiting or self._send(entity):
            return
        self._waiting.append(entity)
        self._wake.set()

    # Sends the state without waiting. Returns whether nothing is left to do.
    # Allocates nothing once the entity has published before.
    def _send(self, entity):
        payload = entity.app_state
        if payload is None:
            value = entity.value
            if value is None:
                return True  # nothing has been measured yet
            payload = self._write(entity, value)
        elif not isinstance(payload, (str, bytes)):
            import json

            payload = json.dumps(payload)
        return self.mqtt_conn.publish_now(self._topic(entity), payload, True)

    # Returns the payload, which is there until the next call.
    def _write(self, entity, value):
        while True:
            payload = self._payload(entity, value, entity.brightness)
            if payload is not None:
                return payload
            self._payload = State(2 * self._payload.size)

    def _topic(self, entity):
        topic = self._topics.get(id(entity))
        if topic is None:
            from _blox_hass import topic as make

            topic = self._topics[id(entity)] = make(entity, None)
        return topic

    async def publish_event(self, entity, value):
        payload = bytes(self._write(entity, value))
        await self.mqtt_conn.publish(
            MQTTMessage(self._topic(entity), payload, 1)
        )
