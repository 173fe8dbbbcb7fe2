// SPDX-License-Identifier: MIT
// Lists and commands that come while a set is on trial, or about to be.
#include "core/ota/updater.h"

#include "core/base/error.h"
#include "tests/core/ota/updating.h"
#include "tests/core/test.h"

// A list with one file was taken: it is on trial.
static void try_file(void) {
    src_list("x.py", "one");
    retain("mpypi/packages/src/x.py/%s", "one");
    start_with(list);
    device_reset(&device);
    assert_state("trial");
}

static void lists_wait_for_the_end_of_a_trial(void **state) {
    (void)state;
    try_file();
    src_list("x.py", "two");
    retain("mpypi/packages/src/x.py/%s", "two");
    start_with(list);
    assert_state("trial");
    assert_non_null(strstr(device.log, "update: a new list waits until the "
                                       "trial is over\n"));
    assert_false(device.reboot);
    assert_int_equal(device_confirm(&device), BLOX_OK);
    blox_updater_confirmed(&device.updater);
    assert_state("confirmed");
    device_run(&device);
    assert_true(device.reboot);
}

static void a_list_withdrawn_during_the_trial_is_not_taken(void **state) {
    (void)state;
    try_file();
    start_with(src_list("x.py", "two"));
    withdraw();
    device_run(&device);
    assert_state("trial");
    assert_int_equal(device_confirm(&device), BLOX_OK);
    blox_updater_confirmed(&device.updater);
    device_run(&device);
    assert_state("confirmed");
    assert_false(device.reboot);
}

// A device that has one.py on trial, and two.py on the broker.
static void go_on_trial(void) {
    src_list("one.py", "one");
    retain("mpypi/packages/src/one.py/%s", "one");
    start_with(list);
    device_reset(&device);
    src_list("two.py", "two");
    retain("mpypi/packages/src/two.py/%s", "two");
    device_connect(&device);
    device_run(&device);
    assert_state("trial");
}

// No broker keeps it, so the device does.
static void a_list_on_cmd_outlives_resets_of_the_trial(void **state) {
    for (int undone = 0; undone < 2; ++undone) {
        updating_anew(state);
        go_on_trial();
        device_command(&device, list);
        device_run(&device);
        device_reset(&device);
        assert_state("trial");
        if (undone) {
            device.ram.ops.rename(&device.ram, BLOX_FILE_JOURNAL_UNDO,
                                  BLOX_FILE_JOURNAL);
            device_reset(&device);
        }
        device_connect(&device);
        device_run(&device);
        if (!undone) {
            confirm();
            device_run(&device);
        }
        assert_true(device.reboot);
        assert_int_equal(device_reset(&device), BLOX_OK);
        assert_true(device_has(&device, "/two.py", "two"));
        assert_true(device_has(&device, "/one.py", undone ? NULL : "one"));
    }
}

static void commands_do_not_wait_for_the_trial(void **state) {
    (void)state;
    go_on_trial();
    device_list(&device, list);
    device_run(&device);
    uint32_t infos = device.infos;
    device_command(&device, "no list");
    device_command(&device, "{\"cmd\":\"info\"}");
    device_run(&device);
    device_command(&device, "{\"cmd\":\"info\"}");
    device_run(&device);
    assert_int_equal(device.infos, infos + 2);
    assert_non_null(strstr(device.log, "a JSON array of"));
    assert_state("trial");
    confirm();
    device_run(&device);
    assert_true(device.reboot); // what waited was not forgotten over it
    assert_non_null(strstr(device.topics, "two.py"));
}

static void of_lists_that_wait_the_last_counts(void **state) {
    for (int command_last = 0; command_last < 2; ++command_last) {
        updating_anew(state);
        go_on_trial();
        char two[400];
        strcpy(two, list);
        src_list("three.py", "three");
        retain("mpypi/packages/src/three.py/%s", "three");
        for (int i = 0; i < 2; ++i) {
            if (i == command_last) {
                device_command(&device, two);
            } else {
                device_list(&device, list);
            }
            device_run(&device);
        }
        confirm();
        device_run(&device);
        assert_true(device.reboot);
        bool asked = strstr(device.topics, "two.py") != NULL;
        assert_int_equal(asked, command_last);
        device_reset(&device);
        device_connect(&device);
        device_run(&device);
        confirm();
        device_run(&device);
        assert_state("confirmed");
        assert_clean();
    }
}

static void a_list_on_cmd_is_kept_when_the_reset_is_near(void **state) {
    (void)state;
    src_list("one.py", "one");
    retain("mpypi/packages/src/one.py/%s", "one");
    start_with(list);
    assert_true(device.reboot);
    src_list("two.py", "two");
    retain("mpypi/packages/src/two.py/%s", "two");
    device_command(&device, list);
    device_reset(&device);
    assert_state("trial");
    device_connect(&device);
    device_run(&device);
    confirm();
    device_run(&device);
    assert_true(device.reboot);
    device_reset(&device);
    assert_true(device_has(&device, "/one.py", "one"));
    assert_true(device_has(&device, "/two.py", "two"));
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, updating_setup, updating_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(lists_wait_for_the_end_of_a_trial),
        TEST(a_list_withdrawn_during_the_trial_is_not_taken),
        TEST(a_list_on_cmd_outlives_resets_of_the_trial),
        TEST(commands_do_not_wait_for_the_trial),
        TEST(of_lists_that_wait_the_last_counts),
        TEST(a_list_on_cmd_is_kept_when_the_reset_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
