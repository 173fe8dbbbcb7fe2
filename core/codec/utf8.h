// SPDX-License-Identifier: MIT
// UTF-8 (RFC 3629): checking, and writing one code point.
#ifndef CORE_CODEC_UTF8_H
#define CORE_CODEC_UTF8_H

#include "core/base/span.h"

enum { BLOX_UTF8_MAX = 4 }; // bytes of the longest code point

// Running check: one byte of state, 0 between characters.
struct blox_utf8 {
    uint8_t left;      // continuation bytes still to come
    uint8_t low, high; // bounds of the next one
};

// Takes the next byte. Returns whether the bytes so far are, or can still
// become, valid. A zeroed struct is the start; text is complete when left
// is 0.
bool blox_utf8_feed(struct blox_utf8 *utf8, uint8_t byte);

// Whether text is valid, complete UTF-8: no overlong form, no surrogate,
// nothing above U+10FFFF.
bool blox_utf8_valid(struct blox_span text);

// Writes code_point (at most 0x10FFFF, no surrogate). Returns the number of
// bytes, 1 to 4.
size_t blox_utf8_encode(uint32_t code_point, uint8_t out[BLOX_UTF8_MAX]);

#endif
