// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/pkg/unpack_bench.h"

static void what_is_no_zip_is_refused(void **state) {
    (void)state;
    bench.builder.data = malloc(300);
    bench.builder.size = 300;
    memset(bench.builder.data, 'x', 300);
    const char *sentence =
        "wheel: this is no zip file; publish the wheel again";
    bench_assert_refused(BLOX_ERROR_FORMAT, sentence);
    bench.builder.size = 10;
    bench_assert_refused(BLOX_ERROR_FORMAT, sentence);
    bench.builder.size = 0;
    bench_assert_refused(BLOX_ERROR_FORMAT, sentence);
}

static void a_wheel_cut_anywhere_is_refused(void **state) {
    (void)state;
    builder_put_recorded(&bench.builder, "a.py", "abc");
    bench_finish();
    for (size_t whole = bench.builder.size; bench.builder.size > 0;) {
        --bench.builder.size;
        int result = bench_unpack();
        if (result != BLOX_ERROR_FORMAT) {
            fail_msg("cut at %zu of %zu: %d", bench.builder.size, whole,
                     result);
        }
    }
}

static void a_zip_that_is_no_wheel_is_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "a.py", "1");
    builder_finish(&bench.builder, "");
    bench_assert_refused(
        BLOX_ERROR_FORMAT,
        "wheel: has no .dist-info directory, so it is a zip but "
        "no wheel");
}

static void a_wheel_without_its_files_is_refused(void **state) {
    static const char *const names[] = {"WHEEL", "METADATA", "RECORD"};
    for (int missing = 0; missing < 3; ++missing) {
        bench_tear_down(state);
        bench_set_up(state);
        for (int i = 0; i < 3; ++i) {
            char path[60];
            snprintf(path, sizeof path, "a-1.dist-info/%s", names[i]);
            if (i != missing) {
                builder_put(&bench.builder, path, "");
            }
        }
        builder_finish(&bench.builder, "");
        char sentence[100];
        snprintf(sentence, sizeof sentence,
                 "wheel: has no %s file in its .dist-info directory",
                 names[missing]);
        bench_assert_refused(BLOX_ERROR_FORMAT, sentence);
    }
}

static void two_dist_info_directories_are_refused(void **state) {
    (void)state;
    builder_put_recorded(&bench.builder, "a-1.dist-info/WHEEL", "x");
    bench_finish();
    bench_assert_refused(BLOX_ERROR_FORMAT,
                         "wheel: has two .dist-info directories");
}

struct refusal {
    struct member member;
    int error;
    const char *sentence;
};

static void members_that_must_not_be_are_refused(void **state) {
    static const struct refusal cases[] = {
        {{.name = "../a.py"},
         BLOX_ERROR_PATH,
         "wheel: ../a.py: the path has a '..' segment"},
        {{.name = "a/../../b"},
         BLOX_ERROR_PATH,
         "wheel: a/../../b: the path has a '..' segment"},
        {{.name = "/etc/passwd"},
         BLOX_ERROR_PATH,
         "wheel: /etc/passwd: the path is absolute"},
        {{.name = "a//b"},
         BLOX_ERROR_PATH,
         "wheel: a//b: the path has an empty segment"},
        {{.name = "a\\b"},
         BLOX_ERROR_PATH,
         "wheel: a\\b: the path has a backslash"},
        {{.name = "a\nb"},
         BLOX_ERROR_PATH,
         "wheel: a?b: the path has a control character"},
        {{.name = "a/b\xff"},
         BLOX_ERROR_PATH,
         "wheel: a/b?: the path is not UTF-8"},
        {{.name = ".BLOX/journal"},
         BLOX_ERROR_PATH,
         "wheel: .BLOX/journal: the path is under .blox, which is the "
         "updater's own"},
        {{.name = "..", .mode = 040755},
         BLOX_ERROR_PATH,
         "wheel: ..: the path has a '..' segment"},
        {{.name = "../"},
         BLOX_ERROR_PATH,
         "wheel: ../: the path has a '..' segment"},
        {{.name = ""}, BLOX_ERROR_PATH, "wheel: the path is empty"},
        {{.name = "a.py", .flags = 1},
         BLOX_ERROR_UNSUPPORTED,
         "wheel: a.py: is encrypted, which is not supported"},
        {{.name = "a.py", .flags = 64},
         BLOX_ERROR_UNSUPPORTED,
         "wheel: a.py: is encrypted, which is not supported"},
        {{.name = "a.py", .method = 12},
         BLOX_ERROR_UNSUPPORTED,
         "wheel: a.py: is compressed by a method other than deflate"},
        {{.name = "a.py", .host = 3, .mode = 0120777},
         BLOX_ERROR_UNSUPPORTED,
         "wheel: a.py: is a symbolic link or another special file"},
        {{.name = "a.py", .host = 3, .mode = 0020666},
         BLOX_ERROR_UNSUPPORTED,
         "wheel: a.py: is a symbolic link or another special file"},
        {{.name = "a.py", .size_add = -1},
         BLOX_ERROR_UNSUPPORTED,
         "wheel: a.py: is of the zip64 kind, which is not supported"},
        {{.name = "a.py", .size_add = 1},
         BLOX_ERROR_FORMAT,
         "wheel: a.py: the zip is damaged; publish it again"},
        {{.name = "a.py", .data = "", .deflate = true, .size_add = 9999},
         BLOX_ERROR_FORMAT,
         "wheel: a.py: the zip is damaged; publish it again"},
        {{.name = "a.py", .offset_add = 0x7fffffff},
         BLOX_ERROR_FORMAT,
         "wheel: a.py: the zip is damaged; publish it again"},
        {{.name = "a.py", .offset_add = 3},
         BLOX_ERROR_FORMAT,
         "wheel: a.py: the zip is damaged; publish it again"},
        {{.name = "a.py", .local_name = "b.py"},
         BLOX_ERROR_FORMAT,
         "wheel: a.py: the zip is damaged; publish it again"},
        {{.name = "a.py", .crc_xor = 1},
         BLOX_ERROR_DIGEST,
         "wheel: a.py: its CRC-32 differs from the zip's; the package is "
         "damaged, publish it again"},
        {{.name = "a.py",
          .data = "abc",
          .size = 3,
          .deflate = true,
          .size_add = 1},
         BLOX_ERROR_DIGEST,
         "wheel: a.py: its size differs from RECORD; the package is damaged, "
         "publish it again"},
        {{.name = "a.py",
          .data = "abc",
          .size = 3,
          .deflate = true,
          .packed_add = -1},
         BLOX_ERROR_FORMAT,
         "wheel: a.py: its compressed data is damaged; publish the package "
         "again"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bench_tear_down(state);
        bench_set_up(state);
        builder_put_recorded(&bench.builder, "first.py", "1");
        builder_add_recorded(&bench.builder, &cases[i].member);
        bench_finish();
        bench_assert_refused(cases[i].error, cases[i].sentence);
    }
}

static void a_path_over_200_bytes_is_refused(void **state) {
    (void)state;
    char name[250];
    memset(name, 'a', sizeof name);
    name[201] = '\0';
    builder_put(&bench.builder, name, "1");
    bench_finish();
    bench_assert_refused(BLOX_ERROR_PATH,
                         "wheel: a member's path is over 200 bytes");
}

static void a_size_that_inflates_to_another_is_refused(void **state) {
    for (int add = -1; add <= 1; add += 2) {
        bench_tear_down(state);
        bench_set_up(state);
        builder_add(&bench.builder, &(struct member){.name = "a.py",
                                                     .data = "abcdefg",
                                                     .size = 7,
                                                     .deflate = true,
                                                     .size_add = add});
        builder_record(&bench.builder, "a.py", "abcdefgh", (size_t)(7 + add));
        bench_finish();
        bench_assert_refused(
            BLOX_ERROR_DIGEST,
            "wheel: a.py: its size differs from the zip's; the "
            "package is damaged, publish it again");
    }
}

static void a_hash_that_differs_is_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "big_pkg/m3.py", "abd");
    builder_record(&bench.builder, "big_pkg/m3.py", "abc", 3);
    bench_finish();
    bench_assert_refused(
        BLOX_ERROR_DIGEST,
        "wheel: big_pkg/m3.py: SHA-256 differs from RECORD; the "
        "package is damaged, publish it again");
}

static void a_size_that_differs_is_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "a.py", "abc");
    builder_record(&bench.builder, "a.py", "ab", 2);
    bench_finish();
    bench_assert_refused(
        BLOX_ERROR_DIGEST,
        "wheel: a.py: its size differs from RECORD; the package is "
        "damaged, publish it again");
}

static void a_member_missing_from_record_is_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "a.py", "abc");
    bench_finish();
    bench_assert_refused(BLOX_ERROR_MISSING, "wheel: a.py: is not in RECORD");
}

static void a_member_without_a_hash_is_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "a.py", "abc");
    builder_record(&bench.builder, "a.py", NULL, 0);
    bench_finish();
    bench_assert_refused(BLOX_ERROR_MISSING,
                         "wheel: a.py: has no hash in RECORD");
}

static void a_line_without_a_member_is_refused(void **state) {
    (void)state;
    builder_record(&bench.builder, "a.py", "abc", 3);
    bench_finish();
    bench_assert_refused(BLOX_ERROR_MISSING,
                         "wheel: a.py: is in RECORD but not in the zip");
}

static void two_members_of_one_name_are_refused(void **state) {
    (void)state;
    builder_put_recorded(&bench.builder, "a.py", "abc");
    builder_put(&bench.builder, "a.py", "abc");
    bench_finish();
    bench_assert_refused(BLOX_ERROR_DUPLICATE,
                         "wheel: a.py: is twice in the zip");
}

static void two_members_with_two_lines_are_refused(void **state) {
    (void)state;
    builder_put_recorded(&bench.builder, "a.py", "abc");
    builder_put_recorded(&bench.builder, "b.py", "abc");
    builder_put_recorded(&bench.builder, "a.py", "abc");
    bench_finish();
    bench_assert_refused(BLOX_ERROR_DUPLICATE,
                         "wheel: a.py: is twice in RECORD");
}

static void a_line_twice_is_refused(void **state) {
    (void)state;
    builder_put_recorded(&bench.builder, "a.py", "abc");
    builder_record(&bench.builder, "a.py", "abc", 3);
    bench_finish();
    bench_assert_refused(BLOX_ERROR_DUPLICATE,
                         "wheel: a.py: is twice in RECORD");
}

static void two_records_are_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "big_pkg-1.0.dist-info/RECORD", "");
    bench_finish();
    bench_assert_refused(
        BLOX_ERROR_DUPLICATE,
        "wheel: big_pkg-1.0.dist-info/RECORD: is twice in the zip");
}

static void a_malformed_record_is_refused(void **state) {
    (void)state;
    builder_record_line(&bench.builder, "a.py,md5=abc,3\n");
    bench_finish();
    bench_assert_refused(BLOX_ERROR_FORMAT,
                         "wheel: RECORD: the hash is not sha256");
}

static void foreign_wheels_are_refused(void **state) {
    static const char *const tags[] = {
        "cp311-cp311-manylinux_2_17_x86_64",
        "mpy6-bytecode-esp32",
        "mpy6-bytecode-esp32c3x",
        "mpy5-bytecode-esp32c3",
        "py2-none-any",
        "py3-none-esp32c3",
        "",
    };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; ++i) {
        char wheel[120];
        bench_tear_down(state);
        bench_set_up(state);
        snprintf(wheel, sizeof wheel, "Wheel-Version: 1.0\nTag: %s\n", tags[i]);
        builder_finish_wheel(&bench.builder, "x", "1", wheel);
        bench_assert_refused(
            BLOX_ERROR_PLATFORM,
            "wheel: none of its tags fits this device; it takes "
            "py3-none-any and mpy6-bytecode-esp32c3");
    }
}

static void another_wheel_version_is_refused(void **state) {
    (void)state;
    builder_finish_wheel(&bench.builder, "x", "1",
                         "Wheel-Version: 2.0\nTag: py3-none-any\n");
    bench_assert_refused(
        BLOX_ERROR_UNSUPPORTED,
        "wheel: x-1.dist-info/WHEEL: its Wheel-Version is not 1.x");
}

static void a_malformed_wheel_file_is_refused(void **state) {
    static const char *const wrong[] = {
        "",
        "Tag: py3-none-any\n",
        "Wheel-Version: 1.0\nTag: py3-none-any\nBlox-Window-Bits: 16\n",
        "Wheel-Version: 1.0\nTag: py3-none-any\nBlox-Window-Bits: x\n",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        bench_tear_down(state);
        bench_set_up(state);
        builder_finish_wheel(&bench.builder, "x", "1", wrong[i]);
        bench_assert_refused(BLOX_ERROR_FORMAT,
                             "wheel: x-1.dist-info/WHEEL: is malformed");
    }
}

static void a_long_wheel_file_is_refused(void **state) {
    (void)state;
    static char text[4200];
    memset(text, 'x', sizeof text - 1);
    builder_finish_wheel(&bench.builder, "x", "1", text);
    bench_assert_refused(BLOX_ERROR_LIMIT,
                         "wheel: x-1.dist-info/WHEEL: is over 4096 bytes");
}

// A wheel whose METADATA is text.
static void finish_with_metadata(const char *text) {
    builder_put_recorded(&bench.builder, "x-1.dist-info/METADATA", text);
    builder_put_recorded(&bench.builder, "x-1.dist-info/WHEEL",
                         "Wheel-Version: 1.0\nTag: py3-none-any\n");
    builder_put(&bench.builder, "x-1.dist-info/RECORD", bench.builder.record);
    builder_finish(&bench.builder, "");
}

static void a_hash_of_record_itself_is_refused(void **state) {
    (void)state;
    builder_record(&bench.builder, "x-1.dist-info/RECORD", "abc", 3);
    finish_with_metadata("Name: x\nVersion: 1\n");
    bench_assert_refused(BLOX_ERROR_DIGEST,
                         "wheel: x-1.dist-info/RECORD: has a hash of itself, "
                         "which cannot be right");
}

static void metadata_that_names_another_package_is_refused(void **state) {
    static const char *const wrong[] = {"Name: y\nVersion: 1\n",
                                        "Name: x\nVersion: 1.0\n"};
    static const char *const sentences[] = {
        "wheel: is y 1 by METADATA, but its .dist-info directory says another",
        "wheel: is x 1.0 by METADATA, but its .dist-info directory says "
        "another"};
    for (size_t i = 0; i < 2; ++i) {
        bench_tear_down(state);
        bench_set_up(state);
        builder_record_line(&bench.builder, "");
        finish_with_metadata(wrong[i]);
        bench_assert_refused(BLOX_ERROR_FORMAT, sentences[i]);
    }
}

static void metadata_without_a_name_is_refused(void **state) {
    (void)state;
    finish_with_metadata("Metadata-Version: 2.1\nVersion: 1\n\nName: x\n");
    bench_assert_refused(BLOX_ERROR_FORMAT,
                         "wheel: x-1.dist-info/METADATA: has no valid Name and "
                         "Version");
}

static void a_package_the_list_did_not_name_is_refused(void **state) {
    (void)state;
    builder_finish_wheel(&bench.builder, "big_pkg", "1.0", NULL);
    bench.config.name = blox_span_text("Big.Pkg");
    bench.config.version = blox_span_text("1.0");
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    bench.config.version = blox_span_text("1.1");
    bench_assert_refused(
        BLOX_ERROR_FORMAT,
        "wheel: is big_pkg 1.0, which is not what the list says");
    bench.config.version = blox_span_text("1.0");
    bench.config.name = blox_span_text("bigpkg");
    bench_assert_refused(
        BLOX_ERROR_FORMAT,
        "wheel: is big_pkg 1.0, which is not what the list says");
}

// Puts a wheel of 100,000 bytes, which are 7 blocks packed, on a flash that has
// free blocks besides.
static void put_big_wheel(uint32_t free_blocks) {
    uint8_t *data = bench_noise(100000);
    builder_add_recorded(&bench.builder, &(struct member){.name = "a.bin",
                                                          .data = data,
                                                          .size = 100000,
                                                          .deflate = true});
    free(data);
    bench_finish();
    storage_ram_put(&bench.ram, wheel_path, bench.builder.data,
                    bench.builder.size);
    bench.ram.blocks = storage_ram_used(&bench.ram) + free_blocks;
}

static void a_wheel_that_does_not_fit_is_refused_before_a_write(void **state) {
    (void)state;
    put_big_wheel(30);
    bench.config.reserve_blocks = 8;
    bench_assert_refused(
        BLOX_ERROR_FULL,
        "wheel: no room on flash: big_pkg 1.0 needs 164 KiB, free "
        "are 120 KiB; remove files or send less");
    assert_int_equal(bench.ram.writes, 0);
}

// The wheel has 7 blocks. They are free for what must be left behind the staged
// files: all but two, without which nothing could be removed.
static void a_wheel_that_goes_makes_room_for_the_reserve(void **state) {
    (void)state;
    put_big_wheel(28);
    bench.config.goes = true;
    bench.config.reserve_blocks = 8;
    bench_assert_refused(
        BLOX_ERROR_FULL,
        "wheel: no room on flash: big_pkg 1.0 needs 136 KiB, free "
        "are 112 KiB; remove files or send less");
    bench.config.reserve_blocks = 5;
    bench_assert_refused(
        BLOX_ERROR_FULL,
        "wheel: no room on flash: big_pkg 1.0 needs 124 KiB, free "
        "are 112 KiB; remove files or send less");
    bench.ram.blocks = storage_ram_used(&bench.ram) + 36;
    assert_int_equal(bench_unpack_stored(), BLOX_UNPACK_DONE);
}

static void more_files_than_the_bitmap_serves_are_refused(void **state) {
    (void)state;
    bench.bitmap_size = 2;
    for (int i = 0; i < 5; ++i) {
        char name[20];
        snprintf(name, sizeof name, "%d.py", i);
        builder_put_recorded(&bench.builder, name, "");
    }
    bench_finish();
    assert_int_equal(bench_unpack(), BLOX_UNPACK_DONE);
    bench.bitmap_size = 1;
    bench_assert_refused(
        BLOX_ERROR_LIMIT,
        "wheel: has more files than fit the memory set aside for "
        "their names");
}

static void overlapping_members_are_refused(void **state) {
    (void)state;
    static const char big[3000];
    builder_add_recorded(
        &bench.builder,
        &(struct member){.name = "a.bin", .data = big, .size = 3000});
    builder_add_recorded(&bench.builder, &(struct member){.name = "b.bin",
                                                          .data = "",
                                                          .packed_add = 600,
                                                          .size_add = 600});
    bench_finish();
    bench_assert_refused(
        BLOX_ERROR_FORMAT,
        "wheel: members overlap; the zip is damaged, publish it "
        "again");
}

static void buffers_too_small_are_refused(void **state) {
    (void)state;
    uint8_t io[512], bitmap[8];
    struct blox_unpack_config config = {.storage = &bench.ram.ops,
                                        .sha256 = &bench.crypto.hash,
                                        .wheel = wheel_path,
                                        .staging = "/s",
                                        .io = io,
                                        .io_size = 511,
                                        .bitmap = bitmap,
                                        .bitmap_size = 8};
    struct blox_unpack *unpack = &bench.unpack;
    assert_int_equal(blox_unpack_init(unpack, &config), BLOX_ERROR_ARGUMENT);
    assert_int_equal(blox_unpack_step(unpack), BLOX_ERROR_STATE);
    config.io_size = 512;
    config.bitmap_size = 0;
    assert_int_equal(blox_unpack_init(unpack, &config), BLOX_ERROR_ARGUMENT);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_zip_is_refused),
        TEST(a_wheel_cut_anywhere_is_refused),
        TEST(a_zip_that_is_no_wheel_is_refused),
        TEST(a_wheel_without_its_files_is_refused),
        TEST(two_dist_info_directories_are_refused),
        TEST(members_that_must_not_be_are_refused),
        TEST(a_path_over_200_bytes_is_refused),
        TEST(a_size_that_inflates_to_another_is_refused),
        TEST(a_hash_that_differs_is_refused),
        TEST(a_size_that_differs_is_refused),
        TEST(a_member_missing_from_record_is_refused),
        TEST(a_member_without_a_hash_is_refused),
        TEST(a_line_without_a_member_is_refused),
        TEST(two_members_of_one_name_are_refused),
        TEST(two_members_with_two_lines_are_refused),
        TEST(a_line_twice_is_refused),
        TEST(a_hash_of_record_itself_is_refused),
        TEST(two_records_are_refused),
        TEST(a_malformed_record_is_refused),
        TEST(foreign_wheels_are_refused),
        TEST(another_wheel_version_is_refused),
        TEST(a_malformed_wheel_file_is_refused),
        TEST(a_long_wheel_file_is_refused),
        TEST(metadata_that_names_another_package_is_refused),
        TEST(metadata_without_a_name_is_refused),
        TEST(a_package_the_list_did_not_name_is_refused),
        TEST(a_wheel_that_does_not_fit_is_refused_before_a_write),
        TEST(a_wheel_that_goes_makes_room_for_the_reserve),
        TEST(more_files_than_the_bitmap_serves_are_refused),
        TEST(overlapping_members_are_refused),
        TEST(buffers_too_small_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
