# SPDX-License-Identifier: MIT
# _blox_trial: what is loaded on trial, or when a boot did not end in order.
SRC := bind/trial/trial.c \
  core/ota/boots.c core/ota/files.c core/ota/journal_state.c \
  core/ota/remember.c core/ota/trial.c core/codec/crc32.c \
  $(BIND_BASE) $(BIND_STORAGE) $(BIND_CRC32)
