# SPDX-License-Identifier: MIT
# _blox_hass_command: what is ordered of Home Assistant's entities.
SRC := bind/hass_command/command.c bind/hass/entity.c \
  core/hass/button.c core/hass/command.c core/hass/decimal.c \
  core/hass/light.c core/hass/number.c core/hass/on_off.c core/hass/select.c \
  core/hass/switch.c core/hass/text.c \
  core/codec/json_write.c core/codec/utf8.c $(BIND_BASE)
