# SPDX-License-Identifier: MIT
# The virtual board as a variant of MicroPython's unix port. mk/board.mk calls
# the port's Makefile with VARIANT_DIR= this folder and says in BLOX_TOP where
# the repository is.

PROG = board
QSTR_DEFS += $(VARIANT_DIR)/qstrdefs.h

# This folder brings the whole configuration; the port's own is left out.
BOARD_CFLAGS = -std=gnu11 -D_GNU_SOURCE -I$(BLOX_TOP) \
  -DMP_CONFIGFILE='"board/mpconfigvariant.h"' \
  -DMICROPY_MPHALPORT_H='"board/mphalport.h"'

MICROPY_VFS_FAT = 1
MICROPY_VFS_LFS1 = 0
MICROPY_VFS_LFS2 = 1
MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0
MICROPY_PY_TERMIOS = 0
# board/socket.c is the module socket.
MICROPY_PY_SOCKET = 0
# Threads are switched on in mpconfigvariant.h, with the GIL an ESP32 has.
MICROPY_PY_THREAD = 0

# TLS with the system's mbedtls. The make-level switch would compile a copy
# that the source package does not contain, so only the C-level one is set.
MICROPY_PY_SSL = 1
MICROPY_SSL_MBEDTLS = 0
BOARD_CFLAGS += -DMICROPY_SSL_MBEDTLS=1
# modtls_mbedtls.c would switch the library's debug output on.
LDFLAGS_EXTRA += -Wl,--wrap=mbedtls_debug_set_threshold \
  -Wl,--wrap=gc_collect_end \
  -lmbedtls -lmbedx509 -lmbedcrypto -lpthread

CFLAGS_EXTRA += $(BOARD_CFLAGS)
FROZEN_MANIFEST = $(VARIANT_DIR)/manifest.py

SRC_C += $(wildcard $(BLOX_TOP)/sim/*.c)
SHARED_SRC_C_EXTRA += runtime/pyexec.c runtime/interrupt_char.c \
  runtime/sys_stdio_mphal.c runtime/mpirq.c netutils/netutils.c
SRC_C += drivers/bus/softspi.c

# The port's main, terminal and host-side sources are replaced by ours: these
# rules win over the pattern rule that would find them in ports/unix.
$(BUILD)/main.o $(BUILD)/unix_mphal.o $(BUILD)/input.o:
	$(Q)$(MKDIR) -p $(@D)
	$(Q)echo 'extern int board_replaces_this;' | $(CC) -x c -c -o $@ -

# gc.c counts on void * arithmetic where the heap grows by itself.
$(BUILD)/py/gc.o: CFLAGS += -Wno-pointer-arith
# Where a poll set waits, time may have to pass (board/poll_port.h).
$(BUILD)/extmod/modselect.o: CFLAGS += -include board/poll_port.h
# These two count bytes with an int.
$(BUILD)/extmod/machine_i2c.o: CFLAGS += -Wno-sign-compare
$(BUILD)/extmod/machine_i2s.o: CFLAGS += -Wno-sign-compare
$(BUILD)/drivers/bus/softspi.o: CFLAGS += -Wno-old-style-declaration
# mpthreadport.c compares a size with what sysconf() gives.
$(BUILD)/mpthreadport.o: CFLAGS += -Wno-sign-compare
