// SPDX-License-Identifier: MIT
// Reads any bytes as JSON, in every way the core has.
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/codec/json_check.h"
#include "core/codec/json_object.h"

enum { TOKENS = 20, STRING = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_value(const struct blox_json_object *object, int value) {
    char buffer[STRING];
    uint32_t number;
    bool flag;
    blox_json_string(object, value, buffer, sizeof buffer);
    blox_json_is(object, value, "name");
    blox_json_u32(object, value, &number);
    blox_json_bool(object, value, &flag);
    blox_json_raw(object, value);
}

static void read_members(const struct blox_json_object *object) {
    uint32_t cursor = 0;
    int key;
    while ((key = blox_json_next(object, &cursor)) > 0) {
        struct blox_json_object child;
        read_value(object, key);
        read_value(object, key + 1);
        if (blox_json_child(object, key + 1, &child) == BLOX_OK) {
            uint32_t inner = 0;
            while (blox_json_next(&child, &inner) > 0) {
            }
        }
    }
    blox_json_find(object, "name");
}

static int judge(struct blox_json_check *check, struct blox_span text,
                 size_t at) {
    blox_json_check_init(check);
    int error = blox_json_check_feed(check, blox_span_part(text, 0, at));
    if (error == BLOX_OK) {
        error =
            blox_json_check_feed(check, blox_span_part(text, at, text.size));
    }
    return error == BLOX_OK ? blox_json_check_end(check) : error;
}

// What is cut in two must be judged as what is whole, at the same place.
static void cut(struct blox_span text, size_t at) {
    struct blox_json_check whole, parts;
    if (judge(&whole, text, 0) != judge(&parts, text, at) ||
        whole.offset != parts.offset || whole.column != parts.column) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    // On the heap and as long as it is: ASan sees a byte too far.
    uint8_t *copy = malloc(size);
    struct blox_json_token tokens[TOKENS];
    struct blox_json_object object;
    struct blox_span text = blox_span(copy, size);
    memcpy(copy, data, size);
    cut(text, data[0] % size);
    if (blox_json_object_parse(&object, text, tokens, TOKENS, "x", NULL) ==
        BLOX_OK) {
        read_members(&object);
    }
    free(copy);
    return 0;
}
