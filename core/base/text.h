// SPDX-License-Identifier: MIT
// Text written piece by piece into a caller's buffer: the sentences of
// errors, topics, paths, small documents. Never overruns, always
// NUL-terminated; what does not fit is cut and the cut is remembered.
#ifndef CORE_BASE_TEXT_H
#define CORE_BASE_TEXT_H

#include "core/base/span.h"

struct blox_text {
    char *data;      // the caller's buffer, NUL-terminated at data[size]
    size_t capacity; // its size in bytes, at least 1
    size_t size;     // bytes written so far, without the NUL
    bool cut;        // something did not fit
};

// Starts an empty text in data[0..capacity). data must outlive the text.
void blox_text_init(struct blox_text *text, char *data, size_t capacity);

// Empties the text; the buffer stays.
void blox_text_clear(struct blox_text *text);

// Each adds to the end. An integer is written in decimal, a character as it
// is, bytes as lower-case hex digits.
void blox_text_add(struct blox_text *text, const char *string);
void blox_text_add_span(struct blox_text *text, struct blox_span span);
void blox_text_add_char(struct blox_text *text, char character);
void blox_text_add_u32(struct blox_text *text, uint32_t value);
void blox_text_add_hex(struct blox_text *text, const uint8_t *data,
                       size_t size);

// Adds a span that came from outside for a person to read: control characters
// and bytes above 126 become '?', and more than 60 bytes are cut with "...".
void blox_text_add_shown(struct blox_text *text, struct blox_span span);

// What has been written, valid until the text changes.
struct blox_span blox_text_span(const struct blox_text *text);

// Empties text and writes "where: what" into it, or "where 'shown': what" when
// shown has bytes. The one way engines state an error. Returns error, so that
// a function can end with `return blox_text_fail(...)`. text may be NULL.
int blox_text_fail(struct blox_text *text, int error, const char *where,
                   struct blox_span shown, const char *what);

#endif
