// SPDX-License-Identifier: MIT
// CRC-32 of zip and the journal (ITU-T V.42, reflected 0x04C11DB7): a front
// over uzlib's, so that binascii.crc32 on any MicroPython agrees.
#ifndef CORE_CODEC_CRC32_H
#define CORE_CODEC_CRC32_H

#include "core/base/span.h"

// Continues a checksum over size more bytes. Start with crc 0; each result is
// final and may also be continued, as with zlib's crc32().
uint32_t blox_crc32(uint32_t crc, const uint8_t *data, size_t size);

#endif
