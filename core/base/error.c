// SPDX-License-Identifier: MIT
#include "core/base/error.h"

#include <stddef.h>

// Indexed by the negated code.
static const char *const texts[] = {
    "no error",          "wrong argument",
    "not possible now",  "buffer too small",
    "malformed",         "not supported",
    "over the limit",    "missing",
    "duplicate",         "path not allowed",
    "damaged",           "made for another device",
    "no room on flash",  "input or output failed",
    "no answer in time", "refused",
    "no memory",
};

const char *blox_error_text(int error) {
    const size_t count = sizeof texts / sizeof texts[0];
    if (error > 0 || (size_t)-error >= count) {
        return "unknown error";
    }
    return texts[-error];
}
