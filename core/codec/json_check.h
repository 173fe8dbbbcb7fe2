// SPDX-License-Identifier: MIT
// A strict, incremental RFC 8259 checker: bytes in, the place of each value
// and of the first error out. It keeps no text, does not recurse, and bounds
// nesting at BLOX_JSON_DEPTH.
//
// Two ways to use it: blox_json_check_feed() validates a whole document as it
// streams in; blox_json_check_byte() also tells where each value begins and
// ends, so that one who keeps the bytes can take values out (an update list,
// one entry at a time).
#ifndef CORE_CODEC_JSON_CHECK_H
#define CORE_CODEC_JSON_CHECK_H

#include "core/base/text.h"
#include "core/codec/utf8.h"

enum { BLOX_JSON_DEPTH = 16 }; // objects and arrays open at once

// What one byte did; see blox_json_check_byte().
enum blox_json_step {
    BLOX_JSON_INSIDE = 0, // between values, or inside one
    BLOX_JSON_BEGIN = 1,  // a value begins with this byte
    BLOX_JSON_END = 2,    // a value ended with this byte
    BLOX_JSON_BEFORE = 3, // a number ended before this byte
};

struct blox_json_check {
    // Where the next byte stands; after an error, where the error is.
    uint32_t offset; // from 0
    uint32_t line;   // from 1
    uint32_t column; // in bytes, from 1
    uint8_t depth;   // objects and arrays open now
    bool done;       // the document's value is complete
    const char *why; // after an error: a plain phrase; constant

    // Private.
    uint8_t state;
    uint8_t digits;  // \uXXXX digits still to come
    uint8_t literal; // which of true, false, null, and how far
    uint8_t matched;
    uint16_t objects; // bit n: the container at depth n + 1 is an object
    uint16_t unit;    // \uXXXX digits so far
    bool surrogate;   // a high surrogate waits for its low one
    bool key;         // the string is a key
    struct blox_utf8 utf8;
};

// Starts a document at offset 0, line 1, column 1.
void blox_json_check_init(struct blox_json_check *check);

// Takes one byte. Returns a step of enum blox_json_step, or
// BLOX_ERROR_FORMAT (not JSON) or BLOX_ERROR_LIMIT (nested deeper than
// BLOX_JSON_DEPTH); then why, offset, line and column tell, and every later
// call returns the same. A key is no value. In [] and {} the closing byte
// ends both.
int blox_json_check_byte(struct blox_json_check *check, uint8_t byte);

// Takes many bytes. Returns BLOX_OK, or an error as above.
int blox_json_check_feed(struct blox_json_check *check, struct blox_span text);

// The document is over. Returns BLOX_OK when it is one complete value, else
// BLOX_ERROR_FORMAT with why ("the document is empty", "the file ends inside
// a string", ...).
int blox_json_check_end(struct blox_json_check *check);

// States the error as "<where>: line 3, column 14: expected ':' after the
// key". Returns error.
int blox_json_check_fail(const struct blox_json_check *check, int error,
                         struct blox_text *text, const char *where);

#endif
