// SPDX-License-Identifier: MIT
#include "core/ota/journal.h"

#include <stdio.h>

#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "tests/core/storage_ram.h"
#include "tests/core/test.h"

static struct storage_ram ram;
static struct blox_journal journal;

static int setup(void **state) {
    (void)state;
    storage_ram_init(&ram);
    storage_ram_mkdir(&ram, BLOX_FILE_FOLDER);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    blox_journal_close(&journal);
    assert_int_equal(ram.open_files, 0);
    storage_ram_free(&ram);
    return 0;
}

static void collect(void) {
    assert_int_equal(blox_journal_open(&journal, &ram.ops), BLOX_OK);
    blox_journal_remove(&journal, "/lib/a.py", "/.blox/b0");
    blox_journal_make_directory(&journal, "/lib/new dir");
    blox_journal_move(&journal, "/.blox/1", "/lib/new dir/\xc3\xa9.py",
                      "/.blox/b1", 0x00abcdef);
}

static const char body[] =
    "remove\t/lib/a.py\t/.blox/b0\n"
    "mkdir\t/lib/new dir\n"
    "move\t/.blox/1\t/lib/new dir/\xc3\xa9.py\t/.blox/b1\t00abcdef\n";

static void assert_file(const char *path, const char *state) {
    char expected[400];
    snprintf(expected, sizeof expected, "blox-journal 1 %s %08x\n%s", state,
             (unsigned)blox_crc32(0, (const uint8_t *)body, sizeof body - 1),
             body);
    const struct storage_ram_file *file = storage_ram_get(&ram, path);
    assert_non_null(file);
    assert_int_equal(file->size, strlen(expected));
    assert_memory_equal(file->data, expected, file->size);
}

static void writes_itself_once_for_each_state(void **state) {
    (void)state;
    collect();
    assert_int_equal(journal.lines, 3);
    assert_int_equal(blox_journal_prepare(&journal), BLOX_OK);
    assert_file(BLOX_FILE_JOURNAL_APPLY, "apply");
    assert_file(BLOX_FILE_JOURNAL_TRIAL, "trial");
    assert_file(BLOX_FILE_JOURNAL_CONFIRMED, "confirmed");
    assert_file(BLOX_FILE_JOURNAL_UNDO, "undo");
    assert_int_equal(blox_journal_state(&ram.ops), BLOX_JOURNAL_NONE);
    assert_int_equal(blox_journal_commit(&journal), BLOX_OK);
    assert_file(BLOX_FILE_JOURNAL, "apply");
    assert_int_equal(blox_journal_state(&ram.ops), BLOX_JOURNAL_APPLY);
}

static void knows_its_state(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int state;
    } cases[] = {
        {"blox-journal 1 apply 00000000\n", BLOX_JOURNAL_APPLY},
        {"blox-journal 1 trial 00000000\nx", BLOX_JOURNAL_TRIAL},
        {"blox-journal 1 confirmed 00000000\n", BLOX_JOURNAL_CONFIRMED},
        {"blox-journal 1 undo 00000000\n", BLOX_JOURNAL_UNDO},
        {"blox-journal 2 trial 00000000\n", BLOX_JOURNAL_UNDO},
        {"blox-journal 1 trials 00000000\n", BLOX_JOURNAL_UNDO},
        {"blox-journal 1 trial 0000000\n", BLOX_JOURNAL_UNDO},
        {"blox-journal 1 trial 00000000", BLOX_JOURNAL_UNDO},
        {"blox-journal 1 trial", BLOX_JOURNAL_UNDO},
        {"", BLOX_JOURNAL_UNDO},
        {"nonsense", BLOX_JOURNAL_UNDO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        storage_ram_put(&ram, BLOX_FILE_JOURNAL, cases[i].text,
                        strlen(cases[i].text));
        assert_int_equal(blox_journal_state(&ram.ops), cases[i].state);
    }
}

static void knows_what_it_removes_already(void **state) {
    (void)state;
    collect();
    assert_int_equal(blox_journal_removes(&journal, "/lib/a.py"), 1);
    assert_int_equal(blox_journal_removes(&journal, "/lib/a.p"), 0);
    assert_int_equal(blox_journal_removes(&journal, "/lib/a.pyc"), 0);
    assert_int_equal(blox_journal_removes(&journal, "/lib/new dir"), 0);
    ram.read_at_most = 1;
    assert_int_equal(blox_journal_removes(&journal, "/lib/a.py"), 1);
    blox_journal_remove(&journal, "/b.py", "/.blox/b2");
    assert_int_equal(blox_journal_removes(&journal, "/b.py"), 1);
    assert_int_equal(journal.lines, 4);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(writes_itself_once_for_each_state),
        TEST(knows_its_state),
        TEST(knows_what_it_removes_already),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
