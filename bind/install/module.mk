# SPDX-License-Identifier: MIT
# _blox_install: commits an update at boot; needs _blox_unpack.
SRC := bind/install/install.c \
  core/ota/files.c core/ota/install.c core/ota/install_old.c \
  core/ota/install_src.c core/ota/journal.c core/ota/journal_state.c \
  core/ota/rescue.c core/ota/todo.c \
  core/pkg/installed.c core/pkg/name.c core/codec/crc32.c \
  $(BIND_BASE) $(BIND_STORAGE) $(BIND_SHA256) $(BIND_CRC32)
