// SPDX-License-Identifier: MIT
#include "core/pkg/tag.h"

#include "core/codec/ascii.h"

// Whether one of the '.'-separated alternatives of a part is wanted.
static bool has(struct blox_span part, struct blox_span wanted) {
    while (part.size > 0) {
        size_t size = blox_span_find(part, '.');
        if (blox_ascii_equal(blox_span_part(part, 0, size), wanted)) {
            return true;
        }
        part = blox_span_part(part, size + 1, part.size);
    }
    return false;
}

static struct blox_span take_part(struct blox_span *tag) {
    size_t size = blox_span_find(*tag, '-');
    struct blox_span part = blox_span_part(*tag, 0, size);
    *tag = blox_span_part(*tag, size + 1, tag->size);
    return part;
}

bool blox_tag_accepted(struct blox_span tag, struct blox_span platform) {
    struct blox_span python = take_part(&tag);
    struct blox_span abi = take_part(&tag);
    if (has(python, blox_span_text("py3")) &&
        has(abi, blox_span_text("none")) && has(tag, blox_span_text("any"))) {
        return true;
    }
    return platform.size > 0 && has(python, blox_span_text("mpy6")) &&
           has(abi, blox_span_text("bytecode")) && has(tag, platform);
}
