// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "core/pkg/zip.h"
#include "tests/core/pkg/wheel_builder.h"
#include "tests/core/storage_ram.h"

static struct storage_ram ram;
static struct builder builder;
static struct blox_zip zip;
static void *file;
static char sentence[200];
static struct blox_text why;

static int set_up(void **state) {
    (void)state;
    storage_ram_init(&ram);
    builder_init(&builder);
    blox_text_init(&why, sentence, sizeof sentence);
    file = NULL;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    if (file != NULL) {
        ram.ops.close(&ram, file);
    }
    builder_free(&builder);
    storage_ram_free(&ram);
    return 0;
}

static int open_zip(void) {
    if (file != NULL) {
        ram.ops.close(&ram, file);
    }
    storage_ram_put(&ram, "/z", builder.data, builder.size);
    assert_int_equal(ram.ops.open(&ram, "/z", BLOX_STORAGE_READ, &file), 0);
    return blox_zip_open(&zip, &ram.ops, file, (uint32_t)builder.size, &why);
}

static void entries_come_in_order_with_all_they_say(void **state) {
    (void)state;
    struct blox_zip_entry entry;
    uint32_t cursor = 0, offset = 0;
    uint8_t data[3];
    builder_add(&builder, &(struct member){.name = "d/"});
    builder_add(&builder,
                &(struct member){
                    .name = "d/a.txt", .data = "abc", .size = 3, .extra = 9});
    builder_finish(&builder, "");
    assert_int_equal(open_zip(), BLOX_OK);
    assert_int_equal(zip.members, 2);
    assert_int_equal(blox_zip_next(&zip, &cursor, &entry, &why), 1);
    assert_true(entry.directory);
    assert_int_equal(blox_zip_next(&zip, &cursor, &entry, &why), 1);
    assert_false(entry.directory);
    assert_string_equal(entry.name, "d/a.txt");
    assert_int_equal(entry.size, 3);
    assert_int_equal(entry.compressed_size, 3);
    assert_int_equal(entry.method, BLOX_ZIP_STORED);
    assert_int_equal(entry.crc32, 0x352441c2);
    assert_int_equal(entry.time, 0x6020);
    assert_int_equal(entry.date, 0x5a21);
    assert_int_equal(blox_zip_seek(&zip, &entry, &offset, &why), BLOX_OK);
    assert_int_equal(offset, entry.offset + 30 + 7 + 9);
    assert_int_equal(ram.ops.read(&ram, file, data, 3), 3);
    assert_memory_equal(data, "abc", 3);
    assert_int_equal(blox_zip_next(&zip, &cursor, &entry, &why), 0);
}

static void an_empty_zip_has_no_entries(void **state) {
    (void)state;
    struct blox_zip_entry entry;
    uint32_t cursor = 0;
    builder_finish(&builder, "");
    assert_int_equal(open_zip(), BLOX_OK);
    assert_int_equal(blox_zip_next(&zip, &cursor, &entry, &why), 0);
}

static void the_end_is_found_behind_comments_of_any_length(void **state) {
    (void)state;
    static char comment[65536];
    for (size_t size = 0; size < 65536; size += size < 300 ? 1 : 13047) {
        tear_down(state);
        set_up(state);
        memset(comment, 'c', size);
        comment[size] = '\0';
        builder_put(&builder, "a", "1");
        builder_finish(&builder, comment);
        assert_int_equal(open_zip(), BLOX_OK);
        assert_int_equal(zip.members, 1);
    }
}

static void an_end_inside_the_comment_is_not_taken(void **state) {
    (void)state;
    builder_put(&builder, "a", "1");
    builder_finish(&builder, "PK\5\6 but no end, and some more of text here");
    assert_int_equal(open_zip(), BLOX_OK);
    assert_int_equal(zip.members, 1);
}

// The end record of the built zip, to be spoiled.
static uint8_t *end_record(void) {
    return builder.data + builder.size - 22;
}

static void several_disks_and_zip64_are_refused(void **state) {
    static const struct {
        size_t at;
        uint8_t value;
        const char *sentence;
    } cases[] = {
        {4, 1, "wheel: the zip has several disks"},
        {6, 1, "wheel: the zip has several disks"},
        {8, 2, "wheel: the zip has several disks"},
    };
    for (size_t i = 0; i < 3; ++i) {
        tear_down(state);
        set_up(state);
        builder_put(&builder, "a", "1");
        builder_finish(&builder, "");
        end_record()[cases[i].at] = cases[i].value;
        assert_int_equal(open_zip(), BLOX_ERROR_UNSUPPORTED);
        assert_string_equal(sentence, cases[i].sentence);
    }
    static const size_t marks[][2] = {{8, 4}, {12, 4}, {16, 4}};
    for (size_t i = 0; i < 3; ++i) {
        tear_down(state);
        set_up(state);
        builder_put(&builder, "a", "1");
        builder_finish(&builder, "");
        memset(end_record() + marks[i][0], 0xff, marks[i][1]);
        assert_int_equal(open_zip(), BLOX_ERROR_UNSUPPORTED);
        assert_string_equal(sentence, "wheel: is of the zip64 kind, "
                                      "which is not supported");
    }
}

static void a_directory_outside_the_file_is_refused(void **state) {
    (void)state;
    builder_put(&builder, "a", "1");
    builder_finish(&builder, "");
    for (size_t at = 12; at < 20; ++at) {
        end_record()[at] ^= 0x40;
        assert_int_equal(open_zip(), BLOX_ERROR_FORMAT);
        assert_string_equal(sentence,
                            "wheel: the zip is damaged; publish it again");
        end_record()[at] ^= 0x40;
    }
    assert_int_equal(open_zip(), BLOX_OK);
}

static void errors_of_the_storage_come_through(void **state) {
    (void)state;
    struct blox_zip_entry entry;
    builder_put(&builder, "a", "1");
    builder_finish(&builder, "");
    for (uint32_t n = 2; n < 6; ++n) {
        uint32_t cursor = 0;
        if (file != NULL) {
            ram.ops.close(&ram, file);
            file = NULL;
        }
        storage_ram_boot(&ram);
        ram.fail_at = n;
        ram.fail_with = BLOX_ERROR_IO;
        int error = open_zip();
        if (error == BLOX_OK) {
            error = blox_zip_next(&zip, &cursor, &entry, &why);
        }
        assert_int_equal(error, BLOX_ERROR_IO);
        assert_non_null(strstr(sentence, "could not be read"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(entries_come_in_order_with_all_they_say),
        TEST(an_empty_zip_has_no_entries),
        TEST(the_end_is_found_behind_comments_of_any_length),
        TEST(an_end_inside_the_comment_is_not_taken),
        TEST(several_disks_and_zip64_are_refused),
        TEST(a_directory_outside_the_file_is_refused),
        TEST(errors_of_the_storage_come_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
