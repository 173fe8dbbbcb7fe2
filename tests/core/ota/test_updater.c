// SPDX-License-Identifier: MIT
#include "core/ota/updater.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/ota/updating.h"
#include "tests/core/test.h"

static void subscribes_to_channel_and_cmd(void **state) {
    (void)state;
    device_connect(&device);
    struct blox_updater_event event;
    assert_true(blox_updater_next(&device.updater, &event));
    assert_int_equal(event.kind, BLOX_UPDATER_SUBSCRIBE);
    assert_true(blox_span_is(event.text, "mpypi/channels/main"));
    assert_true(blox_updater_next(&device.updater, &event));
    assert_true(blox_span_is(event.text, "mpypi/nodes/test-01/cmd"));
    device_run(&device);
    assert_string_equal(device.states, "idle ");
    assert_string_equal(device.document,
                        "{\"state\":\"idle\",\"pkg\":null,\"received\":0,"
                        "\"total\":0,\"done\":0,\"of\":0,\"installed\":null,"
                        "\"latest\":null,\"error\":null}");
    assert_int_equal(device.infos, 1);
}

static void fetches_a_file_and_reboots(void **state) {
    (void)state;
    src_list("user_main.py", "print(1)");
    retain("mpypi/packages/src/user_main.py/%s", "print(1)");
    start_with(list);
    assert_true(device.reboot);
    assert_string_equal(device.states,
                        "idle downloading installing rebooting ");
    assert_true(device_has(&device, "/.blox/pkg-0", "print(1)"));
    assert_non_null(storage_ram_get(&device.ram, BLOX_FILE_READY));
    assert_true(device_has(&device, "/user_main.py", NULL));
    assert_int_equal(device_reset(&device), BLOX_OK);
    assert_true(device_has(&device, "/user_main.py", "print(1)"));
    assert_state("trial");
}

static void is_idle_when_nothing_is_needed(void **state) {
    (void)state;
    storage_ram_put(&device.ram, "/a/b.py", "x", 1);
    start_with(src_list("a/b.py", "x"));
    assert_false(device.reboot);
    assert_string_equal(device.states, "idle ");
    assert_string_equal(device.topics, "");
}

// The two sets of the last document.
static void read_sets(char installed[9], char latest[9]) {
    const char *text = strstr(device.document, "\"installed\":");
    assert_non_null(text);
    assert_int_equal(sscanf(text,
                            "\"installed\":%*[\"]%8[0-9a-f]\",\"latest\":"
                            "\"%8[0-9a-f]\"",
                            installed, latest),
                     2);
}

static void says_which_set_is_installed_and_which_is_latest(void **state) {
    (void)state;
    char before[9], installed[9], latest[9];
    storage_ram_put(&device.ram, "/x.py", "1", 1);
    start_with(src_list("x.py", "1"));
    read_sets(before, latest);
    assert_string_equal(before, latest);
    device.updater.config.auto_update = false;
    device_list(&device, src_list("x.py", "2"));
    device_run(&device);
    assert_state("available");
    read_sets(installed, latest);
    assert_string_equal(installed, before);
    assert_string_not_equal(latest, before);
    device_reset(&device); // it is remembered
    device.updater.config.auto_update = false;
    device_connect(&device);
    device_run(&device);
    read_sets(installed, latest);
    assert_string_equal(installed, before);
    assert_string_not_equal(latest, before);
    device_list(&device, ""); // no list: nothing is newer
    device_run(&device);
    read_sets(installed, latest);
    assert_string_equal(installed, before);
    assert_string_equal(latest, before);
}

static void what_is_confirmed_is_installed(void **state) {
    (void)state;
    char installed[9], latest[9];
    src_list("x.py", "y");
    retain("mpypi/packages/src/x.py/%s", "y");
    start_with(list);
    assert_non_null(strstr(device.document, "\"installed\":null,"));
    assert_int_equal(device_reset(&device), BLOX_OK);
    device_connect(&device);
    device_run(&device);
    assert_state("trial");
    assert_non_null(strstr(device.document, "\"installed\":null,"));
    blox_updater_confirmed(&device.updater);
    struct blox_origin kept; // also when the power is cut right now
    assert_int_equal(blox_origin_read(device.updater.config.storage, &kept), 0);
    assert_memory_equal(kept.installed, kept.latest, sizeof kept.latest);
    device_run(&device);
    assert_state("confirmed");
    read_sets(installed, latest);
    assert_string_equal(installed, latest);
}

static void without_auto_update_it_waits_for_install(void **state) {
    (void)state;
    device.updater.config.auto_update = false;
    src_list("x.py", "y");
    retain("mpypi/packages/src/x.py/%s", "y");
    start_with(list);
    assert_state("available");
    assert_string_equal(device.topics, "");
    device_command(&device, "{\"cmd\":\"install\"}");
    device_run(&device);
    assert_true(device.reboot);
}

// The model takes names in any letter case, as FAT does.
static int stat_of_fat(void *context, const char *path,
                       struct blox_storage_stat *stat) {
    const char *name = strcmp(path, "/.blox/TODO") == 0 ? "/.blox/todo" : path;
    const struct storage_ram_file *file = storage_ram_get(context, name);
    if (file == NULL) {
        return BLOX_ERROR_MISSING;
    }
    stat->kind = file->directory ? BLOX_STORAGE_DIRECTORY : BLOX_STORAGE_FILE;
    stat->size = (uint32_t)file->size;
    return BLOX_OK;
}

static void refuses_updates_on_fat(void **state) {
    (void)state;
    device.ram.ops.stat = stat_of_fat;
    src_list("x.py", "y");
    retain("mpypi/packages/src/x.py/%s", "y");
    start_with(list);
    assert_state("failed");
    assert_non_null(strstr(device.updater.error, "updates need littlefs"));
    assert_string_equal(device.topics, "");
}

// Every operation of storage fails once, and from then on for ever: no crash,
// no open file, never a half package that counts as ready.
static void flash_may_fail_at_every_operation(void **state) {
    (void)state;
    for (int for_ever = 0; for_ever < 2; ++for_ever) {
        bool failed = true;
        for (uint32_t at = 1; failed; ++at) {
            device_free(&device);
            device_init(&device);
            device.chunk = 3;
            src_list("x.py", "content");
            retain("mpypi/packages/src/x.py/%s", "content");
            device.ram.operations = 0;
            device.ram.fail_at = at;
            device.ram.fail_for_ever = for_ever == 1;
            device.ram.fail_with =
                at % 2 == 0 ? BLOX_ERROR_FULL : BLOX_ERROR_IO;
            start_with(list);
            failed = device.ram.operations >= at;
            if (storage_ram_get(&device.ram, BLOX_FILE_READY) != NULL) {
                assert_true(device_has(&device, "/.blox/pkg-0", "content"));
            }
            assert_true(at < 400);
            device_close(&device);
            assert_int_equal(device.ram.open_files, 0);
        }
    }
}

static void
a_confirmed_set_stays_confirmed_when_its_list_comes_again(void **state) {
    (void)state;
    src_list("x.py", "one");
    retain("mpypi/packages/src/x.py/%s", "one");
    start_with(list);
    device_reset(&device);
    device_connect(&device);
    device_run(&device);
    assert_int_equal(device_confirm(&device), BLOX_OK);
    blox_updater_confirmed(&device.updater);
    device_settle(&device, NULL);
    device_run(&device);
    assert_state("confirmed");
    assert_non_null(strstr(device.states, "trial confirmed "));
    device_reset(&device);
    device_connect(&device);
    device_run(&device);
    assert_state("idle");
    assert_clean();
}

static void a_set_that_failed_is_not_tried_again(void **state) {
    (void)state;
    wheel_list("no zip", "");
    retain("mpypi/packages/wheel/%s", "no zip");
    start_with(list);
    assert_true(device.reboot);
    assert_int_equal(device_reset(&device), BLOX_ERROR_FORMAT);
    assert_state("failed");
    char error[160];
    strcpy(error, device.updater.error);
    assert_non_null(strstr(error, "big-pkg"));
    device_connect(&device);
    device_run(&device);
    assert_false(device.reboot);
    assert_state("failed");
    assert_string_equal(device.updater.error, error);
    device_command(&device, "{\"cmd\":\"install\"}");
    device_run(&device);
    assert_true(device.reboot);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, updating_setup, updating_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(subscribes_to_channel_and_cmd),
        TEST(fetches_a_file_and_reboots),
        TEST(is_idle_when_nothing_is_needed),
        TEST(says_which_set_is_installed_and_which_is_latest),
        TEST(what_is_confirmed_is_installed),
        TEST(without_auto_update_it_waits_for_install),
        TEST(refuses_updates_on_fat),
        TEST(flash_may_fail_at_every_operation),
        TEST(a_confirmed_set_stays_confirmed_when_its_list_comes_again),
        TEST(a_set_that_failed_is_not_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
