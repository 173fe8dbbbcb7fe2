// SPDX-License-Identifier: MIT
#include "core/ota/updater.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/ota/updating.h"
#include "tests/core/test.h"

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

// Hands the updater one whole payload, without asking it for anything.
static void arrive(const char *topic, const char *payload) {
    struct blox_span text = blox_span_text(payload);
    assert_true(blox_updater_begin(&device.updater, blox_span_text(topic),
                                   (uint32_t)text.size, false));
    blox_updater_feed(&device.updater, text);
    blox_updater_end(&device.updater, true);
}

// The event that asks for a check.
static void assert_check_asked(enum blox_updater_event_kind kind) {
    struct blox_updater_event event = {.kind = BLOX_UPDATER_NOTHING};
    while (event.kind != kind) {
        assert_true(blox_updater_next(&device.updater, &event));
    }
}

// What was found out about one list says nothing about another that took its
// place, and its file, in the meantime: signatures were checked of the first.
static void what_was_found_of_a_list_does_not_count_for_the_next(void **state) {
    const uint8_t set[BLOX_SHA256_SIZE] = {1};
    struct blox_updater_plan found = {.needed = 1, .fetched = 1, .set = set};
    (void)state;
    device_connect(&device);
    device_run(&device);
    arrive("mpypi/channels/main", src_list("x.py", "y"));
    assert_check_asked(BLOX_UPDATER_CHECK);
    arrive("mpypi/channels/main", src_list("forged.py", "z"));
    blox_updater_planned(&device.updater, &found);
    assert_null(storage_ram_get(&device.ram, BLOX_FILE_LIST));
    blox_updater_refused(&device.updater, blox_span_text("no"));
    assert_string_equal(device.updater.error, "");
    assert_false(blox_updater_command(&device.updater));
    assert_non_null(storage_ram_get(&device.ram, BLOX_FILE_LIST_NEW));
    // The next is checked for itself.
    assert_check_asked(BLOX_UPDATER_CHECK);
    blox_updater_planned(&device.updater, &found);
    assert_non_null(storage_ram_get(&device.ram, BLOX_FILE_LIST));
}

static void a_command_counts_unless_something_took_its_place(void **state) {
    (void)state;
    char cmd[100];
    snprintf(cmd, sizeof cmd, "mpypi/nodes/%.*s/cmd",
             (int)device.updater.config.node.size,
             (const char *)device.updater.config.node.data);
    device_connect(&device);
    device_run(&device);
    arrive(cmd, "[{\"type\":\"command\",\"cmd\":\"reboot\"}]");
    assert_check_asked(BLOX_UPDATER_CHECK_CMD);
    arrive(cmd, "[{\"type\":\"command\",\"cmd\":\"forged\"}]");
    assert_false(blox_updater_command(&device.updater));
    assert_check_asked(BLOX_UPDATER_CHECK_CMD);
    assert_true(blox_updater_command(&device.updater));
    assert_false(blox_updater_command(&device.updater));
}

static void a_list_over_64_kib_is_refused_unread(void **state) {
    (void)state;
    device_connect(&device);
    device_run(&device);
    assert_false(blox_updater_begin(&device.updater,
                                    blox_span_text("mpypi/channels/main"),
                                    BLOX_LIST_MAX + 1, false));
    assert_state("failed");
    assert_non_null(strstr(device.updater.error, "64 KiB"));
}

static void no_payload_on_the_channel_means_no_list(void **state) {
    (void)state;
    device.updater.config.auto_update = false;
    start_with(src_list("x.py", "y"));
    assert_state("available");
    withdraw();
    device_run(&device);
    assert_state("idle");
    assert_string_equal(device.updater.error, "");
    assert_null(storage_ram_get(&device.ram, BLOX_FILE_LIST));
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
    assert_int_equal(device_confirm(&device), BLOX_OK);
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
    assert_string_equal(device.replies,
                        "{\"cmd\":\"info\",\"ok\":true}\n"
                        "{\"cmd\":\"dance\",\"ok\":false,\"error\":\"command "
                        "'dance': this version does not know it\"}\n");
    assert_state("idle");
}

// A broker that kept {"cmd":"reboot"} would send it at every connect.
static void what_a_broker_kept_on_cmd_is_not_acted_on(void **state) {
    (void)state;
    device_connect(&device);
    device_run(&device);
    struct blox_span topic = blox_span_text("mpypi/nodes/test-01/cmd");
    assert_false(blox_updater_begin(&device.updater, topic, 16, true));
    device_run(&device);
    assert_non_null(strstr(device.log, "/cmd': a retained message is not"));
    assert_true(blox_updater_begin(&device.updater, topic, 16, false));
    blox_updater_end(&device.updater, false);
    topic = blox_span_text("mpypi/channels/main");
    assert_true(blox_updater_begin(&device.updater, topic, 16, true));
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

static void a_list_that_asks_for_nothing_leaves_nothing(void **state) {
    (void)state;
    storage_ram_put(&device.ram, "/b.py", "x", 1);
    start_with(src_list("b.py", "x"));
    assert_state("idle");
    assert_clean();
    device.updater.config.auto_update = false;
    device_list(&device, src_list("b.py", "y"));
    device_run(&device);
    assert_state("available");
    assert_clean();
}

static void a_list_withdrawn_while_downloading_stops_it(void **state) {
    (void)state;
    device.stop_at_fetch = true;
    start_with(src_list("x.py", "y"));
    assert_state("downloading");
    assert_true(blox_updater_begin(
        &device.updater, blox_span_text(device.updater.topic), 1, false));
    device.stop_at_fetch = false;
    blox_updater_end(&device.updater, false);
    withdraw();
    retain("mpypi/packages/src/x.py/%s", "y");
    device_run(&device);
    assert_state("idle");
    assert_false(device.reboot);
    assert_clean();
    assert_null(storage_ram_get(&device.ram, BLOX_FILE_LIST));
}

// It is withdrawn after every number of steps, so before, while and after it
// is checked.
static void a_list_withdrawn_while_it_is_checked_is_not_taken(void **state) {
    (void)state;
    for (int steps = 0; steps < 12; ++steps) {
        updating_anew(state);
        device.updater.config.auto_update = false;
        device_connect(&device);
        device_run(&device);
        device_list(&device, src_list("x.py", "y"));
        for (int i = 0; i < steps; ++i) {
            device_step(&device);
        }
        withdraw();
        device_run(&device);
        assert_state("idle");
        assert_clean();
        assert_null(storage_ram_get(&device.ram, BLOX_FILE_LIST));
    }
}

static void a_list_withdrawn_while_it_is_read_again_is_not_taken(void **state) {
    (void)state;
    device.updater.config.auto_update = false;
    start_with(src_list("x.py", "y"));
    assert_state("available");
    blox_updater_install(&device.updater);
    device_step(&device);
    withdraw();
    device_run(&device);
    assert_state("idle");
    assert_string_equal(device.topics, "");
    assert_clean();
}

// From `installing` on the set is on its way.
static void a_list_withdrawn_when_all_is_there_comes_too_late(void **state) {
    (void)state;
    src_list("x.py", "y");
    retain("mpypi/packages/src/x.py/%s", "y");
    start_with(list);
    assert_true(device.reboot);
    withdraw();
    assert_int_equal(device_reset(&device), BLOX_OK);
    assert_true(device_has(&device, "/x.py", "y"));
}

static void of_two_lists_in_quick_succession_the_second_counts(void **state) {
    (void)state;
    for (int steps = 0; steps < 12; ++steps) {
        updating_anew(state);
        device_connect(&device);
        device_run(&device);
        device_list(&device, src_list("x.py", "one"));
        for (int i = 0; i < steps; ++i) {
            device_step(&device);
        }
        src_list("x.py", "two");
        retain("mpypi/packages/src/x.py/%s", "two");
        device_list(&device, list);
        device_run(&device);
        assert_true(device.reboot);
        assert_true(device_has(&device, "/.blox/pkg-0", "two"));
        assert_null(storage_ram_get(&device.ram, "/.blox/pkg-1"));
    }
}

// The channel's list was seen before, so it is not newer: whether it was
// taken, is being checked, or was refused.
static void a_list_on_cmd_wins_over_any_seen_before_it(void **state) {
    (void)state;
    char lists[3][400];
    strcpy(lists[0], src_list("x.py", "channel"));
    strcpy(lists[1], lists[0]);
    strcpy(lists[2], "no list");
    for (int i = 0; i < 3; ++i) {
        updating_anew(state);
        device.updater.config.auto_update = false;
        device_list(&device, lists[i]);
        device_connect(&device);
        if (i != 1) {
            device_run(&device);
        } else {
            while (!device.planning) {
                device_step(&device);
            }
        }
        device_command(&device, src_list("y.py", "command"));
        device_run(&device);
        assert_state("failed"); // it is nowhere
        retain("mpypi/packages/src/y.py/%s", "command");
        device_disconnect(&device);
        device_connect(&device);
        device_run(&device);
        assert_true(device.reboot);
        assert_non_null(strstr(device.topics, "y.py"));
        assert_null(strstr(device.topics, "x.py"));
    }
}

static void a_list_of_200_entries_is_fetched(void **state) {
    (void)state;
    static char text[40000], topic[300];
    size_t size = 0;
    for (int i = 0; i < 200; ++i) {
        char path[20], content[20];
        snprintf(path, sizeof path, "d/f%d.py", i);
        snprintf(content, sizeof content, "x = %d", i);
        src_list(path, content);
        size += (size_t)snprintf(text + size, sizeof text - size, "%s%.*s",
                                 i == 0 ? "[" : ",", (int)strlen(list) - 2,
                                 list + 1);
    }
    strcpy(text + size, "]");
    device_list(&device, text);
    device_connect(&device);
    for (uint32_t i = 0; i < 200; ++i) {
        while (device.updater.done == i && device.updater.topic[0] == '\0') {
            device_step(&device);
        }
        snprintf(topic, sizeof topic, "x = %u", (unsigned)i);
        device_sha256(topic, strlen(topic), sha);
        char format[60];
        snprintf(format, sizeof format, "mpypi/packages/src/d/f%u.py/%%s",
                 (unsigned)i);
        retain(format, topic);
        while (device.updater.done == i && !device.reboot) {
            device_step(&device);
        }
        device_forget(&device, "mpypi/packages/");
    }
    device_run(&device);
    assert_true(device.reboot);
    assert_int_equal(device_reset(&device), BLOX_OK);
    assert_true(device_has(&device, "/d/f199.py", "x = 199"));
}

// As a program sends them: the list, and at once the order to install it.
static void a_command_does_not_take_the_place_of_a_list(void **state) {
    (void)state;
    device.updater.config.auto_update = false;
    device_connect(&device);
    device_run(&device);
    src_list("x.py", "y");
    retain("mpypi/packages/src/x.py/%s", "y");
    device_list(&device, list);
    device_command(&device, "{\"cmd\":\"install\"}");
    device_run(&device);
    assert_true(device.reboot);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, updating_setup, updating_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_settled_list_is_not_read_again),
        TEST(a_list_fed_in_any_pieces_is_the_same),
        TEST(a_list_that_is_refused_changes_nothing),
        TEST(what_was_found_of_a_list_does_not_count_for_the_next),
        TEST(a_command_counts_unless_something_took_its_place),
        TEST(a_list_over_64_kib_is_refused_unread),
        TEST(no_payload_on_the_channel_means_no_list),
        TEST(a_list_on_cmd_is_acted_on_at_once),
        TEST(a_list_on_cmd_wins_until_the_channels_changes),
        TEST(commands_are_known_or_named),
        TEST(what_a_broker_kept_on_cmd_is_not_acted_on),
        TEST(a_new_list_stops_the_download_of_the_old),
        TEST(a_list_that_asks_for_nothing_leaves_nothing),
        TEST(a_list_withdrawn_while_downloading_stops_it),
        TEST(a_list_withdrawn_while_it_is_checked_is_not_taken),
        TEST(a_list_withdrawn_while_it_is_read_again_is_not_taken),
        TEST(a_list_withdrawn_when_all_is_there_comes_too_late),
        TEST(of_two_lists_in_quick_succession_the_second_counts),
        TEST(a_list_on_cmd_wins_over_any_seen_before_it),
        TEST(a_list_of_200_entries_is_fetched),
        TEST(a_command_does_not_take_the_place_of_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
