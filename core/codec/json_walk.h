// SPDX-License-Identifier: MIT
// Walks the members of objects in a JSON text that core/codec/json_check.h
// has found valid. Nothing here checks: on other text results are meaningless,
// but no byte outside of it is read.
#ifndef CORE_CODEC_JSON_WALK_H
#define CORE_CODEC_JSON_WALK_H

#include "core/base/span.h"

struct blox_json_member {
    struct blox_span key;   // without quotes, escapes as they stand
    struct blox_span value; // as it stands: strings with their quotes
    uint32_t value_at;      // offset of the value in the text
};

// Moves at to the first member of the object that begins at or behind it.
// Returns false when no object begins there.
bool blox_json_walk_enter(struct blox_span text, uint32_t *at);

// Takes the member at *at and moves behind it. Returns false at the end of the
// object, with *at behind its '}'.
bool blox_json_walk_next(struct blox_span text, uint32_t *at,
                         struct blox_json_member *member);

// The number of characters of a string value, each escape counted as one; the
// bytes of UTF-8 count each.
uint32_t blox_json_walk_length(struct blox_span string);

// The line and column (in bytes), both from 1, of an offset.
void blox_json_walk_place(struct blox_span text, uint32_t at, uint32_t *line,
                          uint32_t *column);

#endif
