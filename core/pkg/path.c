// SPDX-License-Identifier: MIT
#include "core/pkg/path.h"

#include "core/codec/ascii.h"
#include "core/codec/utf8.h"

static const char *refuse_byte(uint8_t byte) {
    if (byte == 0) {
        return "the path has a NUL";
    }
    if (byte < ' ' || byte == 0x7f) {
        return "the path has a control character";
    }
    return byte == '\\' ? "the path has a backslash" : NULL;
}

static const char *refuse_bytes(struct blox_span path) {
    const char *why = NULL;
    for (size_t i = 0; i < path.size && why == NULL; ++i) {
        why = refuse_byte(path.data[i]);
    }
    return why;
}

static const char *refuse_segment(struct blox_span segment) {
    if (segment.size == 0) {
        return "the path has an empty segment";
    }
    if (blox_span_is(segment, "..")) {
        return "the path has a '..' segment";
    }
    return blox_span_is(segment, ".") ? "the path has a '.' segment" : NULL;
}

static const char *refuse_segments(struct blox_span path) {
    const char *why = NULL;
    size_t at = 0;
    while (at <= path.size && why == NULL) {
        struct blox_span rest = blox_span_part(path, at, path.size);
        size_t size = blox_span_find(rest, '/');
        why = refuse_segment(blox_span_part(rest, 0, size));
        at += size + 1;
    }
    return why;
}

// Whether path is, or lies under, `.blox` in any letter case.
static bool is_ours(struct blox_span path) {
    size_t size = blox_span_find(path, '/');
    return blox_ascii_equal(blox_span_part(path, 0, size),
                            blox_span_text(".blox"));
}

const char *blox_path_refuse_member(struct blox_span path) {
    if (path.size == 0) {
        return "the path is empty";
    }
    if (path.size > BLOX_PATH_MAX) {
        return "the path is over 200 bytes";
    }
    if (path.data[0] == '/') {
        return "the path is absolute";
    }
    const char *why = refuse_bytes(path);
    if (why == NULL && !blox_utf8_valid(path)) {
        why = "the path is not UTF-8";
    }
    if (why == NULL) {
        why = refuse_segments(path);
    }
    if (why == NULL && is_ours(path)) {
        why = "the path is under .blox, which is the updater's own";
    }
    return why;
}

const char *blox_path_refuse_source(struct blox_span path) {
    const char *why = blox_path_refuse_member(path);
    if (why == NULL && blox_span_find(path, '+') < path.size) {
        why = "the path has a '+'";
    }
    if (why == NULL && blox_span_find(path, '#') < path.size) {
        why = "the path has a '#'";
    }
    return why;
}
