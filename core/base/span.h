// SPDX-License-Identifier: MIT
// A read-only run of bytes that somebody else owns.
#ifndef CORE_BASE_SPAN_H
#define CORE_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// data may be NULL when size is 0. A span never owns; whoever hands one out
// says in its comment how long the bytes stay.
struct blox_span {
    const uint8_t *data;
    size_t size;
};

// The span over size bytes at data.
struct blox_span blox_span(const void *data, size_t size);

// The span over a NUL-terminated string, without its NUL.
struct blox_span blox_span_text(const char *text);

// Whether a and b hold the same bytes.
bool blox_span_equal(struct blox_span a, struct blox_span b);

// Whether a holds exactly the bytes of the NUL-terminated string text.
bool blox_span_is(struct blox_span a, const char *text);

// Whether a begins with the NUL-terminated string prefix.
bool blox_span_starts(struct blox_span a, const char *prefix);

// Whether a ends with the NUL-terminated string suffix.
bool blox_span_ends(struct blox_span a, const char *suffix);

// The part of a from offset on, at most size bytes; cut to what a has.
struct blox_span blox_span_part(struct blox_span a, size_t offset, size_t size);

// Finds the first byte equal to byte. Returns its index, or a.size when the
// byte does not occur.
size_t blox_span_find(struct blox_span a, uint8_t byte);

#endif
