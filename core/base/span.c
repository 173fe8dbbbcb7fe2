// SPDX-License-Identifier: MIT
#include "core/base/span.h"

#include <string.h>

struct blox_span blox_span(const void *data, size_t size) {
    return (struct blox_span){data, size};
}

struct blox_span blox_span_text(const char *text) {
    return blox_span(text, strlen(text));
}

bool blox_span_equal(struct blox_span a, struct blox_span b) {
    return a.size == b.size &&
           (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool blox_span_is(struct blox_span a, const char *text) {
    return blox_span_equal(a, blox_span_text(text));
}

bool blox_span_starts(struct blox_span a, const char *prefix) {
    return blox_span_is(blox_span_part(a, 0, strlen(prefix)), prefix);
}

bool blox_span_ends(struct blox_span a, const char *suffix) {
    size_t size = strlen(suffix);
    return a.size >= size &&
           blox_span_is(blox_span_part(a, a.size - size, size), suffix);
}

struct blox_span blox_span_part(struct blox_span a, size_t offset,
                                size_t size) {
    if (offset >= a.size) {
        return blox_span(NULL, 0);
    }
    size_t rest = a.size - offset;
    return blox_span(a.data + offset, size < rest ? size : rest);
}

size_t blox_span_find(struct blox_span a, uint8_t byte) {
    size_t i = 0;
    while (i < a.size && a.data[i] != byte) {
        ++i;
    }
    return i;
}
