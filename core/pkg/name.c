// SPDX-License-Identifier: MIT
#include "core/pkg/name.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/ascii.h"

static bool is_alnum(uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

static bool is_separator(uint8_t c) {
    return c == '-' || c == '_' || c == '.';
}

bool blox_name_valid(struct blox_span name) {
    if (name.size == 0 || name.size > BLOX_NAME_MAX ||
        !is_alnum(name.data[0]) || !is_alnum(name.data[name.size - 1])) {
        return false;
    }
    for (size_t i = 0; i < name.size; ++i) {
        if (!is_alnum(name.data[i]) && !is_separator(name.data[i])) {
            return false;
        }
    }
    return true;
}

bool blox_version_valid(struct blox_span version) {
    for (size_t i = 0; i < version.size; ++i) {
        uint8_t c = version.data[i];
        if (!is_alnum(c) && !is_separator(c) && c != '+' && c != '!') {
            return false;
        }
    }
    return version.size > 0 && version.size <= BLOX_VERSION_MAX;
}

// Takes the next character of the normalised form off name: a run of
// separators is one '-'. Returns 0 at the end.
static uint8_t take(struct blox_span *name) {
    if (name->size == 0) {
        return 0;
    }
    uint8_t c = name->data[0];
    size_t size = 1;
    if (is_separator(c)) {
        while (size < name->size && is_separator(name->data[size])) {
            ++size;
        }
        c = '-';
    }
    *name = blox_span_part(*name, size, name->size);
    return blox_ascii_lower(c);
}

bool blox_name_equal(struct blox_span a, struct blox_span b) {
    uint8_t c;
    do {
        c = take(&a);
        if (c != take(&b)) {
            return false;
        }
    } while (c != 0);
    return true;
}

void blox_name_normalise(struct blox_text *text, struct blox_span name) {
    for (uint8_t c = take(&name); c != 0; c = take(&name)) {
        blox_text_add_char(text, (char)c);
    }
}

int blox_name_split(struct blox_span directory, struct blox_span *name,
                    struct blox_span *version) {
    if (!blox_span_ends(directory, ".dist-info")) {
        return BLOX_ERROR_FORMAT;
    }
    size_t size = directory.size - strlen(".dist-info");
    size_t dash = size;
    while (dash > 0 && directory.data[dash - 1] != '-') {
        --dash;
    }
    if (dash == 0) {
        return BLOX_ERROR_FORMAT;
    }
    *name = blox_span_part(directory, 0, dash - 1);
    *version = blox_span_part(directory, dash, size - dash);
    return blox_name_valid(*name) && blox_version_valid(*version)
               ? BLOX_OK
               : BLOX_ERROR_FORMAT;
}
