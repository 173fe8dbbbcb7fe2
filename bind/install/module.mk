# SPDX-License-Identifier: MIT
# _blox_install: unpacks and commits an update at boot.
SRC := bind/install/install.c \
  core/ota/files.c core/ota/install.c core/ota/install_old.c \
  core/ota/install_src.c core/ota/journal.c core/ota/journal_state.c \
  core/ota/remember.c core/ota/rescue.c core/ota/settle.c core/ota/todo.c \
  core/pkg/installed.c core/pkg/metadata.c core/pkg/name.c core/pkg/path.c \
  core/pkg/record.c core/pkg/sentence.c core/pkg/tag.c core/pkg/unpack.c \
  core/pkg/unpack_survey.c core/pkg/zip.c \
  core/codec/base64.c core/codec/crc32.c core/codec/inflate.c \
  core/codec/uzlib_inflate.c core/codec/utf8.c \
  $(BIND_BASE) $(BIND_STORAGE) $(BIND_SHA256) $(BIND_CRC32)
