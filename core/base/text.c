// SPDX-License-Identifier: MIT
#include "core/base/text.h"

#include <string.h>

enum { SHOWN_MAX = 60 };

void blox_text_init(struct blox_text *text, char *data, size_t capacity) {
    text->data = data;
    text->capacity = capacity;
    blox_text_clear(text);
}

void blox_text_clear(struct blox_text *text) {
    text->size = 0;
    text->cut = false;
    text->data[0] = '\0';
}

void blox_text_add_span(struct blox_text *text, struct blox_span span) {
    size_t room = text->capacity - 1 - text->size;
    size_t size = span.size < room ? span.size : room;
    if (size > 0) {
        memcpy(text->data + text->size, span.data, size);
        text->size += size;
    }
    text->data[text->size] = '\0';
    text->cut = text->cut || size < span.size;
}

void blox_text_add(struct blox_text *text, const char *string) {
    blox_text_add_span(text, blox_span_text(string));
}

void blox_text_add_char(struct blox_text *text, char character) {
    blox_text_add_span(text, blox_span(&character, 1));
}

void blox_text_add_u32(struct blox_text *text, uint32_t value) {
    char digits[10];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    blox_text_add_span(text, blox_span(digits + at, sizeof digits - at));
}

void blox_text_add_hex(struct blox_text *text, const uint8_t *data,
                       size_t size) {
    for (size_t i = 0; i < size; ++i) {
        blox_text_add_char(text, "0123456789abcdef"[data[i] >> 4]);
        blox_text_add_char(text, "0123456789abcdef"[data[i] & 15]);
    }
}

void blox_text_add_shown(struct blox_text *text, struct blox_span span) {
    struct blox_span part = blox_span_part(span, 0, SHOWN_MAX);
    for (size_t i = 0; i < part.size; ++i) {
        uint8_t byte = part.data[i];
        bool plain = byte >= ' ' && byte <= '~';
        blox_text_add_char(text, plain ? (char)byte : '?');
    }
    if (part.size < span.size) {
        blox_text_add(text, "...");
    }
}

struct blox_span blox_text_span(const struct blox_text *text) {
    return blox_span(text->data, text->size);
}

int blox_text_fail(struct blox_text *text, int error, const char *where,
                   struct blox_span shown, const char *what) {
    if (text == NULL) {
        return error;
    }
    blox_text_clear(text);
    blox_text_add(text, where);
    if (shown.size > 0) {
        blox_text_add(text, " '");
        blox_text_add_shown(text, shown);
        blox_text_add(text, "'");
    }
    blox_text_add(text, ": ");
    blox_text_add(text, what);
    return error;
}
