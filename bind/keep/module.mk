# SPDX-License-Identifier: MIT
# _blox_keep: messages that outlive a power cut. Loaded when the setting asks.
SRC := bind/keep/keep.c core/mqtt/keep.c core/codec/crc32.c \
  $(BIND_BASE) $(BIND_STORAGE) $(BIND_CRC32)
