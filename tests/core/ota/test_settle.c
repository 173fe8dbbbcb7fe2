// SPDX-License-Identifier: MIT
#include "core/ota/settle.h"

#include <stdio.h>

#include "core/base/error.h"
#include "core/ota/remember.h"
#include "core/ota/todo.h"
#include "tests/core/storage_ram.h"
#include "tests/core/test.h"

static struct storage_ram ram;

static const char *const staged[] = {"7",
                                     "b7",
                                     "pkg-0",
                                     "lines",
                                     "reserve",
                                     "list.new",
                                     "arriving",
                                     "todo",
                                     "late.main.py",
                                     "journal.undo",
                                     "journal.confirmed",
                                     "journal.trial",
                                     "unknown"};
enum { STAGED = sizeof staged / sizeof staged[0] };
static const char *const kept[] = {"list", "origin", "src", "error", "boots"};

static void put(const char *name, const char *text) {
    char path[64];
    snprintf(path, sizeof path, "/.blox/%s", name);
    storage_ram_put(&ram, path, text, strlen(text));
}

static bool there(const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/.blox/%s", name);
    return storage_ram_get(&ram, path) != NULL;
}

static void prepare(const char *state) {
    char text[200];
    storage_ram_init(&ram);
    for (size_t i = 0; i < STAGED; ++i) {
        put(staged[i], staged[i]);
    }
    for (size_t i = 0; i < 5; ++i) {
        put(kept[i], "kept");
    }
    if (state != NULL) {
        snprintf(
            text, sizeof text,
            "blox-journal 1 %s 00000000\nremove\t/lib/p/sub/x.py\t/.blox/b7\n"
            "remove\t/top.py\t/.blox/b8\n",
            state);
        put("journal", text);
    }
    storage_ram_mkdir(&ram, "/lib/p/sub");
    storage_ram_mkdir(&ram, "/lib/other");
}

static int setup(void **state) {
    (void)state;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    assert_int_equal(ram.open_files, 0);
    storage_ram_free(&ram);
    return 0;
}

static int settle(const char *why) {
    struct blox_settle run;
    int result = blox_settle_init(&run, &ram.ops, why);
    for (int i = 0; i < 200 && result == BLOX_OK; ++i) {
        result = blox_settle_step(&run);
        if (result == 0) {
            break;
        }
        result = result == 1 ? BLOX_OK : result;
    }
    blox_settle_close(&run);
    return result;
}

static void assert_clear(void) {
    for (size_t i = 0; i < STAGED; ++i) {
        if (there(staged[i])) {
            fail_msg("%s is left", staged[i]);
        }
    }
    for (size_t i = 0; i < 5; ++i) {
        assert_true(there(kept[i]));
    }
    assert_false(there("journal"));
}

static void without_a_journal_what_is_staged_is_stale(void **state) {
    (void)state;
    prepare(NULL);
    assert_int_equal(settle(NULL), BLOX_OK);
    assert_clear();
    assert_non_null(storage_ram_get(&ram, "/lib/p/sub"));
}

static void a_trial_keeps_what_undo_and_confirm_need(void **state) {
    (void)state;
    prepare("trial");
    put("ready", "ready");
    assert_int_equal(settle(NULL), BLOX_OK);
    const char *const needed[] = {"journal",           "journal.undo",
                                  "journal.confirmed", "b7",
                                  "late.main.py",      "ready"};
    for (size_t i = 0; i < 6; ++i) {
        assert_true(there(needed[i]));
    }
    assert_false(there("pkg-0"));
    assert_false(there("reserve"));
}

static void a_confirmed_set_loses_backups_and_empty_folders(void **state) {
    (void)state;
    prepare("confirmed");
    assert_int_equal(settle(NULL), BLOX_OK);
    // A list that came in the meantime waits for this.
    assert_true(there("list.new") && there("arriving"));
    assert_int_equal(settle(NULL), BLOX_OK);
    assert_clear();
    assert_null(storage_ram_get(&ram, "/lib/p"));
    assert_non_null(storage_ram_get(&ram, "/lib/other"));
    assert_non_null(storage_ram_get(&ram, "/lib"));
    const struct storage_ram_file *main_py = storage_ram_get(&ram, "/main.py");
    assert_non_null(main_py);
    assert_memory_equal(main_py->data, "late.main.py", 12);
}

static void a_cut_among_empty_folders_leaves_none(void **state) {
    (void)state;
    prepare("confirmed");
    assert_int_equal(ram.ops.remove(ram.ops.context, "/lib/p/sub"), BLOX_OK);
    assert_int_equal(settle(NULL), BLOX_OK);
    assert_null(storage_ram_get(&ram, "/lib/p"));
}

static void an_undone_set_is_remembered(void **state) {
    (void)state;
    const uint8_t set[BLOX_SHA256_SIZE] = {5};
    struct blox_todo_writer writer;
    struct blox_failure failure;
    const char *const states[] = {"undo", "apply"};
    for (size_t i = 0; i < 2; ++i) {
        prepare(states[i]);
        blox_todo_create(&writer, &ram.ops, BLOX_FILE_READY, set);
        blox_todo_finish(&writer);
        assert_int_equal(settle(NULL), BLOX_OK);
        assert_clear();
        assert_false(there("ready"));
        assert_int_equal(blox_failure_read(&ram.ops, &failure), BLOX_OK);
        assert_int_equal(failure.rolled_back, 1);
        assert_memory_equal(failure.set, set, sizeof set);
        assert_null(storage_ram_get(&ram, "/main.py"));
        if (i == 0) {
            storage_ram_free(&ram);
        }
    }
}

// Power is cut at each write: in the end the set is remembered, whole.
static void a_refused_set_is_remembered_with_the_reason(void **state) {
    (void)state;
    const uint8_t set[BLOX_SHA256_SIZE] = {6};
    struct blox_todo_writer writer;
    struct blox_failure failure;
    bool cut = true;
    for (uint32_t at = 1; cut; ++at) {
        prepare(NULL);
        blox_todo_create(&writer, &ram.ops, BLOX_FILE_READY, set);
        blox_todo_finish(&writer);
        ram.writes = 0;
        ram.cut_at = at;
        settle("because");
        cut = ram.off;
        storage_ram_boot(&ram);
        if (there("ready")) {
            assert_int_equal(settle("because"), BLOX_OK);
        }
        assert_false(there("ready"));
        assert_int_equal(blox_failure_read(&ram.ops, &failure), BLOX_OK);
        assert_int_equal(failure.rolled_back, 0);
        assert_memory_equal(failure.set, set, sizeof set);
        assert_string_equal(failure.sentence, "because");
        if (cut) {
            storage_ram_free(&ram);
        }
    }
}

static void may_be_cut_at_every_write(void **state) {
    (void)state;
    const char *const states[] = {"confirmed", "undo"};
    for (size_t i = 0; i < 2; ++i) {
        bool cut = true;
        for (uint32_t at = 1; cut; ++at) {
            prepare(states[i]);
            ram.writes = 0;
            ram.cut_at = at;
            settle(NULL);
            cut = ram.off;
            storage_ram_boot(&ram);
            // What the journal names is there as long as undo may read it.
            assert_true(i == 0 || !there("journal") ||
                        (there("7") && there("b7")));
            assert_int_equal(settle(NULL), BLOX_OK);
            assert_int_equal(settle(NULL), BLOX_OK); // a list that came, too
            assert_clear();
            bool late = storage_ram_get(&ram, "/main.py") != NULL;
            assert_int_equal(late, i == 0);
            storage_ram_free(&ram);
            assert_true(at < 200);
        }
    }
    prepare(NULL);
}

static void no_folder_is_nothing_to_do(void **state) {
    (void)state;
    storage_ram_init(&ram);
    assert_int_equal(settle(NULL), BLOX_OK);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_a_journal_what_is_staged_is_stale),
        TEST(a_trial_keeps_what_undo_and_confirm_need),
        TEST(a_confirmed_set_loses_backups_and_empty_folders),
        TEST(a_cut_among_empty_folders_leaves_none),
        TEST(an_undone_set_is_remembered),
        TEST(a_refused_set_is_remembered_with_the_reason),
        TEST(may_be_cut_at_every_write),
        TEST(no_folder_is_nothing_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
