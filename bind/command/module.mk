# SPDX-License-Identifier: MIT
# _blox_command: a command of cmd, and its answer.
SRC := bind/command/command.c \
  core/ota/command.c core/ota/files.c core/ota/journal_state.c \
  core/ota/list.c core/ota/list_file.c core/pkg/name.c core/pkg/path.c \
  core/codec/hex.c core/codec/json_check.c core/codec/json_write.c \
  core/codec/utf8.c $(BIND_BASE) $(BIND_STORAGE) $(BIND_SHA256)
