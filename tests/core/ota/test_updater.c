// SPDX-License-Identifier: MIT
#include "core/ota/updater.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/ota/device.h"
#include "tests/core/test.h"

static struct device device;
static char sha[65];
static char list[4096];

static int setup(void **state) {
    (void)state;
    device_init(&device);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    uint32_t open_files = device.ram.open_files;
    blox_updater_close(&device.updater);
    open_files = device.ram.open_files;
    device_free(&device);
    assert_int_equal(open_files, 0);
    return 0;
}

// The list that asks for content at path.
static const char *src_list(const char *path, const char *content) {
    device_sha256(content, strlen(content), sha);
    snprintf(list, sizeof list,
             "[{\"type\":\"src\",\"path\":\"%s\",\"pkg_sha256\":\"%s\"}]", path,
             sha);
    return list;
}

static void retain(const char *format, const char *content) {
    char topic[300];
    snprintf(topic, sizeof topic, format, sha);
    device_publish(&device, topic, content, strlen(content));
}

static void start_with(const char *text) {
    device_list(&device, text);
    device_connect(&device);
    device_run(&device);
}

static void assert_state(const char *name) {
    assert_string_equal(blox_updater_state_name(device.updater.state), name);
}

// Nothing is staged but what is remembered.
static void assert_clean(void) {
    for (size_t i = 0; i < STORAGE_RAM_FILES; ++i) {
        const char *path = device.ram.files[i].path;
        if (path != NULL && strncmp(path, "/.blox/", 7) == 0) {
            const char *name = path + 7;
            bool remembered =
                strcmp(name, "list") == 0 || strcmp(name, "origin") == 0 ||
                strcmp(name, "todo") == 0 || strcmp(name, "error") == 0 ||
                strcmp(name, "src") == 0;
            if (!remembered) {
                fail_msg("%s is left", path);
            }
        }
    }
}

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
                        "\"total\":0,\"done\":0,\"of\":0,\"error\":null}");
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

static void a_settled_list_is_not_read_again(void **state) {
    (void)state;
    storage_ram_put(&device.ram, "/b.py", "x", 1);
    start_with(src_list("b.py", "x"));
    device_disconnect(&device);
    device_connect(&device);
    struct blox_updater_event event;
    uint32_t checks = 0;
    for (int i = 0; i < 20; ++i) {
        while (blox_updater_next(&device.updater, &event)) {
            checks += event.kind == BLOX_UPDATER_CHECK;
        }
        device_list(&device, list);
        blox_updater_tick(&device.updater, device.now += 100);
    }
    assert_int_equal(checks, 0);
    assert_state("idle");
}

// Which topics are asked for, in order, when the package is at the last one.
static void tries_the_forms_of_a_src_topic_in_order(void **state) {
    (void)state;
    src_list("lib/x.py", "y");
    retain("mypypi/packages/lib/x.py", "y");
    start_with(list);
    assert_true(device.reboot);
    char expected[600];
    snprintf(expected, sizeof expected,
             "mpypi/packages/src/lib/x.py/%s\nmpypi/packages/src/lib/x.py\n"
             "mypypi/packages/lib/x.py\n",
             sha);
    assert_string_equal(device.topics, expected);
}

static void takes_a_src_at_form_b(void **state) {
    (void)state;
    src_list("x.py", "y");
    retain("mpypi/packages/src/x.py", "y");
    start_with(list);
    assert_true(device.reboot);
}

static const char *wheel_list(const char *content, const char *more) {
    device_sha256(content, strlen(content), sha);
    snprintf(list, sizeof list,
             "[{\"type\":\"wheel\",\"name\":\"big-pkg\",\"version\":\"1.0\","
             "\"pkg_sha256\":\"%s\"%s}]",
             sha, more);
    return list;
}

static void tries_the_forms_of_a_wheel_topic_in_order(void **state) {
    (void)state;
    wheel_list("no zip", "");
    retain("mypypi/packages/%s", "no zip");
    start_with(list);
    assert_true(device.reboot);
    char expected[600];
    snprintf(expected, sizeof expected,
             "mpypi/packages/wheel/%s\nmypypi/packages/%s\n", sha, sha);
    assert_string_equal(device.topics, expected);
}

static void waits_two_seconds_for_each_form(void **state) {
    (void)state;
    uint32_t before = device.now;
    start_with(src_list("x.py", "y"));
    assert_state("failed");
    assert_string_equal(device.updater.error,
                        "x.py: package not on the broker; publish it again");
    assert_in_range(device.now - before - 200000, 6000, 7500);
    assert_int_equal(device.subscribed[2][0], '\0');
    assert_clean();
}

static void a_missing_package_is_tried_again_at_the_next_connect(void **state) {
    (void)state;
    start_with(src_list("x.py", "y"));
    assert_state("failed");
    retain("mpypi/packages/src/x.py/%s", "y");
    device_run(&device);
    assert_false(device.reboot);
    device_disconnect(&device);
    device_connect(&device);
    device_run(&device);
    assert_true(device.reboot);
}

static void takes_no_package_with_another_hash(void **state) {
    (void)state;
    src_list("x.py", "right");
    retain("mpypi/packages/src/x.py/%s", "wrong");
    retain("mpypi/packages/src/x.py", "worse");
    start_with(list);
    assert_false(device.reboot);
    assert_state("failed");
    assert_non_null(strstr(device.updater.error,
                           "x.py: what the broker has is another package"));
    assert_clean();
    retain("mypypi/packages/x.py", "right");
    device_disconnect(&device);
    device_connect(&device);
    device_run(&device);
    assert_true(device.reboot);
}

static void takes_no_package_of_another_size(void **state) {
    (void)state;
    wheel_list("no zip", ",\"size\":6");
    retain("mpypi/packages/wheel/%s", "longer");
    start_with(list);
    assert_state("failed");
    wheel_list("no zip", ",\"size\":7");
    device_disconnect(&device);
    start_with(list);
    assert_non_null(strstr(device.updater.error, "another package"));
}

static void takes_a_payload_that_comes_before_the_suback(void **state) {
    (void)state;
    device.slow_suback = true;
    src_list("x.py", "y");
    retain("mpypi/packages/src/x.py/%s", "y");
    start_with(list);
    assert_true(device.reboot);
}

static void goes_on_without_a_suback(void **state) {
    (void)state;
    device.mute = true;
    src_list("x.py", "y");
    retain("mypypi/packages/x.py", "y");
    start_with(list);
    assert_true(device.reboot);
}

// The connection breaks at every byte of the package; afterwards it is
// fetched whole.
static void a_connection_lost_in_mid_payload_costs_nothing(void **state) {
    (void)state;
    for (size_t at = 1; at < 20; ++at) {
        device_free(&device);
        device_init(&device);
        device.chunk = 1;
        src_list("x.py", "twenty bytes of text");
        retain("mpypi/packages/src/x.py/%s", "twenty bytes of text");
        device_connect(&device);
        device_list(&device, list);
        device_run(&device);
        assert_true(device.reboot);
        device_free(&device);
        device_init(&device);
        device.chunk = 1;
        retain("mpypi/packages/src/x.py/%s", "twenty bytes of text");
        device_connect(&device);
        struct blox_updater_event event;
        while (blox_updater_next(&device.updater, &event)) {
        }
        assert_true(blox_updater_begin(&device.updater,
                                       blox_span_text("mpypi/channels/main"),
                                       (uint32_t)strlen(list)));
        blox_updater_feed(&device.updater, blox_span_text(list));
        blox_updater_end(&device.updater, true);
        device.break_after = at;
        device_run(&device);
        assert_false(device.reboot);
        assert_state("downloading");
        assert_null(storage_ram_get(&device.ram, "/.blox/pkg-0"));
        device_connect(&device);
        device_run(&device);
        assert_true(device.reboot);
        assert_true(
            device_has(&device, "/.blox/pkg-0", "twenty bytes of text"));
    }
}

static void a_payload_that_stops_coming_fails_after_the_timeout(void **state) {
    (void)state;
    device.chunk = 1;
    src_list("x.py", "y and more");
    retain("mpypi/packages/src/x.py/%s", "y and more");
    device_connect(&device);
    device_run(&device);
    device_list(&device, list);
    device.stall_after = 3;
    device_run(&device);
    assert_state("failed");
    assert_string_equal(device.updater.error,
                        "x.py: the payload stopped coming");
    assert_clean();
}

static void a_list_fed_in_any_pieces_is_the_same(void **state) {
    (void)state;
    for (size_t chunk = 1; chunk < 40; ++chunk) {
        device_free(&device);
        device_init(&device);
        device.chunk = chunk;
        src_list("x.py", "y");
        retain("mpypi/packages/src/x.py/%s", "y");
        start_with(list);
        assert_true(device.reboot);
    }
}

static void a_list_that_is_refused_changes_nothing(void **state) {
    (void)state;
    start_with("{\"not\":\"a list\"}");
    assert_state("failed");
    assert_non_null(
        strstr(device.updater.error, "a JSON array of entries belongs here"));
    assert_clean();
    assert_null(storage_ram_get(&device.ram, BLOX_FILE_LIST));
    start_with("[{\"type\":\"src\",\"path\":\"../x\",\"pkg_sha256\":\"0\"}]");
    assert_non_null(strstr(device.updater.error, "list entry 1 '../x'"));
    device_list(&device, "[]");
    device_run(&device);
    assert_state("idle");
    assert_string_equal(device.updater.error, "");
}

static void a_list_over_64_kib_is_refused_unread(void **state) {
    (void)state;
    device_connect(&device);
    device_run(&device);
    assert_false(blox_updater_begin(&device.updater,
                                    blox_span_text("mpypi/channels/main"),
                                    BLOX_LIST_MAX + 1));
    assert_state("failed");
    assert_non_null(strstr(device.updater.error, "64 KiB"));
}

static void no_payload_on_the_channel_means_no_list(void **state) {
    (void)state;
    device.updater.config.auto_update = false;
    start_with(src_list("x.py", "y"));
    assert_state("available");
    device_publish(&device, "mpypi/channels/main", "", 0);
    device_run(&device);
    assert_state("idle");
    assert_string_equal(device.updater.error, "");
    assert_null(storage_ram_get(&device.ram, BLOX_FILE_LIST));
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

static void a_list_on_cmd_is_acted_on_at_once(void **state) {
    (void)state;
    device.updater.config.auto_update = false;
    device_connect(&device);
    device_run(&device);
    src_list("x.py", "y");
    retain("mpypi/packages/src/x.py/%s", "y");
    device_command(&device, list);
    device_run(&device);
    assert_true(device.reboot);
}

static void a_list_on_cmd_wins_until_the_channels_changes(void **state) {
    (void)state;
    storage_ram_put(&device.ram, "/x.py", "channel", 7);
    char of_channel[400];
    strcpy(of_channel, src_list("x.py", "channel"));
    start_with(of_channel);
    assert_state("idle");
    src_list("x.py", "command");
    retain("mpypi/packages/src/x.py/%s", "command");
    device_command(&device, list);
    device_run(&device);
    device_reset(&device);
    assert_true(device_has(&device, "/x.py", "command"));
    blox_settle_confirm(&device.ram.ops);
    blox_updater_confirmed(&device.updater);
    device_settle(&device, NULL);
    device_connect(&device);
    device_run(&device);
    assert_false(device.reboot);
    assert_true(device_has(&device, "/x.py", "command"));
    src_list("x.py", "new");
    retain("mpypi/packages/src/x.py/%s", "new");
    device_list(&device, list);
    device_run(&device);
    assert_true(device.reboot);
}

static void commands_are_known_or_named(void **state) {
    (void)state;
    device_connect(&device);
    device_run(&device);
    uint32_t infos = device.infos;
    device_command(&device, "{\"cmd\":\"info\"}");
    device_run(&device);
    assert_int_equal(device.infos, infos + 1);
    device_command(&device, "{\"cmd\":\"dance\"}");
    device_run(&device);
    assert_non_null(
        strstr(device.log, "command 'dance': this version does not know it"));
    assert_state("idle");
}

static void a_new_list_stops_the_download_of_the_old(void **state) {
    (void)state;
    src_list("x.py", "old");
    device.stop_at_fetch = true;
    start_with(list);
    assert_state("downloading");
    device.stop_at_fetch = false;
    src_list("x.py", "new");
    retain("mpypi/packages/src/x.py/%s", "new");
    device_list(&device, list);
    device_run(&device);
    assert_true(device.reboot);
    assert_true(device_has(&device, "/.blox/pkg-0", "new"));
}

static void refuses_a_package_that_has_no_room(void **state) {
    (void)state;
    static char big[40000];
    memset(big, 'x', sizeof big - 1);
    device.ram.blocks = 36;
    src_list("x.py", big);
    retain("mpypi/packages/src/x.py/%s", big);
    start_with(list);
    assert_state("failed");
    assert_non_null(strstr(device.updater.error,
                           "x.py: no room on flash: it needs 136 KiB, "));
    assert_clean();
}

static void
a_list_with_sizes_is_refused_before_anything_is_fetched(void **state) {
    (void)state;
    wheel_list("x", ",\"size\":3000000");
    start_with(list);
    assert_state("failed");
    assert_non_null(strstr(device.updater.error,
                           "update: no room on flash: it needs 5960 KiB, "));
    assert_string_equal(device.topics, "");
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
            blox_updater_close(&device.updater);
            blox_plan_close(&device.plan);
            assert_int_equal(device.ram.open_files, 0);
        }
    }
}

static void lists_wait_for_the_end_of_a_trial(void **state) {
    (void)state;
    src_list("x.py", "one");
    retain("mpypi/packages/src/x.py/%s", "one");
    start_with(list);
    device_reset(&device);
    assert_state("trial");
    src_list("x.py", "two");
    retain("mpypi/packages/src/x.py/%s", "two");
    start_with(list);
    assert_state("trial");
    assert_non_null(strstr(device.log, "update: a new list waits until the "
                                       "trial is over\n"));
    assert_false(device.reboot);
    assert_int_equal(blox_settle_confirm(&device.ram.ops), BLOX_OK);
    blox_updater_confirmed(&device.updater);
    assert_state("confirmed");
    device_run(&device);
    assert_true(device.reboot);
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
    blox_settle_confirm(&device.ram.ops);
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

// 2000 pieces of a payload, a millisecond each, with a tick after each.
static void progress_is_told_four_times_a_second_at_most(void **state) {
    (void)state;
    static char big[20000];
    memset(big, 'x', sizeof big - 1);
    src_list("x.py", big);
    device.stop_at_fetch = true;
    start_with(list);
    struct blox_updater *updater = &device.updater;
    char topic[300];
    strcpy(topic, updater->topic);
    assert_true(blox_updater_begin(updater, blox_span_text(topic), 20000));
    uint32_t documents = 0;
    for (int i = 0; i < 2000; ++i) {
        struct blox_updater_event event;
        blox_updater_feed(updater, blox_span(big, 10));
        blox_updater_tick(updater, ++device.now);
        while (blox_updater_next(updater, &event)) {
            documents += event.kind == BLOX_UPDATER_STATE;
        }
    }
    assert_in_range(documents, 7, 9);
    blox_updater_end(updater, false);
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
    cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(subscribes_to_channel_and_cmd),
        TEST(fetches_a_file_and_reboots),
        TEST(is_idle_when_nothing_is_needed),
        TEST(a_settled_list_is_not_read_again),
        TEST(tries_the_forms_of_a_src_topic_in_order),
        TEST(takes_a_src_at_form_b),
        TEST(tries_the_forms_of_a_wheel_topic_in_order),
        TEST(waits_two_seconds_for_each_form),
        TEST(a_missing_package_is_tried_again_at_the_next_connect),
        TEST(takes_no_package_with_another_hash),
        TEST(takes_no_package_of_another_size),
        TEST(takes_a_payload_that_comes_before_the_suback),
        TEST(goes_on_without_a_suback),
        TEST(a_connection_lost_in_mid_payload_costs_nothing),
        TEST(a_payload_that_stops_coming_fails_after_the_timeout),
        TEST(a_list_fed_in_any_pieces_is_the_same),
        TEST(a_list_that_is_refused_changes_nothing),
        TEST(a_list_over_64_kib_is_refused_unread),
        TEST(no_payload_on_the_channel_means_no_list),
        TEST(without_auto_update_it_waits_for_install),
        TEST(a_list_on_cmd_is_acted_on_at_once),
        TEST(a_list_on_cmd_wins_until_the_channels_changes),
        TEST(commands_are_known_or_named),
        TEST(a_new_list_stops_the_download_of_the_old),
        TEST(refuses_a_package_that_has_no_room),
        TEST(a_list_with_sizes_is_refused_before_anything_is_fetched),
        TEST(refuses_updates_on_fat),
        TEST(flash_may_fail_at_every_operation),
        TEST(lists_wait_for_the_end_of_a_trial),
        TEST(a_confirmed_set_stays_confirmed_when_its_list_comes_again),
        TEST(progress_is_told_four_times_a_second_at_most),
        TEST(a_set_that_failed_is_not_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
