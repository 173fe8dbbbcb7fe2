# SPDX-License-Identifier: MIT
# What is switched on and off by a pin: switches, lights.

import asyncio

from _blox_hass_command import command, members, words
from machine import Pin
from mpy_blox.mqtt.hass.command import refuse
from mpy_blox.mqtt.hass.disco import MQTTMutableDiscoverable, logger

# enum blox_hass_order
_OFF = 1
_ON = 2
_TOGGLE = 3


class MQTTOnOffTogglable(MQTTMutableDiscoverable):
    kind = 9  # enum blox_hass_kind
    _words = words(kind)

    def __init__(
        self, name, pin_id, mqtt_connection, discovery_prefix='homeassistant'
    ):
        super().__init__(
            name, mqtt_connection, discovery_prefix=discovery_prefix
        )
        self.pin = Pin(pin_id, Pin.OUT)
        self.duration_reset_task = None

    @property
    def value(self):
        return bool(self.pin.value())

    def turn_on(self):
        logger.info('%s on', self)
        self.pin.value(1)

    def turn_off(self):
        logger.info('%s off', self)
        self.pin.value(0)

    def toggle(self):
        if self.value:
            self.turn_off()
        else:
            self.turn_on()

    # ON, OFF, TOGGLE, or {"state":"ON","duration":2.5}: then it goes off
    # again.
    async def handle_msg(self, msg):
        try:
            order, brightness, duration = self._command(msg)
        except ValueError as e:
            return refuse(e)
        if self.duration_reset_task:
            self.duration_reset_task.cancel()
            self.duration_reset_task = None
        self.carry_out(order, brightness)
        if duration is not None and self.value:
            self.duration_reset_task = asyncio.create_task(
                self._off_after(duration)
            )
        self.publish_state()

    def carry_out(self, order, brightness):
        if order == _ON:
            self.turn_on()
        elif order == _OFF:
            self.turn_off()
        elif order == _TOGGLE:
            self.toggle()

    def _command(self, msg):
        content = msg.payload
        if not isinstance(content, dict):
            return command(self, msg.raw_payload)
        duration = content.get('duration')
        if isinstance(duration, (int, float)):
            duration = int(duration * 1000)
        state = content.get('state')
        return members(
            self,
            msg.raw_payload,
            state if state is None else str(state),
            content.get('brightness'),
            duration,
        )

    async def _off_after(self, duration):
        await asyncio.sleep_ms(duration)
        self.duration_reset_task = None
        self.turn_off()
        self.publish_state()
