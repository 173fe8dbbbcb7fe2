// SPDX-License-Identifier: MIT
#include "core/hass/kind.h"

enum { WHOLE_DIGITS = 12 }; // before the point: 10^18 fits in 63 bits

static bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

// Small chips have no 64-bit multiplication of their own.
static int64_t append(int64_t value, uint8_t digit) {
    return (value << 3) + (value << 1) + (digit - '0');
}

int blox_hass_decimal(struct blox_span text, uint32_t places, int64_t *value) {
    size_t at = text.size > 0 && text.data[0] == '-';
    size_t first = at;
    int64_t sum = 0;
    for (; at < text.size && is_digit(text.data[at]); ++at) {
        if (at - first >= WHOLE_DIGITS) {
            return BLOX_ERROR_LIMIT;
        }
        sum = append(sum, text.data[at]);
    }
    bool bad = at == first;
    if (at < text.size && text.data[at] == '.') {
        bad |= ++at == text.size;
        for (; at < text.size && is_digit(text.data[at]); ++at) {
            if (places > 0) {
                sum = append(sum, text.data[at]);
                --places;
            }
        }
    }
    if (bad || at != text.size) {
        return BLOX_ERROR_FORMAT;
    }
    for (; places > 0; --places) {
        sum = append(sum, '0');
    }
    *value = first > 0 ? -sum : sum;
    return BLOX_OK;
}
