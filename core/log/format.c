// SPDX-License-Identifier: MIT
#include "core/log/format.h"

// Whether a flag, or a part of a width or precision: "+-. 0123456789".
static bool is_modifier(uint8_t byte) {
    return byte == ' ' ||
           (byte >= '+' && byte <= '9' && byte != ',' && byte != '/');
}

bool blox_log_format_next(struct blox_span *format, struct blox_text *text,
                          struct blox_log_conversion *conversion) {
    const uint8_t *at = format->data;
    const uint8_t *end = at + format->size;
    char *spec = conversion->spec;
    while (at < end && (*at != '%' || (at + 1 < end && at[1] == '%'))) {
        at += *at == '%';
        blox_text_add_char(text, (char)*at++);
    }
    format->size = (size_t)(end - at);
    format->data = at;
    if (at == end) {
        return false;
    }
    do {
        *spec++ = (char)*at++;
    } while (at < end && is_modifier(*at) &&
             spec < conversion->spec + BLOX_LOG_SPEC_MAX - 3);
    conversion->plain = spec == conversion->spec + 1;
    conversion->kind = at < end && !is_modifier(*at) ? (char)*at++ : '\0';
    spec[0] = 'l';
    spec[1] = conversion->kind;
    spec[2] = '\0';
    format->size = (size_t)(end - at);
    format->data = at;
    return true;
}

void blox_log_end_cut(struct blox_text *text) {
    size_t size = text->size > 3 ? text->size - 3 : 0;
    while (size > 0 && ((uint8_t)text->data[size] & 0xc0) == 0x80) {
        --size;
    }
    text->size = size;
    blox_text_add(text, "...");
}
