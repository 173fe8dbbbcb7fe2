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

// Whether there is such a character: code is all its bytes, six bits of each
// but the first. Those of two, three and four bytes are apart; overlong forms,
// surrogates and what is over U+10FFFF are left out.
static bool exists(uint32_t code) {
    return code < 0xe0 << 6 || code - (0xe0 << 12 | 0x800) < 0xd800 - 0x800 ||
           code - (0xe0 << 12 | 0xe000) < 0x10000 - 0xe000 ||
           code - (0xf0 << 18 | 0x10000) < 0x110000 - 0x10000;
}

bool blox_utf8_valid(struct blox_span text) {
    for (size_t i = 0; i < text.size;) {
        uint32_t code = text.data[i++];
        if (code < 0x80) {
            continue;
        }
        size_t more = code < 0xe0 ? 1 : code < 0xf0 ? 2 : 3;
        if (code < 0xc2 || more > text.size - i) {
            return false;
        }
        size_t end = i + more;
        for (; i < end; ++i) {
            uint32_t bits = text.data[i] ^ 0x80u;
            if (bits > 0x3f) {
                return false;
            }
            code = code << 6 | bits;
        }
        if (!exists(code)) {
            return false;
        }
    }
    return true;
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
