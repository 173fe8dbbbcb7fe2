// SPDX-License-Identifier: MIT
// Lists and commands that there is no memory to read.
#include "core/ota/updater.h"

#include "core/base/error.h"
#include "tests/core/ota/updating.h"
#include "tests/core/test.h"

static const char *make_list(void) {
    src_list("x.py", "y");
    retain("mpypi/packages/src/x.py/%s", "y");
    return list;
}

// The next boot has the memory.
static void boot_early(void) {
    device.starving = false;
    device_reset(&device);
    device.reboot = false;
    device_connect(&device);
    device_run(&device);
}

static void a_list_that_shall_be_installed_asks_for_a_reset(void **state) {
    (void)state;
    device.starving = true;
    start_with(make_list());
    assert_state("failed");
    assert_string_equal(device.updater.error, "no memory");
    assert_true(device.early);
    assert_true(device.reboot);
    assert_clean();
    boot_early();
    assert_true(device.reboot);
    device_reset(&device);
    assert_true(device_has(&device, "/x.py", "y"));
}

static void a_list_that_waits_for_install_asks_for_none(void **state) {
    (void)state;
    device.updater.config.auto_update = false;
    device.starving = true;
    start_with(make_list());
    assert_state("failed");
    assert_true(device.early);
    assert_false(device.reboot);
}

static void without_may_reset_none_is_asked_for(void **state) {
    (void)state;
    struct blox_updater_event event;
    device_connect(&device);
    assert_true(blox_updater_begin(
        &device.updater, blox_span_text("mpypi/channels/main"), 1, true));
    blox_updater_feed(&device.updater, blox_span_text(make_list()));
    blox_updater_end(&device.updater, true);
    do {
        assert_true(blox_updater_next(&device.updater, &event));
    } while (event.kind != BLOX_UPDATER_CHECK);
    assert_true(blox_updater_starved(&device.updater,
                                     blox_span_text("no memory"), false));
    assert_state("failed");
    while (blox_updater_next(&device.updater, &event)) {
        assert_int_not_equal(event.kind, BLOX_UPDATER_REBOOT);
    }
}

// Nobody sends it again.
static void a_list_on_cmd_is_read_after_the_reset(void **state) {
    (void)state;
    device.auto_update = false;
    device.updater.config.auto_update = false;
    device_connect(&device);
    device_run(&device);
    device.starving = true;
    device_command(&device, make_list());
    device_run(&device);
    assert_true(device.reboot);
    boot_early();
    assert_true(device.reboot);
    device_reset(&device);
    assert_true(device_has(&device, "/x.py", "y"));
}

static void a_command_is_obeyed_after_the_reset(void **state) {
    (void)state;
    device_connect(&device);
    device_run(&device);
    device.starving = true;
    device_command(&device, "{\"cmd\":\"info\"}");
    device_run(&device);
    assert_true(device.reboot);
    assert_string_equal(device.replies, "");
    boot_early();
    assert_non_null(strstr(device.replies, "\"ok\":true"));
    assert_clean();
}

// Until it is read a newer list may have been.
static void what_was_kept_of_cmd_does_not_follow_a_newer_list(void **state) {
    (void)state;
    device_connect(&device);
    device_run(&device);
    device.starving = true;
    device_command(&device, make_list());
    device_run(&device);
    assert_true(device_has(&device, BLOX_FILE_CMD, list));
    device.starving = false;
    src_list("z.py", "z");
    retain("mpypi/packages/src/z.py/%s", "z");
    device_list(&device, list);
    device.reboot = false;
    device_run(&device);
    assert_true(device.reboot);
    assert_null(storage_ram_get(&device.ram, BLOX_FILE_CMD));
}

static void on_trial_nothing_is_reset(void **state) {
    (void)state;
    start_with(make_list());
    device_reset(&device);
    assert_state("trial");
    device.starving = true;
    device.reboot = false;
    start_with(src_list("x.py", "two"));
    assert_state("trial");
    assert_non_null(strstr(device.log, "no memory\n"));
    assert_false(device.early);
    assert_false(device.reboot);
}

// Any boot sees that nothing is needed any more.
static void a_confirmed_set_stays_confirmed(void **state) {
    (void)state;
    start_with(make_list());
    device_reset(&device);
    device_connect(&device);
    device_run(&device);
    device.starving = true;
    device.reboot = false;
    confirm();
    device_run(&device);
    assert_state("confirmed");
    assert_string_equal(device.updater.error, "");
    assert_false(device.early);
    assert_false(device.reboot);
    boot_early();
    assert_state("idle");
    assert_clean();
}

// The reset waits for a connection; then there may be the memory.
static void what_is_read_after_all_needs_no_reset(void **state) {
    (void)state;
    struct blox_updater_event event = {.kind = BLOX_UPDATER_NOTHING};
    device_connect(&device);
    assert_true(blox_updater_begin(
        &device.updater, blox_span_text("mpypi/channels/main"), 1, true));
    blox_updater_feed(&device.updater, blox_span_text(src_list("x.py", "y")));
    blox_updater_end(&device.updater, true);
    while (event.kind != BLOX_UPDATER_CHECK) {
        assert_true(blox_updater_next(&device.updater, &event));
    }
    device_disconnect(&device);
    assert_true(blox_updater_starved(&device.updater,
                                     blox_span_text("no memory"), true));
    start_with(list);
    assert_non_null(strstr(device.topics, "x.py")); // which nobody has
    assert_false(device.reboot);
}

// What was withdrawn meanwhile is not told of.
static void a_list_withdrawn_meanwhile_does_not_count(void **state) {
    (void)state;
    device_connect(&device);
    device_run(&device);
    assert_false(blox_updater_starved(&device.updater,
                                      blox_span_text("no memory"), true));
    assert_state("idle");
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, updating_setup, updating_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_list_that_shall_be_installed_asks_for_a_reset),
        TEST(a_list_that_waits_for_install_asks_for_none),
        TEST(without_may_reset_none_is_asked_for),
        TEST(a_list_on_cmd_is_read_after_the_reset),
        TEST(a_command_is_obeyed_after_the_reset),
        TEST(what_was_kept_of_cmd_does_not_follow_a_newer_list),
        TEST(on_trial_nothing_is_reset),
        TEST(a_confirmed_set_stays_confirmed),
        TEST(what_is_read_after_all_needs_no_reset),
        TEST(a_list_withdrawn_meanwhile_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
