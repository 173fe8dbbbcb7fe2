# SPDX-License-Identifier: MIT
# MicroPython's board, with a main() of ours.
include boards/VIRT_RV32/mpconfigboard.mk
LDFLAGS += -Wl,--wrap=main
TARGET_PORT := $(BLOX_TOP)/targets/rv32/port.c
SRC_C += shared/timeutils/timeutils.c
