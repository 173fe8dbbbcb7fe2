# SPDX-License-Identifier: MIT
# _blox_link: when to connect again, and what waits to be sent.
SRC := bind/link/link.c bind/link/queue.c core/mqtt/link.c core/mqtt/queue.c \
  $(BIND_BASE)
