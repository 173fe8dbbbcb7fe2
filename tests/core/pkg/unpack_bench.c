// SPDX-License-Identifier: MIT
#include "tests/core/pkg/unpack_bench.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/test.h"

const char wheel_path[] = "/.blox/p.whl";

struct bench bench;

int bench_set_up(void **state) {
    (void)state;
    memset(&bench, 0, sizeof bench);
    storage_ram_init(&bench.ram);
    storage_ram_mkdir(&bench.ram, "/.blox/stage");
    storage_ram_mkdir(&bench.ram, "/lib");
    conf_crypto_open(&bench.crypto);
    builder_init(&bench.builder);
    bench.io_size = 512;
    bench.bitmap_size = 64;
    return 0;
}

int bench_tear_down(void **state) {
    (void)state;
    builder_free(&bench.builder);
    conf_crypto_close(&bench.crypto);
    storage_ram_free(&bench.ram);
    return 0;
}

static void check_member(void) {
    const struct blox_unpack_member *member = &bench.unpack.member;
    char path[60];
    uint8_t digest[32];
    snprintf(path, sizeof path, "/.blox/stage/%u", member->number);
    const struct storage_ram_file *file = storage_ram_get(&bench.ram, path);
    assert_non_null(file);
    assert_int_equal(file->size, member->size);
    if (strstr(member->path, ".dist-info/RECORD") == NULL) {
        SHA256(file->data, file->size, digest);
        assert_memory_equal(digest, member->sha256, 32);
    }
    assert_int_equal(member->number, bench.config.number + bench.members);
    strcpy(bench.last_path, member->path);
    ++bench.members;
    bench.bytes += member->size;
}

static void give_window(void) {
    bench.window_size = bench.unpack.window_wanted;
    free(bench.window);
    bench.window = malloc(bench.window_size);
    blox_unpack_set_window(&bench.unpack, bench.window, bench.window_size);
}

static int run(void) {
    int result;
    do {
        result = blox_unpack_step(&bench.unpack);
        ++bench.steps;
        if (result == BLOX_UNPACK_WINDOW) {
            give_window();
        } else if (result == BLOX_UNPACK_MEMBER) {
            check_member();
        }
    } while (result > 0);
    return result;
}

int bench_unpack_stored(void) {
    uint8_t *io = malloc(bench.io_size);
    uint8_t *bitmap = malloc(bench.bitmap_size);
    blox_text_init(&bench.why, bench.sentence, sizeof bench.sentence);
    bench.config = (struct blox_unpack_config){
        .storage = &bench.ram.ops,
        .sha256 = &bench.crypto.hash,
        .wheel = wheel_path,
        .staging = "/.blox/stage",
        .number = 7,
        .reserve_blocks = bench.config.reserve_blocks,
        .goes = bench.config.goes,
        .platform = blox_span_text("esp32c3"),
        .mpy = bench.mpy,
        .name = bench.config.name,
        .version = bench.config.version,
        .io = io,
        .io_size = bench.io_size,
        .bitmap = bitmap,
        .bitmap_size = bench.bitmap_size,
        .why = &bench.why,
    };
    bench.members = 0;
    bench.bytes = 0;
    assert_int_equal(blox_unpack_init(&bench.unpack, &bench.config), BLOX_OK);
    int result = run();
    blox_unpack_close(&bench.unpack);
    assert_int_equal(bench.ram.open_files, 0);
    if (result < 0) {
        assert_int_equal(blox_unpack_step(&bench.unpack), BLOX_ERROR_STATE);
    }
    free(bench.window);
    bench.window = NULL;
    free(bitmap);
    free(io);
    return result;
}

int bench_unpack(void) {
    storage_ram_put(&bench.ram, wheel_path, bench.builder.data,
                    bench.builder.size);
    return bench_unpack_stored();
}

void bench_finish(void) {
    builder_finish_wheel(&bench.builder, "big_pkg", "1.0", NULL);
}

void bench_assert_refused(int error, const char *sentence) {
    storage_ram_put(&bench.ram, wheel_path, bench.builder.data,
                    bench.builder.size);
    uint32_t before = storage_ram_hash(&bench.ram, "/lib");
    int result = bench_unpack_stored();
    assert_string_equal(bench.sentence, sentence);
    assert_int_equal(result, error);
    assert_int_equal(storage_ram_hash(&bench.ram, "/lib"), before);
}

uint8_t *bench_noise(size_t size) {
    uint8_t *data = malloc(size);
    uint32_t x = 1;
    for (size_t i = 0; i < size; ++i) {
        x = x * 1664525 + 1013904223;
        size_t back = 1 + (x >> 8) % 20000;
        bool copy = (i & 63) > 4 && back < i;
        data[i] = copy ? data[i - 300 % i] : (uint8_t)(x >> 20);
    }
    return data;
}
