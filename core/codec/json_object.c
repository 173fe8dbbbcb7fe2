// SPDX-License-Identifier: MIT
#include "core/codec/json_object.h"

#define JSMN_STATIC
#define JSMN_STRICT
#include <jsmn.h>

#include "core/base/error.h"
#include "core/codec/json_check.h"

_Static_assert(sizeof(jsmntok_t) == sizeof(struct blox_json_token),
               "struct blox_json_token holds a jsmntok_t");

static const jsmntok_t *token(const struct blox_json_object *object,
                              int index) {
    return (const jsmntok_t *)(const void *)object->tokens + index;
}

static int check(struct blox_span text, const char *where,
                 struct blox_text *why) {
    struct blox_json_check state;
    blox_json_check_init(&state);
    int error = blox_json_check_feed(&state, text);
    if (error == BLOX_OK) {
        error = blox_json_check_end(&state);
    }
    return error == BLOX_OK ? BLOX_OK
                            : blox_json_check_fail(&state, error, why, where);
}

int blox_json_object_parse(struct blox_json_object *object,
                           struct blox_span text,
                           struct blox_json_token *tokens, size_t token_count,
                           const char *where, struct blox_text *why) {
    int error = check(text, where, why);
    if (error < 0) {
        return error;
    }
    jsmn_parser parser;
    jsmn_init(&parser);
    int count = jsmn_parse(&parser, (const char *)text.data, text.size,
                           (jsmntok_t *)(void *)tokens, (unsigned)token_count);
    if (count == JSMN_ERROR_NOMEM) {
        return blox_text_fail(why, BLOX_ERROR_LIMIT, where, blox_span(NULL, 0),
                              "has too many members");
    }
    *object = (struct blox_json_object){text, tokens, (uint32_t)count, 0};
    if (count < 1 || token(object, 0)->type != JSMN_OBJECT) {
        return blox_text_fail(why, BLOX_ERROR_FORMAT, where, blox_span(NULL, 0),
                              "is not a JSON object");
    }
    return BLOX_OK;
}

// The token behind a value and all that is in it.
static int behind(const struct blox_json_object *object, int value) {
    int end = token(object, value)->end;
    do {
        ++value;
    } while (value < (int)object->count && token(object, value)->start < end);
    return value;
}

int blox_json_next(const struct blox_json_object *object, uint32_t *cursor) {
    int key =
        *cursor == 0 ? (int)object->root + 1 : behind(object, (int)*cursor + 1);
    if (key >= (int)object->count ||
        token(object, key)->start >= token(object, (int)object->root)->end) {
        return 0;
    }
    *cursor = (uint32_t)key;
    return key;
}

int blox_json_find(const struct blox_json_object *object, const char *key) {
    int found = BLOX_ERROR_MISSING;
    uint32_t cursor = 0;
    for (int at = blox_json_next(object, &cursor); at > 0;
         at = blox_json_next(object, &cursor)) {
        if (blox_json_is(object, at, key)) {
            found = at + 1;
        }
    }
    return found;
}

enum blox_json_type blox_json_type(const struct blox_json_object *object,
                                   int value) {
    const jsmntok_t *at = token(object, value);
    if (at->type == JSMN_OBJECT) {
        return BLOX_JSON_OBJECT;
    }
    if (at->type == JSMN_ARRAY) {
        return BLOX_JSON_ARRAY;
    }
    if (at->type == JSMN_STRING) {
        return BLOX_JSON_STRING;
    }
    uint8_t first = object->text.data[at->start];
    if (first == 't' || first == 'f') {
        return BLOX_JSON_BOOL;
    }
    return first == 'n' ? BLOX_JSON_NULL : BLOX_JSON_NUMBER;
}

struct blox_span blox_json_raw(const struct blox_json_object *object,
                               int value) {
    const jsmntok_t *at = token(object, value);
    return blox_span_part(object->text, (size_t)at->start,
                          (size_t)(at->end - at->start));
}

// Four hex digits, which the checker has seen.
static uint32_t unit(const uint8_t *digits) {
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        uint8_t byte = digits[i];
        uint32_t digit =
            byte <= '9' ? byte - (uint32_t)'0' : (byte | 0x20u) - 'a' + 10;
        value = value << 4 | digit;
    }
    return value;
}

// Takes \uXXXX, or a pair of them, off the front of raw (behind its "\u").
static uint32_t take_unicode(struct blox_span *raw) {
    uint32_t code = unit(raw->data);
    size_t size = 4;
    if ((code & 0xfc00) == 0xd800) {
        uint32_t low = unit(raw->data + 6);
        code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
        size = 10;
    }
    *raw = blox_span_part(*raw, size, raw->size);
    return code;
}

static uint8_t simple_escape(uint8_t letter) {
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter;
    }
}

// Takes one character off the front of raw. Returns its size in out.
static size_t take_character(struct blox_span *raw,
                             uint8_t out[BLOX_UTF8_MAX]) {
    out[0] = raw->data[0];
    if (out[0] != '\\') {
        *raw = blox_span_part(*raw, 1, raw->size);
        return 1;
    }
    uint8_t letter = raw->data[1];
    *raw = blox_span_part(*raw, 2, raw->size);
    if (letter == 'u') {
        return blox_utf8_encode(take_unicode(raw), out);
    }
    out[0] = simple_escape(letter);
    return 1;
}

int blox_json_string(const struct blox_json_object *object, int value,
                     char *buffer, size_t capacity) {
    if (blox_json_type(object, value) != BLOX_JSON_STRING) {
        return BLOX_ERROR_FORMAT;
    }
    struct blox_span raw = blox_json_raw(object, value);
    struct blox_text text;
    blox_text_init(&text, buffer, capacity);
    while (raw.size > 0) {
        uint8_t character[BLOX_UTF8_MAX];
        size_t size = take_character(&raw, character);
        blox_text_add_span(&text, blox_span(character, size));
    }
    return text.cut ? BLOX_ERROR_BUFFER : (int)text.size;
}

bool blox_json_is(const struct blox_json_object *object, int value,
                  const char *text) {
    if (blox_json_type(object, value) != BLOX_JSON_STRING) {
        return false;
    }
    struct blox_span raw = blox_json_raw(object, value);
    struct blox_span rest = blox_span_text(text);
    while (raw.size > 0) {
        uint8_t character[BLOX_UTF8_MAX];
        size_t size = take_character(&raw, character);
        struct blox_span front = blox_span_part(rest, 0, size);
        if (!blox_span_equal(front, blox_span(character, size))) {
            return false;
        }
        rest = blox_span_part(rest, size, rest.size);
    }
    return rest.size == 0;
}

int blox_json_u32(const struct blox_json_object *object, int value,
                  uint32_t *number) {
    struct blox_span raw = blox_json_raw(object, value);
    uint32_t result = 0;
    if (blox_json_type(object, value) != BLOX_JSON_NUMBER) {
        return BLOX_ERROR_FORMAT;
    }
    for (size_t i = 0; i < raw.size; ++i) {
        uint32_t digit = (uint32_t)raw.data[i] - '0';
        bool over = result > UINT32_MAX / 10 ||
                    (result == UINT32_MAX / 10 && digit > UINT32_MAX % 10);
        if (digit > 9 || over) {
            return BLOX_ERROR_FORMAT;
        }
        result = result * 10 + digit;
    }
    *number = result;
    return BLOX_OK;
}

int blox_json_bool(const struct blox_json_object *object, int value,
                   bool *flag) {
    if (blox_json_type(object, value) != BLOX_JSON_BOOL) {
        return BLOX_ERROR_FORMAT;
    }
    *flag = blox_json_raw(object, value).data[0] == 't';
    return BLOX_OK;
}

int blox_json_child(const struct blox_json_object *object, int value,
                    struct blox_json_object *child) {
    if (blox_json_type(object, value) != BLOX_JSON_OBJECT) {
        return BLOX_ERROR_FORMAT;
    }
    *child = *object;
    child->root = (uint32_t)value;
    return BLOX_OK;
}
