// SPDX-License-Identifier: MIT
// A log message's %-format, taken apart: what lies between its conversions is
// written at once, and the caller writes the arguments.
#ifndef CORE_LOG_FORMAT_H
#define CORE_LOG_FORMAT_H

#include "core/base/text.h"

enum { BLOX_LOG_SPEC_MAX = 16 }; // bytes of "%-08.3lf" and its NUL

// One conversion. spec is what C's printf takes for it, for a long or a double:
// "%05ld". Its letter is kind, any that stands there; i and u are d.
struct blox_log_conversion {
    char spec[BLOX_LOG_SPEC_MAX];
    char kind;
    bool plain; // without flags, width or precision
};

// Adds format to text up to its next conversion, "%%" as "%", and moves format
// behind that. Returns whether there is one; one that ends in the middle, or is
// longer than any, has kind NUL.
bool blox_log_format_next(struct blox_span *format, struct blox_text *text,
                          struct blox_log_conversion *conversion);

// Ends a text that did not fit with "...", between two characters of UTF-8.
void blox_log_end_cut(struct blox_text *text);

#endif
