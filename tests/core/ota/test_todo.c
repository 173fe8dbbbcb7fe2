// SPDX-License-Identifier: MIT
#include "core/ota/todo.h"

#include "core/base/error.h"
#include "tests/core/storage_ram.h"
#include "tests/core/test.h"

static struct storage_ram ram;
static const uint8_t set[BLOX_SHA256_SIZE] = {1, 2, 3};
static const char path[] = "/todo";

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

static struct blox_list_entry wheel(void) {
    return (struct blox_list_entry){
        .type = BLOX_LIST_PLATFORM_WHEEL,
        .name = blox_span_text("big-pkg"),
        .version = blox_span_text("1.0+a"),
        .sha256 = {9, 8, 7},
        .has_size = true,
        .size = 4294967295u,
    };
}

static struct blox_list_entry file(enum blox_list_type type, const char *at) {
    return (struct blox_list_entry){
        .type = type,
        .path = blox_span_text(at),
        .empty = type == BLOX_LIST_SRC,
    };
}

static void write_three(void) {
    struct blox_todo_writer writer;
    struct blox_list_entry entries[] = {wheel(), file(BLOX_LIST_SRC, "a/b"),
                                        file(BLOX_LIST_DELETE, "c")};
    assert_int_equal(blox_todo_create(&writer, &ram.ops, path, set), BLOX_OK);
    for (size_t i = 0; i < 3; ++i) {
        assert_int_equal(blox_todo_put(&writer, &entries[i]), BLOX_OK);
    }
    assert_int_equal(blox_todo_finish(&writer), BLOX_OK);
    blox_todo_abandon(&writer);
}

static void reads_what_was_written(void **state) {
    (void)state;
    struct blox_todo todo = {.file = NULL};
    write_three();
    for (int round = 0; round < 2; ++round) {
        assert_int_equal(blox_todo_open(&todo, &ram.ops, path), BLOX_OK);
        assert_memory_equal(todo.set, set, sizeof set);
        assert_int_equal(blox_todo_next(&todo), 1);
        assert_int_equal(todo.entry.type, BLOX_LIST_WHEEL);
        assert_int_equal(todo.entry.index, 0);
        assert_string_equal(todo.entry.name, "big-pkg");
        assert_string_equal(todo.entry.version, "1.0+a");
        assert_true(todo.entry.has_size);
        assert_int_equal(todo.entry.size, 4294967295u);
        assert_int_equal(todo.entry.sha256[2], 7);
        assert_true(blox_todo_fetched(&todo.entry));
        assert_int_equal(blox_todo_next(&todo), 1);
        assert_string_equal(todo.entry.name, "a/b");
        assert_string_equal(todo.entry.version, "");
        assert_true(todo.entry.empty);
        assert_false(blox_todo_fetched(&todo.entry));
        assert_int_equal(blox_todo_next(&todo), 1);
        assert_int_equal(todo.entry.type, BLOX_LIST_DELETE);
        assert_int_equal(todo.entry.index, 2);
        assert_false(blox_todo_fetched(&todo.entry));
        assert_int_equal(blox_todo_next(&todo), 0);
    }
    blox_todo_close(&todo);
}

static int read_all(void) {
    struct blox_todo todo = {.file = NULL};
    int result = blox_todo_open(&todo, &ram.ops, path);
    while (result == BLOX_OK && (result = blox_todo_next(&todo)) == 1) {
        result = BLOX_OK;
    }
    blox_todo_close(&todo);
    return result;
}

static void any_flipped_bit_is_found(void **state) {
    (void)state;
    write_three();
    struct storage_ram_file *file_of =
        (struct storage_ram_file *)storage_ram_get(&ram, path);
    for (size_t i = 0; i < file_of->size * 8; ++i) {
        file_of->data[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_int_equal(read_all(), BLOX_ERROR_FORMAT);
        file_of->data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    assert_int_equal(read_all(), BLOX_OK);
}

static void a_file_cut_anywhere_is_found(void **state) {
    (void)state;
    write_three();
    struct storage_ram_file *file_of =
        (struct storage_ram_file *)storage_ram_get(&ram, path);
    size_t size = file_of->size;
    for (file_of->size = 0; file_of->size < size; ++file_of->size) {
        assert_int_equal(read_all(), BLOX_ERROR_FORMAT);
    }
}

static void no_file_is_missing(void **state) {
    (void)state;
    assert_int_equal(read_all(), BLOX_ERROR_MISSING);
}

static void short_reads_are_put_together(void **state) {
    (void)state;
    write_three();
    ram.read_at_most = 3;
    assert_int_equal(read_all(), BLOX_OK);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reads_what_was_written),       TEST(any_flipped_bit_is_found),
        TEST(a_file_cut_anywhere_is_found), TEST(no_file_is_missing),
        TEST(short_reads_are_put_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
