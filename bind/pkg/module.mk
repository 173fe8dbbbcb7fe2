# SPDX-License-Identifier: MIT
# _blox_pkg: zip files and RECORD, for programs that handle wheels themselves.
SRC := bind/pkg/pkg.c bind/pkg/file.c bind/pkg/zip.c \
  core/pkg/name.c core/pkg/path.c core/pkg/record.c core/pkg/sentence.c \
  core/pkg/mpy.c core/pkg/tag.c core/pkg/zip.c \
  core/codec/base64.c core/codec/crc32.c core/codec/inflate.c \
  core/codec/uzlib_inflate.c core/codec/utf8.c $(BIND_BASE) $(BIND_CRC32)
