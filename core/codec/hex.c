// SPDX-License-Identifier: MIT
#include "core/codec/hex.h"

#include "core/base/error.h"

static int digit(uint8_t byte) {
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

int blox_hex_decode(struct blox_span text, uint8_t *data, size_t size) {
    if (text.size != 2 * size) {
        return BLOX_ERROR_FORMAT;
    }
    for (size_t i = 0; i < size; ++i) {
        int high = digit(text.data[2 * i]);
        int low = digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return BLOX_ERROR_FORMAT;
        }
        data[i] = (uint8_t)(high << 4 | low);
    }
    return BLOX_OK;
}
