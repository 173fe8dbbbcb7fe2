// SPDX-License-Identifier: MIT
// Reading base64 (RFC 4648) in both alphabets, with or without padding. RECORD
// has it URL-safe and without (PEP 376, PEP 427).
#ifndef CORE_CODEC_BASE64_H
#define CORE_CODEC_BASE64_H

#include "core/base/span.h"

// Decodes text into at most capacity bytes at data. Returns how many bytes,
// or BLOX_ERROR_FORMAT (a character outside the alphabets, padding that is not
// at the end, a length no bytes encode to, unused bits that are not zero), or
// BLOX_ERROR_BUFFER (more than capacity).
int blox_base64_decode(struct blox_span text, uint8_t *data, size_t capacity);

#endif
