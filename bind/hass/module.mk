# SPDX-License-Identifier: MIT
# _blox_hass: Home Assistant's documents and states.
SRC := bind/hass/hass.c bind/hass/entity.c \
  core/hass/binary_sensor.c core/hass/button.c core/hass/decimal.c \
  core/hass/device_trigger.c core/hass/document.c core/hass/entity.c \
  core/hass/event.c core/hass/light.c core/hass/number.c core/hass/on_off.c \
  core/hass/select.c core/hass/sensor.c core/hass/switch.c core/hass/tag.c \
  core/hass/text.c \
  core/codec/json_write.c \
  core/codec/utf8.c $(BIND_BASE)
