// SPDX-License-Identifier: MIT
#include "core/ota/remember.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "core/ota/files.h"
#include "tests/core/storage_ram.h"
#include "tests/core/test.h"

static struct storage_ram ram;

static int setup(void **state) {
    (void)state;
    storage_ram_init(&ram);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    assert_int_equal(ram.open_files, 0);
    storage_ram_free(&ram);
    return 0;
}

static void reads_what_was_written(void **state) {
    (void)state;
    struct blox_origin origin = {.list = {1}, .channel = {2}, .ordered = 1};
    struct blox_origin read_origin;
    struct blox_failure failure = {.set = {3}, .sentence = "why"};
    struct blox_failure read_failure;
    assert_int_equal(blox_origin_write(&ram.ops, &origin), BLOX_OK);
    assert_int_equal(blox_failure_write(&ram.ops, &failure), BLOX_OK);
    assert_int_equal(blox_origin_read(&ram.ops, &read_origin), BLOX_OK);
    assert_int_equal(blox_failure_read(&ram.ops, &read_failure), BLOX_OK);
    assert_memory_equal(&origin, &read_origin, sizeof origin);
    assert_memory_equal(&failure, &read_failure, sizeof failure);
    assert_null(storage_ram_get(&ram, BLOX_FILE_ORIGIN_NEW));
}

static void what_is_not_there_is_missing(void **state) {
    (void)state;
    struct blox_origin origin;
    assert_int_equal(blox_origin_read(&ram.ops, &origin), BLOX_ERROR_MISSING);
}

static void a_damaged_file_counts_as_none(void **state) {
    (void)state;
    struct blox_origin origin = {.list = {1}};
    blox_origin_write(&ram.ops, &origin);
    struct storage_ram_file *file =
        (struct storage_ram_file *)storage_ram_get(&ram, BLOX_FILE_ORIGIN);
    for (size_t i = 0; i < file->size * 8; ++i) {
        file->data[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_int_equal(blox_origin_read(&ram.ops, &origin),
                         BLOX_ERROR_FORMAT);
        file->data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    size_t size = file->size;
    for (file->size = 0; file->size < size; ++file->size) {
        assert_int_equal(blox_origin_read(&ram.ops, &origin),
                         BLOX_ERROR_FORMAT);
    }
}

static void a_larger_file_counts_as_none(void **state) {
    (void)state;
    static const uint8_t zeros[400];
    struct blox_origin origin;
    storage_ram_put(&ram, BLOX_FILE_ORIGIN, zeros, sizeof zeros);
    assert_int_equal(blox_origin_read(&ram.ops, &origin), BLOX_ERROR_FORMAT);
}

// Power is cut at each write of a second version: the first or the second is
// read, never neither.
static void is_there_whole_or_as_before(void **state) {
    (void)state;
    struct blox_origin first = {.list = {1}}, second = {.list = {2}}, found;
    bool cut = true;
    for (uint32_t at = 1; cut; ++at) {
        storage_ram_boot(&ram);
        assert_int_equal(blox_origin_write(&ram.ops, &first), BLOX_OK);
        ram.writes = 0;
        ram.cut_at = at;
        blox_origin_write(&ram.ops, &second);
        cut = ram.off;
        storage_ram_boot(&ram);
        assert_int_equal(blox_origin_read(&ram.ops, &found), BLOX_OK);
        assert_in_range(found.list[0], 1, 2);
        assert_true(at < 20);
    }
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reads_what_was_written),        TEST(what_is_not_there_is_missing),
        TEST(a_damaged_file_counts_as_none), TEST(a_larger_file_counts_as_none),
        TEST(is_there_whole_or_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
