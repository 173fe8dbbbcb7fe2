# SPDX-License-Identifier: MIT
# _blox_hass_kinds: words of Home Assistant's entities that take no commands.
SRC := bind/hass_kinds/kinds.c bind/hass/entity.c \
  core/hass/binary_sensor.c core/hass/device_trigger.c core/hass/event.c \
  core/hass/tag.c $(BIND_BASE)
