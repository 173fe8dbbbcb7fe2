// SPDX-License-Identifier: MIT
#include "core/log/format.h"

// Whether a flag, or a part of a width or precision: "+-. 0123456789".
static bool is_modifier(uint8_t byte) {
    uint8_t bit = (uint8_t)(byte - ' ');
    return bit < 26 && (0x3ff6801u >> bit & 1);
}

bool blox_log_format_next(struct blox_span *format, struct blox_text *text,
                          struct blox_log_conversion *conversion) {
    const uint8_t *at = format->data;
    const uint8_t *end = at + format->size;
    char *spec = conversion->spec;
    uint8_t kind = '\0';
    while (at < end && (*at != '%' || (at + 1 < end && at[1] == '%'))) {
        at += *at == '%';
        blox_text_add_char(text, (char)*at++);
    }
    bool found = at < end;
    if (found) {
        do {
            *spec++ = (char)*at++;
            kind = at < end ? *at : '\0';
        } while (is_modifier(kind) &&
                 spec < conversion->spec + BLOX_LOG_SPEC_MAX - 3);
        at += at < end;
        conversion->plain = spec == conversion->spec + 1;
        kind = is_modifier(kind)            ? '\0'
               : kind == 'i' || kind == 'u' ? 'd'
                                            : kind;
        conversion->kind = (char)kind;
        spec[0] = 'l';
        spec[1] = (char)kind;
        spec[2] = '\0';
    }
    format->size = (size_t)(end - at);
    format->data = at;
    return found;
}

void blox_log_end_cut(struct blox_text *text) {
    size_t size = text->size > 3 ? text->size - 3 : 0;
    while (size > 0 && ((uint8_t)text->data[size] & 0xc0) == 0x80) {
        --size;
    }
    text->size = size;
    blox_text_add(text, "...");
}
