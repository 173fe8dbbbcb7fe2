// SPDX-License-Identifier: MIT
#include "core/codec/base64.h"

#include "core/base/error.h"

static int value_of(uint8_t c) {
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+' || c == '-') {
        return 62;
    }
    return c == '/' || c == '_' ? 63 : -1;
}

// Takes the padding off. Padding, when there is any, fills the last four.
static bool strip_padding(struct blox_span *text) {
    size_t padding = 0;
    while (padding < 2 && padding < text->size &&
           text->data[text->size - 1 - padding] == '=') {
        ++padding;
    }
    bool fits = padding == 0 || text->size % 4 == 0;
    text->size -= padding;
    return fits && text->size % 4 != 1;
}

int blox_base64_decode(struct blox_span text, uint8_t *data, size_t capacity) {
    if (!strip_padding(&text)) {
        return BLOX_ERROR_FORMAT;
    }
    if (text.size / 4 * 3 + text.size % 4 * 3 / 4 > capacity) {
        return BLOX_ERROR_BUFFER;
    }
    size_t size = 0;
    uint32_t bits = 0;
    int count = 0;
    for (size_t i = 0; i < text.size; ++i) {
        int value = value_of(text.data[i]);
        if (value < 0) {
            return BLOX_ERROR_FORMAT;
        }
        bits = (bits << 6 | (uint32_t)value) & 0x3fff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            data[size++] = (uint8_t)(bits >> count);
        }
    }
    bool clean = (bits & ((1u << count) - 1)) == 0;
    return clean ? (int)size : BLOX_ERROR_FORMAT;
}
