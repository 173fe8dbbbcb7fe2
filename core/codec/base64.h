// SPDX-License-Identifier: MIT
// Base64 (RFC 4648): written in the URL-safe alphabet without padding, as
// RECORD has it (PEP 376, PEP 427); read in both alphabets, with or without
// padding.
#ifndef CORE_CODEC_BASE64_H
#define CORE_CODEC_BASE64_H

#include "core/base/span.h"

// Characters that encode size bytes, without padding and without a NUL.
#define BLOX_BASE64_SIZE(size) (((size)*4 + 2) / 3)

// Writes BLOX_BASE64_SIZE(size) characters and a NUL to text. Returns the
// number of characters.
size_t blox_base64_encode(const uint8_t *data, size_t size, char *text);

// Decodes text into at most capacity bytes at data. Returns how many bytes,
// or BLOX_ERROR_FORMAT (a character outside the alphabets, padding that is not
// at the end, a length no bytes encode to, unused bits that are not zero), or
// BLOX_ERROR_BUFFER (more than capacity).
int blox_base64_decode(struct blox_span text, uint8_t *data, size_t capacity);

#endif
