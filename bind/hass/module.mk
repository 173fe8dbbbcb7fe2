# SPDX-License-Identifier: MIT
# _blox_hass: Home Assistant's documents and states.
SRC := bind/hass/hass.c bind/hass/entity.c \
  core/hass/document.c core/hass/entity.c core/hass/form.c core/hass/sensor.c \
  core/codec/json_write.c core/codec/utf8.c $(BIND_BASE)
