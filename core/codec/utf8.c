// SPDX-License-Identifier: MIT
#include "core/codec/utf8.h"

// The first byte says how many follow and how the second is bounded (RFC
// 3629, section 4).
static bool begin(struct blox_utf8 *utf8, uint8_t byte) {
    utf8->low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
    utf8->high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
    if (byte < 0x80) {
        return true;
    }
    if (byte < 0xc2 || byte > 0xf4) {
        return false;
    }
    utf8->left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    return true;
}

bool blox_utf8_feed(struct blox_utf8 *utf8, uint8_t byte) {
    if (utf8->left == 0) {
        return begin(utf8, byte);
    }
    if (byte < utf8->low || byte > utf8->high) {
        return false;
    }
    utf8->low = 0x80;
    utf8->high = 0xbf;
    --utf8->left;
    return true;
}

bool blox_utf8_valid(struct blox_span text) {
    struct blox_utf8 utf8 = {0};
    for (size_t i = 0; i < text.size; ++i) {
        if (!blox_utf8_feed(&utf8, text.data[i])) {
            return false;
        }
    }
    return utf8.left == 0;
}

size_t blox_utf8_encode(uint32_t code_point, uint8_t out[BLOX_UTF8_MAX]) {
    if (code_point < 0x80) {
        out[0] = (uint8_t)code_point;
        return 1;
    }
    size_t size = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; --i) {
        out[i] = (uint8_t)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    uint32_t mark = size == 2 ? 0xc0 : size == 3 ? 0xe0 : 0xf0;
    out[0] = (uint8_t)(mark | code_point);
    return size;
}
