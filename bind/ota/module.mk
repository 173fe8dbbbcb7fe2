# SPDX-License-Identifier: MIT
# _blox_ota: updates while the user's program runs.
SRC := bind/ota/ota.c \
  core/ota/files.c core/ota/remember.c core/ota/todo.c core/ota/updater.c \
  core/ota/updater_fetch.c core/ota/updater_list.c core/codec/crc32.c \
  core/codec/json_write.c core/codec/utf8.c $(BIND_BASE) $(BIND_STORAGE) \
  $(BIND_SHA256) $(BIND_CRC32)
