// SPDX-License-Identifier: MIT
// Unpacks any bytes as a wheel. Whatever comes, it ends, closes its files,
// writes to staging alone and no more than it announced; a refusal has a
// sentence; what is accepted has good paths, each once. Read a few bytes at a
// time it comes out the same.
//
// Hashes are taken to be right, for a fuzzer would never find one; CRC-32 is
// made right by the mutator, for the same reason.
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "core/pkg/unpack.h"
#include "tests/fuzz/flat.h"
#include "tests/fuzz/fuzz.h"

enum { IO = 512, BITMAP = 16, NAMES = 64, STEPS_MAX = 20000 };

static struct blox_unpack unpack;
static uint8_t io[IO], bitmap[BITMAP], window[32768];
static char sentence[300];
static char names[NAMES][BLOX_PATH_MAX + 1];

static int begin(void *context) {
    (void)context;
    return BLOX_OK;
}

static int update(void *context, const uint8_t *data, size_t size) {
    (void)context;
    (void)data;
    (void)size;
    return BLOX_OK;
}

static int finish(void *context, uint8_t digest[BLOX_SHA256_SIZE]) {
    const struct blox_unpack *self = context;
    memcpy(digest, self->member.sha256, BLOX_SHA256_SIZE);
    return BLOX_OK;
}

static const struct blox_sha256 sha256 = {&unpack, begin, update, finish};

// A member that is staged. Returns its digest.
static uint32_t take_member(uint32_t count) {
    const struct blox_unpack_member *member = &unpack.member;
    struct blox_span path = blox_span_text(member->path);
    fuzz_must_be_path(path, false);
    fuzz_must(count < NAMES && member->number == 7 + count);
    for (uint32_t i = 0; i < count; ++i) {
        fuzz_must(strcmp(names[i], member->path) != 0);
    }
    memcpy(names[count], member->path, path.size + 1);
    const struct flat_file *file = &flat.files[flat.count - 1];
    fuzz_must(file->size == member->size &&
              blox_crc32(0, file->data, file->size) == member->crc32);
    return fuzz_mix_u32(fuzz_mix_span(1, path), member->crc32);
}

static void give_window(void) {
    fuzz_must(unpack.window_wanted > unpack.config.window_size &&
              unpack.window_wanted <= sizeof window);
    blox_unpack_set_window(&unpack, window, unpack.window_wanted);
}

static uint32_t run(uint32_t *members) {
    uint32_t digest = 1;
    int result = BLOX_UNPACK_MORE;
    for (int steps = 0; result > 0; ++steps) {
        result = blox_unpack_step(&unpack);
        if (result == BLOX_UNPACK_WINDOW) {
            give_window();
        } else if (result == BLOX_UNPACK_MEMBER) {
            digest = fuzz_mix_u32(digest, take_member((*members)++));
        }
        fuzz_must(steps < STEPS_MAX && unpack.bytes_done <= unpack.bytes);
    }
    return fuzz_mix_u32(digest, (uint32_t)result);
}

static uint32_t unpack_read_by(struct blox_span wheel, size_t piece) {
    struct blox_text why;
    uint32_t members = 0;
    blox_text_init(&why, sentence, sizeof sentence);
    flat_init();
    flat.writable = "/stage/";
    flat.read_at_most = piece;
    flat_put("/w.whl", wheel);
    const struct blox_unpack_config config = {
        .storage = &flat.ops,
        .sha256 = &sha256,
        .wheel = "/w.whl",
        .staging = "/stage",
        .number = 7,
        .platform = blox_span_text("esp32"),
        .io = io,
        .io_size = IO,
        .bitmap = bitmap,
        .bitmap_size = BITMAP,
        .why = &why,
    };
    fuzz_must(blox_unpack_init(&unpack, &config) == BLOX_OK);
    uint32_t digest = run(&members);
    blox_unpack_close(&unpack);
    fuzz_must(flat.open_files == 0);
    if (why.size > 0) {
        fuzz_must_say(&why, "wheel: ");
        fuzz_must(blox_unpack_step(&unpack) == BLOX_ERROR_STATE);
    } else {
        fuzz_must(blox_unpack_step(&unpack) == BLOX_UNPACK_DONE);
        fuzz_must(members == unpack.files && members == flat.count - 1);
        fuzz_must(flat.blocks_used <= unpack.blocks);
    }
    return fuzz_mix_span(digest, blox_text_span(&why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct blox_span wheel = blox_span(data, size);
    uint32_t whole = unpack_read_by(wheel, 0);
    if (size % 4 == 0) {
        fuzz_must(whole == unpack_read_by(wheel, 1 + size / 4 % 61));
    }
    return 0;
}

// ---- The mutator: as libFuzzer has it, then the CRC-32 of stored members set
// right, in the central directory, where it counts.

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed);

enum { LOCAL = 30, CENTRAL = 46 };

static void put_le32(uint8_t *p, uint32_t value) {
    for (int i = 0; i < 4; ++i) {
        p[i] = (uint8_t)(value >> 8 * i);
    }
}

static void mend(uint8_t *data, size_t size, uint8_t *entry) {
    uint32_t offset = blox_le32(entry + 42), packed = blox_le32(entry + 20);
    if (offset > size || size - offset < LOCAL || blox_le16(entry + 10) != 0) {
        return;
    }
    size_t at = offset + LOCAL + blox_le16(data + offset + 26) +
                blox_le16(data + offset + 28);
    if (at <= size && packed <= size - at) {
        put_le32(entry + 16, blox_crc32(0, data + at, packed));
        put_le32(entry + 24, packed);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed) {
    size = LLVMFuzzerMutate(data, size, max_size);
    for (size_t i = 0; seed % 4 != 0 && i + CENTRAL <= size; ++i) {
        if (blox_le32(data + i) == 0x02014b50) {
            mend(data, size, data + i);
        }
    }
    return size;
}
