# SPDX-License-Identifier: MIT
# _blox_link: when to connect again.
SRC := bind/link/link.c core/mqtt/link.c $(BIND_BASE)
