// SPDX-License-Identifier: MIT
#include "core/base/error.h"
#include "core/codec/json_check.h"

void blox_json_split_init(struct blox_json_split *split, uint8_t *data,
                          size_t capacity) {
    *split = (struct blox_json_split){.data = data, .capacity = capacity};
    blox_json_check_init(&split->check);
}

static int fail(struct blox_json_split *split, int error, const char *why) {
    split->check.why = why;
    return error;
}

static int keep(struct blox_json_split *split, uint8_t byte) {
    if (split->size == split->capacity) {
        return fail(split, BLOX_ERROR_LIMIT, "the element is too long");
    }
    split->data[split->size++] = byte;
    return BLOX_OK;
}

static int begin(struct blox_json_split *split, uint8_t byte) {
    split->inside = true;
    split->size = 0;
    split->start = split->check.offset - 1;
    return keep(split, byte);
}

static int finish(struct blox_json_split *split) {
    split->inside = false;
    ++split->count;
    return 1;
}

// Outside of elements: their begin, and the commas between them.
static int outside(struct blox_json_split *split, uint8_t byte, int step,
                   uint8_t depth) {
    if (depth == 0 && step == BLOX_JSON_BEGIN && byte != '[') {
        return fail(split, BLOX_ERROR_FORMAT, "the document is not an array");
    }
    if (depth == 1 && step == BLOX_JSON_BEGIN) {
        return begin(split, byte);
    }
    if (depth == 1 && byte == ',') {
        split->comma = split->check.offset - 1;
    }
    return BLOX_OK;
}

static int take(struct blox_json_split *split, uint8_t byte) {
    uint8_t depth = split->check.depth;
    int step = blox_json_check_byte(&split->check, byte);
    if (step < 0) {
        return step;
    }
    if (!split->inside) {
        return outside(split, byte, step, depth);
    }
    // A number ends before this byte, anything else with it.
    bool before =
        split->check.depth == 0 || (step == BLOX_JSON_BEFORE && depth == 1);
    int error = before ? BLOX_OK : keep(split, byte);
    if (error < 0) {
        return error;
    }
    bool with = step == BLOX_JSON_END && split->check.depth == 1;
    return before || with ? finish(split) : BLOX_OK;
}

// A number was handed out at the comma behind it: that is the next one's.
static void go_on(struct blox_json_split *split) {
    split->size = 0;
    if (split->next_comma > 0) {
        split->comma = split->next_comma;
        split->next_comma = 0;
    }
}

int blox_json_split_feed(struct blox_json_split *split,
                         struct blox_span *text) {
    if (!split->inside) {
        go_on(split);
    }
    while (text->size > 0) {
        uint8_t byte = text->data[0];
        int result = take(split, byte);
        if (result < 0) {
            return result;
        }
        *text = blox_span_part(*text, 1, text->size);
        if (result > 0) {
            bool number = byte == ',';
            split->next_comma = number ? split->check.offset - 1 : 0;
            return 1;
        }
    }
    return 0;
}

int blox_json_split_end(struct blox_json_split *split) {
    return blox_json_check_end(&split->check);
}
