// SPDX-License-Identifier: MIT
#include "core/pkg/metadata.h"

#include <string.h>

#include "core/codec/ascii.h"
#include "core/pkg/tag.h"

enum { WINDOW_BITS_MIN = 8, WINDOW_BITS_MAX = 15 };

void blox_metadata_init(struct blox_metadata *metadata,
                        struct blox_span platform) {
    *metadata = (struct blox_metadata){.window_bits = WINDOW_BITS_MAX,
                                       .platform = platform};
}

static bool is_blank(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static struct blox_span trim(struct blox_span text) {
    while (text.size > 0 && is_blank(text.data[0])) {
        text = blox_span_part(text, 1, text.size);
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1])) {
        --text.size;
    }
    return text;
}

static bool is_key(struct blox_span key, const char *name) {
    return blox_ascii_equal(key, blox_span_text(name));
}

static void keep(struct blox_metadata *metadata, char *to, size_t capacity,
                 struct blox_span value) {
    if (to[0] != '\0') {
        return;
    }
    if (value.size >= capacity || value.size == 0 ||
        blox_span_find(value, 0) < value.size) {
        metadata->broken = true;
        return;
    }
    memcpy(to, value.data, value.size);
    to[value.size] = '\0';
}

static void take_tag(struct blox_metadata *metadata, struct blox_span value) {
    metadata->tags += metadata->tags < UINT8_MAX;
    if (blox_tag_accepted(value, metadata->platform)) {
        metadata->tag_accepted = true;
    }
}

static void take_window_bits(struct blox_metadata *metadata,
                             struct blox_span value) {
    int bits = 0;
    for (size_t i = 0; i < value.size; ++i) {
        uint8_t c = value.data[i];
        bits = c >= '0' && c <= '9' && bits < 100 ? bits * 10 + c - '0' : 100;
    }
    if (bits < WINDOW_BITS_MIN || bits > WINDOW_BITS_MAX) {
        metadata->broken = true;
        return;
    }
    metadata->window_bits = (uint8_t)bits;
}

static void take_header(struct blox_metadata *metadata, struct blox_span key,
                        struct blox_span value) {
    if (is_key(key, "name")) {
        keep(metadata, metadata->name, sizeof metadata->name, value);
    } else if (is_key(key, "version")) {
        keep(metadata, metadata->version, sizeof metadata->version, value);
    } else if (is_key(key, "wheel-version")) {
        keep(metadata, metadata->wheel_version, sizeof metadata->wheel_version,
             value);
    } else if (is_key(key, "tag")) {
        take_tag(metadata, value);
    } else if (is_key(key, "blox-window-bits")) {
        take_window_bits(metadata, value);
    }
}

static void take_line(struct blox_metadata *metadata) {
    struct blox_span line = blox_span(metadata->line, metadata->size);
    size_t colon = blox_span_find(line, ':');
    if (colon < line.size) {
        // A line longer than we keep is of interest to nobody, or broken.
        struct blox_span value =
            metadata->cut ? blox_span(NULL, 0)
                          : trim(blox_span_part(line, colon + 1, line.size));
        take_header(metadata, trim(blox_span_part(line, 0, colon)), value);
    }
    metadata->size = 0;
    metadata->cut = false;
}

static void add(struct blox_metadata *metadata, uint8_t byte) {
    if (metadata->size == BLOX_METADATA_LINE) {
        metadata->cut = true;
        return;
    }
    metadata->line[metadata->size++] = (char)byte;
}

// A line is taken when the next one begins and does not continue it.
static void take(struct blox_metadata *metadata, uint8_t byte) {
    if (byte == '\n') {
        struct blox_span line = blox_span(metadata->line, metadata->size);
        metadata->over = metadata->newline || trim(line).size == 0;
        metadata->newline = true;
        return;
    }
    if (byte == '\r') {
        return;
    }
    if (metadata->newline && !is_blank(byte)) {
        take_line(metadata);
    }
    metadata->newline = false;
    add(metadata, byte);
}

void blox_metadata_feed(struct blox_metadata *metadata, struct blox_span text) {
    for (size_t i = 0; i < text.size && !metadata->over; ++i) {
        take(metadata, text.data[i]);
    }
}

void blox_metadata_end(struct blox_metadata *metadata) {
    if (metadata->size > 0) {
        take_line(metadata);
    }
    metadata->over = true;
}
