# SPDX-License-Identifier: MIT
# _blox_sn74hc595: chains of SN74HC595 shift registers.
SRC := bind/sn74hc595/sn74hc595.c core/sense/sn74hc595.c $(BIND_BASE)
