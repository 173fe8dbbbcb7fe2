# SPDX-License-Identifier: MIT
# What every emulated target adds to its port of MicroPython, as a user module.
SRC_USERMOD_C += $(addprefix $(BLOX_TOP)/targets/common/,target.c main.c \
  clock.c cryptolib.c)
SRC_USERMOD_LIB_C += $(TARGET_PORT)
CFLAGS_USERMOD += -I$(BLOX_TOP) -I$(BEARSSL_DIR) -I$(BEARSSL_DIR)/inc \
  -I$(BEARSSL_DIR)/src -Wno-unused-function
