# SPDX-License-Identifier: MIT
SRC_USERMOD_C += $(BLOX_TOP)/bench/rest/port.c
