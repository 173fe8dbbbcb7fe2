// SPDX-License-Identifier: MIT
// A RECORD of any bytes: whole, in two pieces, and from a file that is read a
// few bytes at a time, with the same lines or the same error. The first byte
// says where it is cut.
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/pkg/record.h"
#include "tests/fuzz/flat.h"
#include "tests/fuzz/fuzz.h"

static struct blox_record record;
static struct blox_record_file file;

static void must_be_line(const struct blox_record_line *line) {
    fuzz_must(line->path_size > 0 && line->path_size <= BLOX_PATH_MAX &&
              strlen(line->path) == line->path_size);
    fuzz_must(line->has_hash || line->size == 0);
}

static uint32_t mix_line(uint32_t digest, const struct blox_record_line *line) {
    must_be_line(line);
    digest = fuzz_mix(digest, line->path, line->path_size);
    digest = fuzz_mix_u32(digest, line->has_hash);
    digest = fuzz_mix_u32(digest, line->size);
    return line->has_hash ? fuzz_mix(digest, line->sha256, BLOX_SHA256_SIZE)
                          : digest;
}

static uint32_t mix_end(uint32_t digest, int error, const char *why) {
    fuzz_must(error == 0 || error == BLOX_ERROR_FORMAT ||
              error == BLOX_ERROR_PATH);
    digest = fuzz_mix_u32(digest, (uint32_t)error);
    return error < 0 ? fuzz_mix(digest, why, strlen(why)) : digest;
}

static int feed(struct blox_span part, uint32_t *digest) {
    int result;
    while ((result = blox_record_feed(&record, &part)) == 1) {
        *digest = mix_line(*digest, &record.line);
    }
    fuzz_must(result < 0 || part.size == 0);
    return result;
}

static uint32_t read_cut(struct blox_span text, size_t at) {
    uint32_t digest = 1;
    blox_record_init(&record);
    int result = feed(blox_span_part(text, 0, at), &digest);
    if (result == 0) {
        result = feed(blox_span_part(text, at, text.size), &digest);
    }
    if (result == 0 && (result = blox_record_end(&record)) == 1) {
        digest = mix_line(digest, &record.line);
        result = blox_record_end(&record);
    }
    return mix_end(digest, result, record.why);
}

// The file twice, to see that it can be read again.
static uint32_t read_file(struct blox_span text, size_t piece) {
    uint32_t digests[2] = {1, 1};
    int result;
    flat_init();
    flat_put("/r", text);
    flat.read_at_most = piece;
    fuzz_must(blox_record_open(&file, &flat.ops, "/r") == BLOX_OK);
    for (int round = 0; round < 2; ++round) {
        uint32_t index = 0;
        while ((result = blox_record_next(&file)) == 1) {
            fuzz_must(file.index == index++);
            digests[round] = mix_line(digests[round], &file.record.line);
        }
        digests[round] = mix_end(digests[round], result, file.record.why);
        fuzz_must(blox_record_rewind(&file) == BLOX_OK);
    }
    blox_record_close(&file);
    fuzz_must(flat.open_files == 0 && digests[0] == digests[1]);
    return digests[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    struct blox_span text = blox_span(data + 1, size - 1);
    uint32_t whole = read_cut(text, 0);
    fuzz_must(whole == read_cut(text, size * data[0] / 256));
    fuzz_must(whole == read_file(text, data[0] % 140));
    return 0;
}
