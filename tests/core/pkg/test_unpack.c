// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <glob.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/pkg/unpack.h"
#include "tests/core/conf/host_crypto.h"
#include "tests/core/pkg/wheel_builder.h"
#include "tests/core/storage_ram.h"

static const char wheel_path[] = "/.blox/p.whl";

// A device with one wheel on its flash, and all an unpacker needs.
struct bench {
    struct storage_ram ram;
    struct conf_crypto crypto;
    struct builder builder;
    struct blox_unpack unpack;
    struct blox_unpack_config config;
    struct blox_text why;
    char sentence[300];
    uint8_t *window;
    size_t window_size; // given last
    size_t io_size;
    size_t bitmap_size;
    uint32_t members, bytes, steps;
    char last_path[BLOX_PATH_MAX + 1];
};

static struct bench bench;

static int set_up(void **state) {
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

static int tear_down(void **state) {
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

// Unpacks what lies at wheel_path. Every buffer is on the heap, so that ASan
// sees an overrun.
static int unpack_stored(void) {
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
        .platform = blox_span_text("esp32c3"),
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

static int unpack(void) {
    storage_ram_put(&bench.ram, wheel_path, bench.builder.data,
                    bench.builder.size);
    return unpack_stored();
}

static void finish(void) {
    builder_finish_wheel(&bench.builder, "big_pkg", "1.0", NULL);
}

// The wheel is refused with this error and sentence, and nothing outside of
// staging has changed.
static void assert_refused(int error, const char *sentence) {
    storage_ram_put(&bench.ram, wheel_path, bench.builder.data,
                    bench.builder.size);
    uint32_t before = storage_ram_hash(&bench.ram, "/lib");
    int result = unpack_stored();
    assert_string_equal(bench.sentence, sentence);
    assert_int_equal(result, error);
    assert_int_equal(storage_ram_hash(&bench.ram, "/lib"), before);
}

// ---- Good wheels

static uint8_t *noise(size_t size) {
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

static void a_wheel_is_staged_member_by_member(void **state) {
    (void)state;
    uint8_t *data = noise(50000);
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
    finish();
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
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
    uint8_t *data = noise(5000);
    builder_add_recorded(&bench.builder, &(struct member){.name = "a.bin",
                                                          .data = data,
                                                          .size = 5000,
                                                          .deflate = true});
    finish();
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.window_size, 5000);
    free(data);
}

static void a_declared_small_window_is_enough(void **state) {
    (void)state;
    uint8_t *data = noise(50000);
    builder_add_recorded(&bench.builder, &(struct member){.name = "a.bin",
                                                          .data = data,
                                                          .size = 50000,
                                                          .deflate = true,
                                                          .window_bits = 10});
    builder_finish_wheel(&bench.builder, "x", "1",
                         "Wheel-Version: 1.0\r\nTag: py3-none-any\r\n"
                         "Blox-Window-Bits: 10\r\n");
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.window_size, 1024);
    free(data);
}

static void a_distance_beyond_the_declared_window_is_refused(void **state) {
    (void)state;
    uint8_t *data = noise(50000);
    builder_add_recorded(&bench.builder, &(struct member){.name = "a.bin",
                                                          .data = data,
                                                          .size = 50000,
                                                          .deflate = true});
    builder_finish_wheel(&bench.builder, "x", "1",
                         "Wheel-Version: 1.0\nTag: py3-none-any\n"
                         "Blox-Window-Bits: 8\n");
    assert_refused(BLOX_ERROR_LIMIT,
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
    finish();
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
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
    finish();
    struct builder *builder = &bench.builder;
    static char comment[3000];
    memset(comment, 'P', sizeof comment - 1);
    builder->data = realloc(builder->data, builder->size + sizeof comment);
    memcpy(builder->data + builder->size, comment, sizeof comment - 1);
    builder->data[builder->size - 2] = (sizeof comment - 1) & 255;
    builder->data[builder->size - 1] = (sizeof comment - 1) >> 8;
    builder->size += sizeof comment - 1;
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.members, 4);
}

static void signatures_of_record_are_not_staged(void **state) {
    (void)state;
    builder_put(&bench.builder, "big_pkg-1.0.dist-info/RECORD.jws", "{}");
    builder_put(&bench.builder, "big_pkg-1.0.dist-info/RECORD.p7s", "x");
    builder_record(&bench.builder, "big_pkg-1.0.dist-info/RECORD.p7s", NULL, 0);
    finish();
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
    assert_int_equal(bench.members, 3);
}

static void quoted_paths_and_cr_lf_in_record_are_read(void **state) {
    (void)state;
    builder_put(&bench.builder, "a,b.py", "");
    builder_record_line(
        &bench.builder,
        "\"a,b.py\",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\r\n");
    finish();
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
}

static void tags_for_this_platform_are_taken(void **state) {
    (void)state;
    builder_finish_wheel(&bench.builder, "x", "1",
                         "Wheel-Version: 1.9\nTag: mpy6-bytecode-esp32\n"
                         "Tag: mpy6-bytecode-esp32c3\n");
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
}

static void a_compressed_set_of_tags_is_taken(void **state) {
    (void)state;
    builder_finish_wheel(&bench.builder, "x", "1",
                         "Wheel-Version: 1.0\nTag: py2.py3-none-any\n");
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
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
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
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
        tear_down(state);
        set_up(state);
        unpack_file(found.gl_pathv[i], 8192);
    }
    globfree(&found);
}

// ---- Refusals

static void what_is_no_zip_is_refused(void **state) {
    (void)state;
    bench.builder.data = malloc(300);
    bench.builder.size = 300;
    memset(bench.builder.data, 'x', 300);
    const char *sentence =
        "wheel: this is no zip file; publish the wheel again";
    assert_refused(BLOX_ERROR_FORMAT, sentence);
    bench.builder.size = 10;
    assert_refused(BLOX_ERROR_FORMAT, sentence);
    bench.builder.size = 0;
    assert_refused(BLOX_ERROR_FORMAT, sentence);
}

static void a_wheel_cut_anywhere_is_refused(void **state) {
    (void)state;
    builder_put_recorded(&bench.builder, "a.py", "abc");
    finish();
    for (size_t whole = bench.builder.size; bench.builder.size > 0;) {
        --bench.builder.size;
        int result = unpack();
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
    assert_refused(BLOX_ERROR_FORMAT,
                   "wheel: has no .dist-info directory, so it is a zip but "
                   "no wheel");
}

static void a_wheel_without_its_files_is_refused(void **state) {
    static const char *const names[] = {"WHEEL", "METADATA", "RECORD"};
    for (int missing = 0; missing < 3; ++missing) {
        tear_down(state);
        set_up(state);
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
        assert_refused(BLOX_ERROR_FORMAT, sentence);
    }
}

static void two_dist_info_directories_are_refused(void **state) {
    (void)state;
    builder_put_recorded(&bench.builder, "a-1.dist-info/WHEEL", "x");
    finish();
    assert_refused(BLOX_ERROR_FORMAT, "wheel: has two .dist-info directories");
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
        tear_down(state);
        set_up(state);
        builder_put_recorded(&bench.builder, "first.py", "1");
        builder_add_recorded(&bench.builder, &cases[i].member);
        finish();
        assert_refused(cases[i].error, cases[i].sentence);
    }
}

static void a_path_over_200_bytes_is_refused(void **state) {
    (void)state;
    char name[250];
    memset(name, 'a', sizeof name);
    name[201] = '\0';
    builder_put(&bench.builder, name, "1");
    finish();
    assert_refused(BLOX_ERROR_PATH, "wheel: a member's path is over 200 bytes");
}

static void a_size_that_inflates_to_another_is_refused(void **state) {
    for (int add = -1; add <= 1; add += 2) {
        tear_down(state);
        set_up(state);
        builder_add(&bench.builder, &(struct member){.name = "a.py",
                                                     .data = "abcdefg",
                                                     .size = 7,
                                                     .deflate = true,
                                                     .size_add = add});
        builder_record(&bench.builder, "a.py", "abcdefgh", (size_t)(7 + add));
        finish();
        assert_refused(BLOX_ERROR_DIGEST,
                       "wheel: a.py: its size differs from the zip's; the "
                       "package is damaged, publish it again");
    }
}

static void a_hash_that_differs_is_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "big_pkg/m3.py", "abd");
    builder_record(&bench.builder, "big_pkg/m3.py", "abc", 3);
    finish();
    assert_refused(BLOX_ERROR_DIGEST,
                   "wheel: big_pkg/m3.py: SHA-256 differs from RECORD; the "
                   "package is damaged, publish it again");
}

static void a_size_that_differs_is_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "a.py", "abc");
    builder_record(&bench.builder, "a.py", "ab", 2);
    finish();
    assert_refused(BLOX_ERROR_DIGEST,
                   "wheel: a.py: its size differs from RECORD; the package is "
                   "damaged, publish it again");
}

static void a_member_missing_from_record_is_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "a.py", "abc");
    finish();
    assert_refused(BLOX_ERROR_MISSING, "wheel: a.py: is not in RECORD");
}

static void a_member_without_a_hash_is_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "a.py", "abc");
    builder_record(&bench.builder, "a.py", NULL, 0);
    finish();
    assert_refused(BLOX_ERROR_MISSING, "wheel: a.py: has no hash in RECORD");
}

static void a_line_without_a_member_is_refused(void **state) {
    (void)state;
    builder_record(&bench.builder, "a.py", "abc", 3);
    finish();
    assert_refused(BLOX_ERROR_MISSING,
                   "wheel: a.py: is in RECORD but not in the zip");
}

static void two_members_of_one_name_are_refused(void **state) {
    (void)state;
    builder_put_recorded(&bench.builder, "a.py", "abc");
    builder_put(&bench.builder, "a.py", "abc");
    finish();
    assert_refused(BLOX_ERROR_DUPLICATE, "wheel: a.py: is twice in the zip");
}

static void two_members_with_two_lines_are_refused(void **state) {
    (void)state;
    builder_put_recorded(&bench.builder, "a.py", "abc");
    builder_put_recorded(&bench.builder, "b.py", "abc");
    builder_put_recorded(&bench.builder, "a.py", "abc");
    finish();
    assert_refused(BLOX_ERROR_DUPLICATE, "wheel: a.py: is twice in RECORD");
}

static void two_records_are_refused(void **state) {
    (void)state;
    builder_put(&bench.builder, "big_pkg-1.0.dist-info/RECORD", "");
    finish();
    assert_refused(BLOX_ERROR_DUPLICATE,
                   "wheel: big_pkg-1.0.dist-info/RECORD: is twice in the zip");
}

static void a_malformed_record_is_refused(void **state) {
    (void)state;
    builder_record_line(&bench.builder, "a.py,md5=abc,3\n");
    finish();
    assert_refused(BLOX_ERROR_FORMAT, "wheel: RECORD: the hash is not sha256");
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
        tear_down(state);
        set_up(state);
        snprintf(wheel, sizeof wheel, "Wheel-Version: 1.0\nTag: %s\n", tags[i]);
        builder_finish_wheel(&bench.builder, "x", "1", wheel);
        assert_refused(BLOX_ERROR_PLATFORM,
                       "wheel: none of its tags fits this device; it takes "
                       "py3-none-any and mpy6-bytecode-esp32c3");
    }
}

static void another_wheel_version_is_refused(void **state) {
    (void)state;
    builder_finish_wheel(&bench.builder, "x", "1",
                         "Wheel-Version: 2.0\nTag: py3-none-any\n");
    assert_refused(BLOX_ERROR_UNSUPPORTED,
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
        tear_down(state);
        set_up(state);
        builder_finish_wheel(&bench.builder, "x", "1", wrong[i]);
        assert_refused(BLOX_ERROR_FORMAT,
                       "wheel: x-1.dist-info/WHEEL: is malformed");
    }
}

static void a_long_wheel_file_is_refused(void **state) {
    (void)state;
    static char text[4200];
    memset(text, 'x', sizeof text - 1);
    builder_finish_wheel(&bench.builder, "x", "1", text);
    assert_refused(BLOX_ERROR_LIMIT,
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

static void metadata_that_names_another_package_is_refused(void **state) {
    static const char *const wrong[] = {"Name: y\nVersion: 1\n",
                                        "Name: x\nVersion: 1.0\n"};
    static const char *const sentences[] = {
        "wheel: is y 1 by METADATA, but its .dist-info directory says another",
        "wheel: is x 1.0 by METADATA, but its .dist-info directory says "
        "another"};
    for (size_t i = 0; i < 2; ++i) {
        tear_down(state);
        set_up(state);
        builder_record_line(&bench.builder, "");
        finish_with_metadata(wrong[i]);
        assert_refused(BLOX_ERROR_FORMAT, sentences[i]);
    }
}

static void metadata_without_a_name_is_refused(void **state) {
    (void)state;
    finish_with_metadata("Metadata-Version: 2.1\nVersion: 1\n\nName: x\n");
    assert_refused(BLOX_ERROR_FORMAT,
                   "wheel: x-1.dist-info/METADATA: has no valid Name and "
                   "Version");
}

static void a_package_the_list_did_not_name_is_refused(void **state) {
    (void)state;
    builder_finish_wheel(&bench.builder, "big_pkg", "1.0", NULL);
    bench.config.name = blox_span_text("Big.Pkg");
    bench.config.version = blox_span_text("1.0");
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
    bench.config.version = blox_span_text("1.1");
    assert_refused(BLOX_ERROR_FORMAT,
                   "wheel: is big_pkg 1.0, which is not what the list says");
    bench.config.version = blox_span_text("1.0");
    bench.config.name = blox_span_text("bigpkg");
    assert_refused(BLOX_ERROR_FORMAT,
                   "wheel: is big_pkg 1.0, which is not what the list says");
}

static void a_wheel_that_does_not_fit_is_refused_before_a_write(void **state) {
    (void)state;
    uint8_t *data = noise(100000);
    builder_add_recorded(&bench.builder, &(struct member){.name = "a.bin",
                                                          .data = data,
                                                          .size = 100000,
                                                          .deflate = true});
    finish();
    storage_ram_put(&bench.ram, wheel_path, bench.builder.data,
                    bench.builder.size);
    bench.ram.blocks = storage_ram_used(&bench.ram) + 30;
    bench.config.reserve_blocks = 8;
    assert_refused(BLOX_ERROR_FULL,
                   "wheel: no room on flash: big_pkg 1.0 needs 164 KiB, free "
                   "are 120 KiB; remove files or send less");
    assert_int_equal(bench.ram.writes, 0);
    free(data);
}

static void more_files_than_the_bitmap_serves_are_refused(void **state) {
    (void)state;
    bench.bitmap_size = 2;
    for (int i = 0; i < 5; ++i) {
        char name[20];
        snprintf(name, sizeof name, "%d.py", i);
        builder_put_recorded(&bench.builder, name, "");
    }
    finish();
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
    bench.bitmap_size = 1;
    assert_refused(BLOX_ERROR_LIMIT,
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
    finish();
    assert_refused(BLOX_ERROR_FORMAT,
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

// ---- Faults

static void make_mixed_wheel(void) {
    uint8_t *data = noise(3000);
    builder_put_recorded(&bench.builder, "big_pkg/__init__.py", "x = 1\n");
    builder_add_recorded(&bench.builder, &(struct member){.name = "d.bin",
                                                          .data = data,
                                                          .size = 3000,
                                                          .deflate = true});
    builder_add_recorded(
        &bench.builder,
        &(struct member){.name = "s.bin", .data = data, .size = 1500});
    finish();
    free(data);
}

static void every_failing_operation_ends_in_a_clean_error(void **state) {
    (void)state;
    make_mixed_wheel();
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
    uint32_t operations = bench.ram.operations;
    uint32_t lib = storage_ram_hash(&bench.ram, "/lib");
    for (uint32_t n = 1; n <= operations; ++n) {
        for (int error = BLOX_ERROR_IO; error <= BLOX_ERROR_FULL; ++error) {
            storage_ram_boot(&bench.ram);
            bench.ram.fail_at = n;
            bench.ram.fail_with = error;
            int result = unpack_stored();
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
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
    unsigned operations = bench.crypto.operations;
    for (unsigned n = 1; n <= operations; ++n) {
        bench.crypto.operations = 0;
        bench.crypto.fail_at = n;
        assert_int_equal(unpack_stored(), BLOX_ERROR_IO);
        assert_non_null(strstr(bench.sentence, "could not be written"));
    }
}

static void short_reads_do_no_harm(void **state) {
    (void)state;
    make_mixed_wheel();
    bench.ram.read_at_most = 7;
    assert_int_equal(unpack(), BLOX_UNPACK_DONE);
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
        int result = unpack();
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
        TEST(a_compressed_set_of_tags_is_taken),
        TEST(real_wheels_are_staged),
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
        TEST(more_files_than_the_bitmap_serves_are_refused),
        TEST(overlapping_members_are_refused),
        TEST(buffers_too_small_are_refused),
        TEST(every_failing_operation_ends_in_a_clean_error),
        TEST(every_failing_hash_ends_in_a_clean_error),
        TEST(short_reads_do_no_harm),
        TEST(a_damaged_wheel_never_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
