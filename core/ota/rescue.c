// SPDX-License-Identifier: MIT
#include "core/ota/rescue.h"

#include "core/base/compiler.h"
#include "core/base/error.h"

static const char word[] = "RESCUE";

// Reading the declaration: the word, blanks and one '=', digits.
struct scan {
    uint8_t matched; // bytes of word; sizeof word: this line is another one
    bool equals;
    int format;
};

enum { OTHER_LINE = sizeof word };

// Takes a byte. Returns whether the declaration is complete.
static bool take(struct scan *scan, uint8_t byte) {
    bool digit = byte >= '0' && byte <= '9';
    if (scan->equals && scan->format > 0 && !digit) {
        return true;
    }
    if (byte == '\n') {
        *scan = (struct scan){0};
    } else if (scan->matched < sizeof word - 1) {
        bool same = byte == (uint8_t)word[scan->matched];
        scan->matched = same ? scan->matched + 1 : OTHER_LINE;
    } else if (scan->matched == OTHER_LINE || byte == ' ') {
        return false;
    } else if (byte == '=' && !scan->equals) {
        scan->equals = true;
    } else if (scan->equals && digit && scan->format < 1000) {
        scan->format = scan->format * 10 + (byte - '0');
    } else {
        scan->matched = OTHER_LINE;
    }
    return false;
}

BLOX_NOINLINE int blox_rescue_format(const struct blox_storage *storage,
                                     const char *path) {
    uint8_t buffer[128];
    struct scan scan = {0};
    void *file;
    int error = storage->open(storage->context, path, BLOX_STORAGE_READ, &file);
    if (error != BLOX_OK) {
        return error;
    }
    int32_t count = 1;
    bool found = false;
    while (!found && count > 0) {
        count = storage->read(storage->context, file, buffer, sizeof buffer);
        for (int32_t i = 0; !found && i < count; ++i) {
            found = take(&scan, buffer[i]);
        }
    }
    storage->close(storage->context, file);
    bool at_end = count == 0 && scan.equals && scan.matched != OTHER_LINE;
    return count < 0 ? (int)count : found || at_end ? scan.format : 0;
}
