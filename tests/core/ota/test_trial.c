// SPDX-License-Identifier: MIT
#include "core/ota/trial.h"

#include <stdio.h>

#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "core/ota/remember.h"
#include "tests/core/storage_ram.h"
#include "tests/core/test.h"

static struct storage_ram ram;

static void passes_after_its_time_with_the_broker(void **state) {
    (void)state;
    const uint32_t starts[] = {0, 5, 0xffffffffu - 500};
    for (size_t i = 0; i < 3; ++i) {
        struct blox_trial trial;
        uint32_t now = starts[i];
        blox_trial_init(&trial, 1000);
        assert_int_equal(blox_trial_tick(&trial, now, true), BLOX_TRIAL_RUNS);
        now += 999;
        assert_int_equal(blox_trial_tick(&trial, now, true), BLOX_TRIAL_RUNS);
        now += 1;
        assert_int_equal(blox_trial_tick(&trial, now, false), BLOX_TRIAL_RUNS);
        assert_int_equal(blox_trial_tick(&trial, now, true), BLOX_TRIAL_PASSED);
    }
}

static void fails_when_the_broker_stays_away(void **state) {
    (void)state;
    struct blox_trial trial;
    blox_trial_init(&trial, 60000);
    assert_int_equal(blox_trial_tick(&trial, 7, false), BLOX_TRIAL_RUNS);
    assert_int_equal(blox_trial_tick(&trial, 7 + 659999, false),
                     BLOX_TRIAL_RUNS);
    assert_int_equal(blox_trial_tick(&trial, 7 + 660000, false),
                     BLOX_TRIAL_FAILED);
    assert_int_equal(blox_trial_tick(&trial, 7 + 660000, true),
                     BLOX_TRIAL_PASSED);
}

static void a_time_of_days_does_not_overflow(void **state) {
    (void)state;
    struct blox_trial trial;
    blox_trial_init(&trial, 0x7fffffff);
    blox_trial_tick(&trial, 0, false);
    assert_int_equal(blox_trial_tick(&trial, 0x7ffffffe, true),
                     BLOX_TRIAL_RUNS);
    assert_int_equal(blox_trial_tick(&trial, 0xfffffff0u, false),
                     BLOX_TRIAL_RUNS);
}

// ---- files that were deployed

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

static void put(const char *path, const char *text) {
    storage_ram_put(&ram, path, text, strlen(text));
}

static uint32_t crc(const char *text) {
    return blox_crc32(0, (const uint8_t *)text, strlen(text));
}

static void prepare(void) {
    char text[400];
    snprintf(text, sizeof text,
             "blox-journal 1 trial 00000000\nremove\t/gone.py\t/.blox/b0\n"
             "mkdir\t/lib/p\nmove\t/.blox/1\t/lib/p/a b.py\t/.blox/b1\t%08x\n"
             "move\t/.blox/2\t/user_main.py\t/.blox/b2\t%08x\n",
             (unsigned)crc("one"), (unsigned)crc(""));
    put(BLOX_FILE_JOURNAL, text);
    put("/lib/p/a b.py", "one");
    put("/user_main.py", "");
}

static int look(char line[BLOX_JOURNAL_LINE_MAX]) {
    uint8_t io[64];
    return blox_trial_changed(&ram.ops, io, sizeof io, line);
}

static void what_the_update_wrote_is_not_changed(void **state) {
    (void)state;
    char line[BLOX_JOURNAL_LINE_MAX];
    prepare();
    put("/gone.py", "deployed again, which harms nothing");
    assert_int_equal(look(line), 0);
}

static void a_deployed_file_is_named(void **state) {
    (void)state;
    char line[BLOX_JOURNAL_LINE_MAX];
    prepare();
    put("/user_main.py", "mine");
    assert_int_equal(look(line), 1);
    assert_string_equal(line, "/user_main.py");
    ram.ops.remove(ram.ops.context, "/lib/p/a b.py");
    assert_int_equal(look(line), 1);
    assert_string_equal(line, "/lib/p/a b.py");
}

static void every_operation_may_fail(void **state) {
    (void)state;
    char line[BLOX_JOURNAL_LINE_MAX];
    prepare();
    look(line);
    uint32_t operations = ram.operations;
    assert_true(operations > 8);
    for (uint32_t at = 1; at <= operations; ++at) {
        storage_ram_boot(&ram);
        ram.fail_at = at;
        ram.fail_with = BLOX_ERROR_IO;
        int result = look(line);
        assert_true(result == BLOX_ERROR_IO || result == 0);
        assert_int_equal(ram.open_files, 0);
    }
}

static void what_was_deployed_stays_until_the_list_changes(void **state) {
    (void)state;
    struct blox_origin origin = {.list = {1}, .ordered = 1, .latest = {7}};
    assert_int_equal(blox_trial_keep_deployed(&ram.ops), BLOX_OK);
    blox_origin_write(&ram.ops, &origin);
    assert_int_equal(blox_trial_keep_deployed(&ram.ops), BLOX_OK);
    assert_int_equal(blox_origin_read(&ram.ops, &origin), BLOX_OK);
    assert_true(origin.list[0] == 1 && origin.ordered == 0);
    assert_int_equal(origin.settled, 1);
    assert_int_equal(origin.installed[0], 7);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_after_its_time_with_the_broker),
        cmocka_unit_test(fails_when_the_broker_stays_away),
        cmocka_unit_test(a_time_of_days_does_not_overflow),
        TEST(what_the_update_wrote_is_not_changed),
        TEST(a_deployed_file_is_named),
        TEST(every_operation_may_fail),
        TEST(what_was_deployed_stays_until_the_list_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
