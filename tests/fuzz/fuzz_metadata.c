// SPDX-License-Identifier: MIT
// METADATA and WHEEL of any bytes, whole and in two pieces, with LF and with
// CRLF: the same values. The first byte says where they are cut.
#include <string.h>

#include "core/pkg/metadata.h"
#include "core/pkg/tag.h"
#include "tests/fuzz/fuzz.h"

static void must_be_text(const char *text, size_t capacity) {
    fuzz_must(memchr(text, '\0', capacity) != NULL);
    fuzz_must(memchr(text, '\n', strlen(text)) == NULL);
}

static uint32_t end(struct blox_metadata *metadata) {
    blox_metadata_end(metadata);
    must_be_text(metadata->name, sizeof metadata->name);
    must_be_text(metadata->version, sizeof metadata->version);
    must_be_text(metadata->wheel_version, sizeof metadata->wheel_version);
    fuzz_must(metadata->window_bits >= 8 && metadata->window_bits <= 15);
    fuzz_must(!metadata->tag_accepted || metadata->tags > 0);
    uint32_t digest = fuzz_mix_u32(1, metadata->window_bits);
    digest = fuzz_mix_u32(digest, metadata->tags);
    digest =
        fuzz_mix_u32(digest, metadata->tag_accepted + 2u * metadata->broken);
    digest = fuzz_mix_span(digest, blox_span_text(metadata->name));
    digest = fuzz_mix_span(digest, blox_span_text(metadata->version));
    return fuzz_mix_span(digest, blox_span_text(metadata->wheel_version));
}

static uint32_t read_cut(struct blox_span text, size_t at) {
    struct blox_metadata metadata;
    blox_metadata_init(&metadata, blox_span_text("esp32"));
    blox_metadata_feed(&metadata, blox_span_part(text, 0, at));
    blox_metadata_feed(&metadata, blox_span_part(text, at, text.size));
    return end(&metadata);
}

static uint32_t read_with_cr(struct blox_span text) {
    struct blox_metadata metadata;
    blox_metadata_init(&metadata, blox_span_text("esp32"));
    while (text.size > 0) {
        size_t line = blox_span_find(text, '\n');
        blox_metadata_feed(&metadata, blox_span_part(text, 0, line));
        if (line < text.size) {
            blox_metadata_feed(&metadata, blox_span_text("\r\n"));
        }
        text = blox_span_part(text, line + 1, text.size);
    }
    return end(&metadata);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    struct blox_span text = blox_span(data + 1, size - 1);
    uint32_t whole = read_cut(text, 0);
    fuzz_must(whole == read_cut(text, size * data[0] / 256));
    fuzz_must(whole == read_with_cr(text));
    return 0;
}
