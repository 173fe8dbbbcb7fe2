# SPDX-License-Identifier: MIT
# _blox_plan: reads a list that is new.
SRC := bind/plan/plan.c bind/plan/frozen.c \
  core/ota/files.c core/ota/list.c core/ota/list_file.c core/ota/plan.c \
  core/ota/todo.c core/pkg/name.c core/pkg/path.c core/codec/crc32.c \
  core/codec/hex.c core/codec/json_check.c core/codec/utf8.c \
  $(BIND_BASE) $(BIND_STORAGE) $(BIND_SHA256) $(BIND_CRC32)
