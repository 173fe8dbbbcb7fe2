// SPDX-License-Identifier: MIT
// Checks any bytes as JSON, whole and in two pieces.
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/codec/json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    memcpy(copy, data, size);
    cut(blox_span(copy, size), data[0] % size);
    free(copy);
    return 0;
}
