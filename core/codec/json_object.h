// SPDX-License-Identifier: MIT
// Reading one JSON object held in memory: a front over jsmn, behind the strict
// checker of core/codec/json_check.h. The object copies nothing: text and
// tokens are the caller's and must live and stay unchanged as long as it is
// used. Values are named by the index of their token, always > 0.
//
// Of two members of one name the last counts.
#ifndef CORE_CODEC_JSON_OBJECT_H
#define CORE_CODEC_JSON_OBJECT_H

#include "core/base/text.h"

// One token: every key, string, number, literal, object and array is one, so
// an object of n flat members needs 2 * n + 1.
struct blox_json_token {
    int32_t private[4];
};

enum blox_json_type {
    BLOX_JSON_OBJECT,
    BLOX_JSON_ARRAY,
    BLOX_JSON_STRING,
    BLOX_JSON_NUMBER,
    BLOX_JSON_BOOL,
    BLOX_JSON_NULL,
};

struct blox_json_object {
    struct blox_span text;
    const struct blox_json_token *tokens;
    uint32_t count; // tokens in use
    uint32_t root;  // the object's own token
};

// Parses text, which must be one object and nothing else but white space.
// where begins the sentence in why. Returns BLOX_OK, BLOX_ERROR_FORMAT (not
// JSON, or no object), or BLOX_ERROR_LIMIT (nested too deep, or more tokens
// than given), each with a sentence in why (which may be NULL).
int blox_json_object_parse(struct blox_json_object *object,
                           struct blox_span text,
                           struct blox_json_token *tokens, size_t token_count,
                           const char *where, struct blox_text *why);

// Finds a member by its key (compared after unescaping). Returns its value,
// or BLOX_ERROR_MISSING.
int blox_json_find(const struct blox_json_object *object, const char *key);

// Walks the members in order: start with *cursor 0. Returns the next member's
// key (a string token; its value is the index + 1), or 0 after the last.
int blox_json_next(const struct blox_json_object *object, uint32_t *cursor);

// The kind of a value.
enum blox_json_type blox_json_type(const struct blox_json_object *object,
                                   int value);

// A value as it stands in the text; a string without its quotes, still
// escaped.
struct blox_span blox_json_raw(const struct blox_json_object *object,
                               int value);

// Unescapes a string (or key) to UTF-8, NUL-terminated, in
// buffer[0..capacity). Returns its size without the NUL (a \u0000 inside
// counts, so look at the size), BLOX_ERROR_FORMAT when the value is no string,
// or BLOX_ERROR_BUFFER when it does not fit.
int blox_json_string(const struct blox_json_object *object, int value,
                     char *buffer, size_t capacity);

// Whether a string (or key) equals text after unescaping; false for other
// kinds.
bool blox_json_is(const struct blox_json_object *object, int value,
                  const char *text);

// Reads a number. Returns BLOX_OK or BLOX_ERROR_FORMAT: no number, negative,
// with fraction or exponent, or above 4294967295.
int blox_json_u32(const struct blox_json_object *object, int value,
                  uint32_t *number);

// Reads true or false. Returns BLOX_OK or BLOX_ERROR_FORMAT.
int blox_json_bool(const struct blox_json_object *object, int value,
                   bool *flag);

// Opens a member that is itself an object; it shares text and tokens. Returns
// BLOX_OK or BLOX_ERROR_FORMAT when the value is no object.
int blox_json_child(const struct blox_json_object *object, int value,
                    struct blox_json_object *child);

#endif
