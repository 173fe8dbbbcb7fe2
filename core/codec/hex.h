// SPDX-License-Identifier: MIT
// Hexadecimal digits of either case to bytes. (Bytes to digits:
// blox_text_add_hex in core/base/text.h.)
#ifndef CORE_CODEC_HEX_H
#define CORE_CODEC_HEX_H

#include "core/base/span.h"

// Decodes the digits of text into exactly size bytes at data; text.size must
// be 2 * size, so a SHA-256 is 64 digits and 32 bytes. Returns BLOX_OK or
// BLOX_ERROR_FORMAT: another length, or a byte that is no hex digit (data may
// then hold part).
int blox_hex_decode(struct blox_span text, uint8_t *data, size_t size);

#endif
