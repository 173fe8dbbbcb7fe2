# SPDX-License-Identifier: MIT
import asyncio

from _blox_hass_command import words
from mpy_blox.mqtt.hass.disco import logger
from mpy_blox.mqtt.hass.on_off_toggle import MQTTOnOffTogglable

_FREQUENCY = 32000  # Hz: above what is heard
_DUTY_MAX = 1023  # of machine.PWM
_DUTY = 512  # before it was ever dimmed
_SAVE_AFTER = 2  # seconds without a change: a slider sends many


class MQTTLight(MQTTOnOffTogglable):
    kind = 5  # enum blox_hass_kind
    _words = words(kind)
    brightness_scale = 0


# The brightness it had when it went off is kept over a power cut, where there
# is NVS: namespace light-<device_index>, key duty.
class MQTTDimmableLight(MQTTLight):
    brightness_scale = 1024

    def __init__(
        self, name, pin_id, mqtt_connection, discovery_prefix='homeassistant'
    ):
        super().__init__(name, pin_id, mqtt_connection, discovery_prefix)
        from machine import PWM

        self.pwm = PWM(self.pin, freq=_FREQUENCY, duty=0)
        self._duty = None
        self._saving = None

    @property
    def value(self):
        return self.pwm.duty() > 0

    # In percent; as a state it is the duty.
    def set_brightness(self, percent):
        self._dim(int(percent * self.brightness_scale / 100 + 0.5))

    @property
    def brightness(self):
        return self.pwm.duty()

    def turn_on(self):
        logger.info('%s on', self)
        self.pwm.duty(self.get_previous_duty())

    def turn_off(self):
        logger.info('%s off', self)
        self.pwm.duty(0)

    def carry_out(self, order, brightness):
        super().carry_out(order, brightness)
        if brightness is not None:
            self._dim(brightness)

    def _dim(self, duty):
        duty = max(0, min(duty, _DUTY_MAX))
        self.pwm.duty(duty)
        if duty and duty != self.get_previous_duty():
            self._duty = duty
            if self._saving:
                self._saving.cancel()
            self._saving = asyncio.create_task(self._save_later())

    async def _save_later(self):
        await asyncio.sleep(_SAVE_AFTER)
        self._saving = None
        try:
            self.save_previous_duty(self._duty)
        except OSError as e:
            logger.warning(
                '%s: brightness %d is not kept over a power cut: %s',
                self,
                self._duty,
                e,
            )

    def _nvs(self):
        try:
            from esp32 import NVS
        except ImportError:
            return None
        return NVS('light-%d' % self.device_index)

    def get_previous_duty(self):
        if self._duty is None:
            self._duty = _DUTY
            nvs = self._nvs()
            try:
                if nvs:
                    self._duty = max(1, min(nvs.get_i32('duty'), _DUTY_MAX))
            except OSError:
                pass  # never dimmed
        return self._duty

    def save_previous_duty(self, duty):
        self._duty = duty
        nvs = self._nvs()
        if nvs:
            nvs.set_i32('duty', duty)
            nvs.commit()
            logger.info('%s: brightness %d kept', self, duty)
