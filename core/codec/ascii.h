// SPDX-License-Identifier: MIT
// ASCII letters without regard to case. Other bytes stand for themselves.
#ifndef CORE_CODEC_ASCII_H
#define CORE_CODEC_ASCII_H

#include "core/base/span.h"

static inline uint8_t blox_ascii_lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

// Whether a and b are the same but for case.
static inline bool blox_ascii_equal(struct blox_span a, struct blox_span b) {
    bool same = a.size == b.size;
    for (size_t i = 0; same && i < a.size; ++i) {
        same = blox_ascii_lower(a.data[i]) == blox_ascii_lower(b.data[i]);
    }
    return same;
}

#endif
