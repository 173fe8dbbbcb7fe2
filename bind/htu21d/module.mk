# SPDX-License-Identifier: MIT
# _blox_htu21d: the HTU21D humidity and temperature sensor.
SRC := bind/htu21d/htu21d.c core/sense/htu21d.c $(BIND_BASE)
