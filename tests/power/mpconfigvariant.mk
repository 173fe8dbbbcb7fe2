# SPDX-License-Identifier: MIT
# The proof of power cuts as a variant of MicroPython's unix port: the virtual
# board, all of it but main(), with our native modules linked in, and with
# time, resets and the console replaced by those of vm.c (--wrap).

include $(BLOX_TOP)/board/mpconfigvariant.mk
PROG = power
COPT = -O2
CFLAGS_EXTRA += -Wno-format-truncation
QSTR_DEFS += $(BLOX_TOP)/board/qstrdefs.h
SRC_C += $(filter-out %/main.c,$(wildcard $(BLOX_TOP)/board/*.c))

POWER_WRAPPED = board_reset_now board_reset_cause board_always_on \
  board_hardware_start board_hardware_watch board_hardware_look_again \
  board_hardware_wake board_hardware_wait board_watchdog_start \
  board_watchdog_feed board_console_print \
  board_clock_us board_clock_uptime_ms poll mp_vfs_blockdev_read_ext blox_journal_commit \
  mp_hal_stdout_tx_strn mp_hal_stdout_tx_str mp_hal_stdout_tx_strn_cooked \
  mp_hal_stdin_rx_chr mp_hal_stdio_poll mp_hal_ticks_ms mp_hal_ticks_us \
  mp_hal_time_ns mp_hal_delay_ms mp_hal_delay_us mp_hal_get_random
LDFLAGS_EXTRA += $(POWER_WRAPPED:%=-Wl,--wrap=%)

# Half of what a cut costs is littlefs looking up files.
$(BUILD)/lib/littlefs/lfs2.o: CFLAGS += -O3 -include tests/power/lfs2_port.h
