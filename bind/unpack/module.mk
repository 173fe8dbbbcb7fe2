# SPDX-License-Identifier: MIT
# _blox_unpack: the unpacker of wheels, for _blox_install.
SRC := bind/unpack/unpack.c \
  core/pkg/metadata.c core/pkg/name.c core/pkg/path.c core/pkg/record.c \
  core/pkg/sentence.c core/pkg/mpy.c core/pkg/tag.c core/pkg/unpack.c \
  core/pkg/unpack_survey.c core/pkg/zip.c \
  core/codec/base64.c core/codec/crc32.c core/codec/inflate.c \
  core/codec/uzlib_inflate.c core/codec/utf8.c \
  $(BIND_BASE) $(BIND_CRC32)
