// SPDX-License-Identifier: MIT
#include "core/codec/json_check.h"

#include "core/base/error.h"

enum state {
    START,       // the document's value
    VALUE,       // a value, after ':' or ','
    FIRST_VALUE, // a value or ']'
    KEY,         // a key, after ','
    FIRST_KEY,   // a key or '}'
    COLON,
    AFTER, // ',' or the closing bracket
    END,   // white space only
    STRING,
    ESCAPE,
    UNICODE,   // hex digits of \uXXXX
    LOW_SLASH, // the '\' of a low surrogate
    LOW_U,     // its 'u'
    MINUS,     // number: after '-'
    ZERO,      // after the 0 it began with
    INTEGER,
    POINT,
    FRACTION,
    EXPONENT, // after 'e'
    EXPONENT_SIGN,
    EXPONENT_DIGITS,
    LITERAL,
    FAILED,
};

static const char *const literals[] = {"true", "false", "null"};

void blox_json_check_init(struct blox_json_check *check) {
    *check = (struct blox_json_check){.line = 1, .column = 1};
}

static int fail(struct blox_json_check *check, const char *why) {
    check->state = FAILED;
    check->why = why;
    return BLOX_ERROR_FORMAT;
}

static bool is_space(uint8_t byte) {
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

static bool in_object(const struct blox_json_check *check) {
    return check->depth > 0 && (check->objects >> (check->depth - 1) & 1) != 0;
}

// The state after a value at the current depth.
static int end_value(struct blox_json_check *check) {
    check->done = check->depth == 0;
    check->state = check->done ? END : AFTER;
    return BLOX_JSON_END;
}

static int open_container(struct blox_json_check *check, bool object) {
    if (check->depth == BLOX_JSON_DEPTH) {
        fail(check, "nested deeper than 16 levels");
        return BLOX_ERROR_LIMIT;
    }
    uint16_t bit = (uint16_t)(1u << check->depth++);
    check->objects &= (uint16_t)~bit;
    check->objects |= object ? bit : 0;
    check->state = object ? FIRST_KEY : FIRST_VALUE;
    return BLOX_JSON_BEGIN;
}

static int close_container(struct blox_json_check *check) {
    --check->depth;
    return end_value(check);
}

static int begin_string(struct blox_json_check *check, bool key) {
    check->state = STRING;
    check->key = key;
    check->utf8 = (struct blox_utf8){0};
    return key ? BLOX_JSON_INSIDE : BLOX_JSON_BEGIN;
}

static int begin_scalar(struct blox_json_check *check, uint8_t byte) {
    if (byte == '-' || is_digit(byte)) {
        check->state = byte == '-' ? MINUS : byte == '0' ? ZERO : INTEGER;
        return BLOX_JSON_BEGIN;
    }
    for (uint8_t i = 0; i < 3; ++i) {
        if (byte == (uint8_t)literals[i][0]) {
            check->literal = i;
            check->matched = 1;
            check->state = LITERAL;
            return BLOX_JSON_BEGIN;
        }
    }
    if (byte == ']' || byte == '}') {
        return fail(check, "expected a value before the closing bracket");
    }
    return fail(check, "expected a value");
}

static int begin_value(struct blox_json_check *check, uint8_t byte) {
    if (byte == ']' && check->state == FIRST_VALUE) {
        return close_container(check);
    }
    if (byte == '{' || byte == '[') {
        return open_container(check, byte == '{');
    }
    if (byte == '"') {
        return begin_string(check, false);
    }
    return begin_scalar(check, byte);
}

static int begin_key(struct blox_json_check *check, uint8_t byte) {
    if (byte == '}' && check->state == FIRST_KEY) {
        return close_container(check);
    }
    if (byte == '"') {
        return begin_string(check, true);
    }
    return fail(check, check->state == KEY
                           ? "expected a key in double quotes after the ','"
                           : "expected a key in double quotes");
}

static int colon(struct blox_json_check *check, uint8_t byte) {
    if (byte != ':') {
        return fail(check, "expected ':' after the key");
    }
    check->state = VALUE;
    return BLOX_JSON_INSIDE;
}

static int after(struct blox_json_check *check, uint8_t byte) {
    bool object = in_object(check);
    if (byte == ',') {
        check->state = object ? KEY : VALUE;
        return BLOX_JSON_INSIDE;
    }
    if (byte == (object ? '}' : ']')) {
        return close_container(check);
    }
    return fail(check, object ? "expected ',' or '}' after the value"
                              : "expected ',' or ']' after the value");
}

// Between values, keys and signs.
static int outside(struct blox_json_check *check, uint8_t byte) {
    if (is_space(byte)) {
        return BLOX_JSON_INSIDE;
    }
    switch (check->state) {
    case KEY:
    case FIRST_KEY:
        return begin_key(check, byte);
    case COLON:
        return colon(check, byte);
    case AFTER:
        return after(check, byte);
    case END:
        return fail(check, "something follows the end of the document");
    default:
        return begin_value(check, byte);
    }
}

static int end_string(struct blox_json_check *check) {
    if (check->key) {
        check->state = COLON;
        return BLOX_JSON_INSIDE;
    }
    return end_value(check);
}

static int string(struct blox_json_check *check, uint8_t byte) {
    if (byte == '\n' || byte == '\r') {
        return fail(check, "the string does not end on its line");
    }
    if (byte < ' ') {
        return fail(check, "a control character in a string is not escaped");
    }
    if (!blox_utf8_feed(&check->utf8, byte)) {
        return fail(check, "a byte in a string is not UTF-8");
    }
    if (byte == '"') {
        return end_string(check);
    }
    if (byte == '\\') {
        check->state = ESCAPE;
    }
    return BLOX_JSON_INSIDE;
}

static int escape(struct blox_json_check *check, uint8_t byte) {
    check->state = byte == 'u' ? UNICODE : STRING;
    check->digits = 4;
    check->unit = 0;
    check->surrogate = false;
    for (const char *known = "u\"\\/bfnrt"; *known != '\0'; ++known) {
        if (byte == (uint8_t)*known) {
            return BLOX_JSON_INSIDE;
        }
    }
    return fail(check, "an unknown escape in a string");
}

static int hex_value(uint8_t byte) {
    if (is_digit(byte)) {
        return byte - '0';
    }
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

// A \uXXXX is complete: surrogates come in pairs or not at all.
static int end_unicode(struct blox_json_check *check) {
    bool low = (check->unit & 0xfc00) == 0xdc00;
    bool high = (check->unit & 0xfc00) == 0xd800;
    if (low != check->surrogate) {
        return fail(check, "a surrogate in a string stands alone");
    }
    check->state = high ? LOW_SLASH : STRING;
    return BLOX_JSON_INSIDE;
}

static int unicode(struct blox_json_check *check, uint8_t byte) {
    int value = hex_value(byte);
    if (value < 0) {
        return fail(check, "expected four hex digits after \\u");
    }
    check->unit = (uint16_t)(check->unit << 4 | value);
    return --check->digits > 0 ? BLOX_JSON_INSIDE : end_unicode(check);
}

static int low_surrogate(struct blox_json_check *check, uint8_t byte) {
    if (byte != (check->state == LOW_SLASH ? '\\' : 'u')) {
        return fail(check, "a surrogate in a string stands alone");
    }
    if (check->state == LOW_SLASH) {
        check->state = LOW_U;
        return BLOX_JSON_INSIDE;
    }
    check->state = UNICODE;
    check->digits = 4;
    check->unit = 0;
    check->surrogate = true;
    return BLOX_JSON_INSIDE;
}

static int literal(struct blox_json_check *check, uint8_t byte) {
    const char *word = literals[check->literal];
    if (byte != (uint8_t)word[check->matched]) {
        return fail(check, "an unknown word; JSON has true, false and null");
    }
    ++check->matched;
    return word[check->matched] == '\0' ? end_value(check) : BLOX_JSON_INSIDE;
}

// The state a digit leads to inside a number; FAILED when none may follow.
static uint8_t next_digit_state(uint8_t state) {
    switch (state) {
    case ZERO:
        return FAILED;
    case POINT:
    case FRACTION:
        return FRACTION;
    case EXPONENT:
    case EXPONENT_SIGN:
    case EXPONENT_DIGITS:
        return EXPONENT_DIGITS;
    default:
        return INTEGER;
    }
}

// Whether a number may end in this state.
static bool number_complete(uint8_t state) {
    return state == ZERO || state == INTEGER || state == FRACTION ||
           state == EXPONENT_DIGITS;
}

static int number_digit(struct blox_json_check *check, uint8_t byte) {
    uint8_t next = next_digit_state(check->state);
    if (check->state == MINUS && byte == '0') {
        next = ZERO;
    }
    if (next == FAILED) {
        return fail(check, "a number has a leading zero");
    }
    check->state = next;
    return BLOX_JSON_INSIDE;
}

static int number(struct blox_json_check *check, uint8_t byte) {
    uint8_t state = check->state;
    if (is_digit(byte)) {
        return number_digit(check, byte);
    }
    if (byte == '.' && (state == ZERO || state == INTEGER)) {
        check->state = POINT;
        return BLOX_JSON_INSIDE;
    }
    if ((byte | 0x20) == 'e' && number_complete(state) &&
        state != EXPONENT_DIGITS) {
        check->state = EXPONENT;
        return BLOX_JSON_INSIDE;
    }
    if ((byte == '+' || byte == '-') && state == EXPONENT) {
        check->state = EXPONENT_SIGN;
        return BLOX_JSON_INSIDE;
    }
    if (!number_complete(state)) {
        return fail(check, "expected a digit");
    }
    end_value(check);
    int step = outside(check, byte);
    return step == BLOX_JSON_INSIDE ? BLOX_JSON_BEFORE : step;
}

static int take(struct blox_json_check *check, uint8_t byte) {
    switch (check->state) {
    case STRING:
        return string(check, byte);
    case ESCAPE:
        return escape(check, byte);
    case UNICODE:
        return unicode(check, byte);
    case LOW_SLASH:
    case LOW_U:
        return low_surrogate(check, byte);
    case LITERAL:
        return literal(check, byte);
    case FAILED:
        return BLOX_ERROR_FORMAT;
    default:
        return check->state <= END ? outside(check, byte) : number(check, byte);
    }
}

int blox_json_check_byte(struct blox_json_check *check, uint8_t byte) {
    int step = take(check, byte);
    if (step < 0) {
        return step;
    }
    ++check->offset;
    ++check->column;
    if (byte == '\n') {
        ++check->line;
        check->column = 1;
    }
    return step;
}

int blox_json_check_feed(struct blox_json_check *check, struct blox_span text) {
    for (size_t i = 0; i < text.size; ++i) {
        int step = blox_json_check_byte(check, text.data[i]);
        if (step < 0) {
            return step;
        }
    }
    return BLOX_OK;
}

// Why a document must not end in this state.
static const char *why_not_over(const struct blox_json_check *check) {
    switch (check->state) {
    case START:
        return "the document is empty";
    case STRING:
    case ESCAPE:
    case UNICODE:
    case LOW_SLASH:
    case LOW_U:
        return "the document ends inside a string";
    default:
        break;
    }
    if (check->depth == 0) {
        return "the document ends inside a value";
    }
    return in_object(check) ? "the document ends before the closing '}'"
                            : "the document ends before the closing ']'";
}

int blox_json_check_end(struct blox_json_check *check) {
    if (check->state == FAILED) {
        return BLOX_ERROR_FORMAT;
    }
    if (check->depth == 0 && number_complete(check->state)) {
        end_value(check);
    }
    return check->done ? BLOX_OK : fail(check, why_not_over(check));
}

int blox_json_check_fail(const struct blox_json_check *check, int error,
                         struct blox_text *text, const char *where) {
    if (text == NULL) {
        return error;
    }
    blox_text_clear(text);
    blox_text_add(text, where);
    blox_text_add(text, ": line ");
    blox_text_add_u32(text, check->line);
    blox_text_add(text, ", column ");
    blox_text_add_u32(text, check->column);
    blox_text_add(text, ": ");
    blox_text_add(text, check->why != NULL ? check->why : "not JSON");
    return error;
}
