// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void fuzz_must(bool holds) {
    if (!holds) {
        abort();
    }
}

uint32_t fuzz_mix(uint32_t digest, const void *data, size_t size) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; ++i) {
        digest = (digest ^ bytes[i]) * 16777619u;
    }
    return digest;
}

uint32_t fuzz_mix_span(uint32_t digest, struct blox_span span) {
    digest = fuzz_mix_u32(digest, (uint32_t)span.size);
    return fuzz_mix(digest, span.data, span.size);
}

uint32_t fuzz_mix_u32(uint32_t digest, uint32_t value) {
    return (digest ^ value) * 2654435761u + (digest >> 15);
}

void fuzz_must_say(const struct blox_text *why, const char *begin) {
    fuzz_must(!why->cut && why->size > strlen(begin) + 5 &&
              strlen(why->data) == why->size);
    fuzz_must(memcmp(why->data, begin, strlen(begin)) == 0);
    for (size_t i = 0; i < why->size; ++i) {
        fuzz_must(why->data[i] >= ' ' && why->data[i] < 127);
    }
}

static void must_be_segment(const char *segment, size_t size) {
    fuzz_must(size > 0);
    fuzz_must(size > 2 || memcmp(segment, "..", size) != 0);
}

void fuzz_must_be_path(struct blox_span path, bool source) {
    const char *text = (const char *)path.data;
    size_t start = 0;
    fuzz_must(path.size > 0 && path.size <= 200);
    for (size_t i = 0; i < path.size; ++i) {
        unsigned char c = path.data[i];
        fuzz_must(c >= ' ' && c != 127 && c != '\\');
        fuzz_must(!source || (c != '+' && c != '#'));
        if (c == '/') {
            must_be_segment(text + start, i - start);
            start = i + 1;
        }
    }
    must_be_segment(text + start, path.size - start);
    bool ours = path.size >= 5 && strncasecmp(text, ".blox", 5) == 0 &&
                (path.size == 5 || text[5] == '/');
    fuzz_must(!ours);
}
