# SPDX-License-Identifier: MIT
# ARM's MPS2 with a Cortex-M4F (AN386), with a main() of ours.
QEMU_ARCH = arm
QEMU_MACHINE = mps2-an386

CFLAGS += -mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard
CFLAGS += -DQEMU_SOC_MPS2
CFLAGS += -DMICROPY_HW_MCU_NAME='"Cortex-M4F"'

LDSCRIPT = $(BLOX_TOP)/targets/arm/memory.ld
LDFLAGS += -Wl,--wrap=main -mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 \
  -mfloat-abi=hard
SRC_BOARD_O = shared/runtime/gchelper_native.o shared/runtime/gchelper_thumb2.o
SRC_C += shared/timeutils/timeutils.c
TARGET_PORT := $(BLOX_TOP)/targets/arm/port.c
