// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/pkg/unpack_bench.h"

// ---- Good wheels

static void a_wheel_is_staged_member_by_member(void **state) {
    (void)state;
    uint8_t *data = bench_noise(50000);
    builder_put_recorded(&bench.builder, "big_pkg/__init__.py", "x = 1\n");
    builder_put_recorded(&bench.builder, "big_pkg/empty.py", "");
    builder_add_recorded(&bench.builder,
                         &(struct member){.name = "big_pkg/data.bin",
                                          .data = data,
                                          .size = 50000,
                                          .deflate = true});
    builder_add_recorded(&bench.builder,
                         &(struct member){.name = "big_pkg/none.bin",
                                          .data = data,
                                          .deflate = true});
    builder_add(&bench.builder, &(struct member){.name = "big_pkg/"});
    bench_finish();
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.members, 7);
    assert_int_equal(bench.unpack.files, 7);
    assert_int_equal(bench.bytes, bench.unpack.bytes);
    assert_int_equal(bench.bytes, bench.unpack.bytes_done);
    assert_string_equal(bench.unpack.name, "big_pkg");
    assert_string_equal(bench.unpack.version, "1.0");
    assert_string_equal(bench.unpack.dist_info, "big_pkg-1.0.dist-info");
    assert_int_equal(bench.window_size, 32768);
    assert_null(storage_ram_get(&bench.ram, "/lib/big_pkg"));
    free(data);
}

static void the_window_is_no_larger_than_the_largest_member(void **state) {
    (void)state;
    uint8_t *data = bench_noise(5000);
    builder_add_recorded(&bench.builder, &(struct member){.name = "a.bin",
                                                          .data = data,
                                                          .size = 5000,
                                                          .deflate = true});
    bench_finish();
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.window_size, 5000);
    free(data);
}

static void a_declared_small_window_is_enough(void **state) {
    (void)state;
    uint8_t *data = bench_noise(50000);
    builder_add_recorded(&bench.builder, &(struct member){.name = "a.bin",
                                                          .data = data,
                                                          .size = 50000,
                                                          .deflate = true,
                                                          .window_bits = 10});
    builder_finish_wheel(&bench.builder, "x", "1",
                         "Wheel-Version: 1.0\r\nTag: py3-none-any\r\n"
                         "Blox-Window-Bits: 10\r\n");
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.window_size, 1024);
    free(data);
}

static void a_distance_beyond_the_declared_window_is_refused(void **state) {
    (void)state;
    uint8_t *data = bench_noise(50000);
    builder_add_recorded(&bench.builder, &(struct member){.name = "a.bin",
                                                          .data = data,
                                                          .size = 50000,
                                                          .deflate = true});
    builder_finish_wheel(&bench.builder, "x", "1",
                         "Wheel-Version: 1.0\nTag: py3-none-any\n"
                         "Blox-Window-Bits: 8\n");
    bench_assert_refused(BLOX_ERROR_LIMIT,
                         "wheel: a.bin: needs a larger deflate window than the "
                         "wheel declares");
    free(data);
}

static void members_in_another_order_than_record_are_found(void **state) {
    (void)state;
    char name[40];
    for (int i = 0; i < 40; ++i) {
        snprintf(name, sizeof name, "m%d.py", (i * 17) % 40);
        builder_put(&bench.builder, name, name);
        snprintf(name, sizeof name, "m%d.py", i);
        builder_record(&bench.builder, name, name, strlen(name));
    }
    bench_finish();
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.members, 43);
}

static void extra_fields_descriptors_and_a_comment_do_no_harm(void **state) {
    (void)state;
    builder_add_recorded(&bench.builder, &(struct member){.name = "a.py",
                                                          .data = "1234",
                                                          .size = 4,
                                                          .deflate = true,
                                                          .extra = 40,
                                                          .descriptor = true,
                                                          .host = 3,
                                                          .mode = 0100644});
    bench_finish();
    struct builder *builder = &bench.builder;
    static char comment[3000];
    memset(comment, 'P', sizeof comment - 1);
    builder->data = realloc(builder->data, builder->size + sizeof comment);
    memcpy(builder->data + builder->size, comment, sizeof comment - 1);
    builder->data[builder->size - 2] = (sizeof comment - 1) & 255;
    builder->data[builder->size - 1] = (sizeof comment - 1) >> 8;
    builder->size += sizeof comment - 1;
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.members, 4);
}

static void signatures_of_record_are_not_staged(void **state) {
    (void)state;
    builder_put(&bench.builder, "big_pkg-1.0.dist-info/RECORD.jws", "{}");
    builder_put(&bench.builder, "big_pkg-1.0.dist-info/RECORD.p7s", "x");
    builder_record(&bench.builder, "big_pkg-1.0.dist-info/RECORD.p7s", NULL, 0);
    bench_finish();
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.members, 3);
}

static void quoted_paths_and_cr_lf_in_record_are_read(void **state) {
    (void)state;
    builder_put(&bench.builder, "a,b.py", "");
    builder_record_line(
        &bench.builder,
        "\"a,b.py\",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\r\n");
    bench_finish();
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
}

static void tags_for_this_platform_are_taken(void **state) {
    (void)state;
    builder_finish_wheel(&bench.builder, "x", "1",
                         "Wheel-Version: 1.9\nTag: mpy6-bytecode-esp32\n"
                         "Tag: mpy6-bytecode-esp32c3\n");
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
}

// Bytecode loads anywhere, native code where it was built for.
static void native_members_must_be_for_this_firmware(void **state) {
    enum { OWN = 11 << 10 | 3 << 8 | 6 }; // rv32imc, 6.3
    static const struct {
        char head[5];
        const char *refused;
    } cases[] = {
        {"M\x06\x03\x1f", NULL},
        {"M\x06\x2f\x1f", NULL},
        {"x\x05\x2e\x1f", NULL},
        {"M\x06\x2e\x1f", "built for MicroPython's mpy 6.2 (chip 11), this "
                          "firmware loads 6.3 (chip 11)"},
        {"M\x06\x2b\x1f", "mpy 6.3 (chip 10), this firmware"},
        {"M\x05\x03\x1f", "mpy 5.3, this firmware"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        bench_tear_down(state);
        bench_set_up(state);
        bench.mpy = OWN;
        builder_add_recorded(&bench.builder,
                             &(struct member){.name = "a/x.mpy",
                                              .data = (void *)cases[i].head,
                                              .size = 4});
        bench_finish();
        int result = bench_unpack();
        if (cases[i].refused == NULL) {
            assert_int_equal(result, BLOX_UNPACK_DONE);
            continue;
        }
        assert_int_equal(result, BLOX_ERROR_PLATFORM);
        assert_non_null(strstr(bench.sentence, "wheel: a/x.mpy: "));
        assert_non_null(strstr(bench.sentence, cases[i].refused));
    }
}

static void a_compressed_set_of_tags_is_taken(void **state) {
    (void)state;
    builder_finish_wheel(&bench.builder, "x", "1",
                         "Wheel-Version: 1.0\nTag: py2.py3-none-any\n");
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
}

// A wheel of Debian's: its RECORD has a hash of every member, and each is
// compared.
static void unpack_file(const char *path, uint32_t blocks) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    bench.builder.size = (size_t)ftell(file);
    bench.builder.data = malloc(bench.builder.size);
    rewind(file);
    assert_int_equal(fread(bench.builder.data, 1, bench.builder.size, file),
                     bench.builder.size);
    fclose(file);
    bench.ram.blocks = blocks;
    bench.bitmap_size = 512;
    bench.io_size = 4096;
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.members, bench.unpack.files);
    assert_true(bench.bytes > 1000000);
    assert_int_equal(bench.bytes, bench.unpack.bytes);
    builder_free(&bench.builder);
}

static void real_wheels_are_staged(void **state) {
    (void)state;
    glob_t found;
    assert_int_equal(glob("/usr/share/python-wheels/[ps]*-py3-none-any.whl", 0,
                          NULL, &found),
                     0);
    for (size_t i = 0; i < found.gl_pathc; ++i) {
        bench_tear_down(state);
        bench_set_up(state);
        unpack_file(found.gl_pathv[i], 8192);
    }
    globfree(&found);
}

// ---- Faults

static void make_mixed_wheel(void) {
    uint8_t *data = bench_noise(3000);
    builder_put_recorded(&bench.builder, "big_pkg/__init__.py", "x = 1\n");
    builder_add_recorded(&bench.builder, &(struct member){.name = "d.bin",
                                                          .data = data,
                                                          .size = 3000,
                                                          .deflate = true});
    builder_add_recorded(
        &bench.builder,
        &(struct member){.name = "s.bin", .data = data, .size = 1500});
    bench_finish();
    free(data);
}

static void every_failing_operation_ends_in_a_clean_error(void **state) {
    (void)state;
    make_mixed_wheel();
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    uint32_t operations = bench.ram.operations;
    uint32_t lib = storage_ram_hash(&bench.ram, "/lib");
    for (uint32_t n = 1; n <= operations; ++n) {
        for (int error = BLOX_ERROR_IO; error <= BLOX_ERROR_FULL; ++error) {
            storage_ram_boot(&bench.ram);
            bench.ram.fail_at = n;
            bench.ram.fail_with = error;
            int result = bench_unpack_stored();
            // The last closes come after everything is checked.
            if (result != error && n <= operations - 2) {
                fail_msg("operation %u: %d, %s", n, result, bench.sentence);
            }
            assert_int_equal(storage_ram_hash(&bench.ram, "/lib"), lib);
        }
    }
}

static void every_failing_hash_ends_in_a_clean_error(void **state) {
    (void)state;
    make_mixed_wheel();
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    unsigned operations = bench.crypto.operations;
    for (unsigned n = 1; n <= operations; ++n) {
        bench.crypto.operations = 0;
        bench.crypto.fail_at = n;
        assert_int_equal(bench_unpack_stored(), BLOX_ERROR_IO);
        assert_non_null(strstr(bench.sentence, "could not be written"));
    }
}

static void short_reads_do_no_harm(void **state) {
    (void)state;
    make_mixed_wheel();
    bench.ram.read_at_most = 7;
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.members, 6);
}

static void a_damaged_wheel_never_crashes(void **state) {
    (void)state;
    make_mixed_wheel();
    uint8_t *good = malloc(bench.builder.size);
    memcpy(good, bench.builder.data, bench.builder.size);
    uint32_t taken = 0;
    for (uint32_t round = 0; round < 6000; ++round) {
        uint32_t x = round * 2654435761u + 1;
        memcpy(bench.builder.data, good, bench.builder.size);
        for (uint32_t hits = 1 + round % 3; hits > 0; --hits) {
            x = x * 1664525 + 1013904223;
            size_t at = (x >> 8) % bench.builder.size;
            bench.builder.data[at] ^= (uint8_t)(1 << (x >> 5) % 8);
        }
        int result = bench_unpack();
        assert_in_range(-result, 0, -BLOX_ERROR_REFUSED);
        taken += result == BLOX_UNPACK_DONE;
        if (result < 0) {
            assert_true(strlen(bench.sentence) > strlen("wheel: "));
        }
    }
    // Times, extra fields and modes are nobody's business.
    assert_in_range(taken, 1, 3000);
    free(good);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_wheel_is_staged_member_by_member),
        TEST(the_window_is_no_larger_than_the_largest_member),
        TEST(a_declared_small_window_is_enough),
        TEST(a_distance_beyond_the_declared_window_is_refused),
        TEST(members_in_another_order_than_record_are_found),
        TEST(extra_fields_descriptors_and_a_comment_do_no_harm),
        TEST(signatures_of_record_are_not_staged),
        TEST(quoted_paths_and_cr_lf_in_record_are_read),
        TEST(tags_for_this_platform_are_taken),
        TEST(native_members_must_be_for_this_firmware),
        TEST(a_compressed_set_of_tags_is_taken),
        TEST(real_wheels_are_staged),
        TEST(every_failing_operation_ends_in_a_clean_error),
        TEST(every_failing_hash_ends_in_a_clean_error),
        TEST(short_reads_do_no_harm),
        TEST(a_damaged_wheel_never_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
