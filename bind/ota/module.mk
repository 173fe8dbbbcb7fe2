# SPDX-License-Identifier: MIT
# _blox_ota: updates while the user's program runs.
SRC := bind/ota/ota.c bind/ota/facts.c \
  core/ota/files.c core/ota/journal_state.c core/ota/list.c core/ota/plan.c \
  core/ota/remember.c core/ota/rescue.c core/ota/settle.c \
  core/ota/updater.c core/ota/updater_fetch.c core/ota/updater_list.c \
  core/pkg/installed.c core/pkg/metadata.c core/pkg/name.c core/pkg/path.c \
  core/pkg/tag.c core/codec/crc32.c core/codec/hex.c \
  core/codec/json_check.c core/codec/json_object.c core/codec/json_write.c \
  core/codec/utf8.c $(BIND_BASE) $(BIND_STORAGE) $(BIND_SHA256) \
  $(BIND_CRC32)
