# SPDX-License-Identifier: MIT
# _blox_settle: tidies up after an update.
SRC := bind/settle/settle.c \
  core/ota/boots.c core/ota/files.c core/ota/journal_state.c \
  core/ota/remember.c \
  core/ota/settle.c core/ota/todo.c core/codec/crc32.c \
  $(BIND_BASE) $(BIND_STORAGE) $(BIND_CRC32)
