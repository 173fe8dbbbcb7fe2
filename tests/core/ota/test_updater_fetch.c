// SPDX-License-Identifier: MIT
#include "core/ota/updater.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/ota/updating.h"
#include "tests/core/test.h"

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
    assert_string_equal(device.updater.error,
                        "big-pkg 1.0: what the broker has is another package "
                        "(6 bytes, the list says 7); publish it again");
    assert_clean();
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
                                       (uint32_t)strlen(list), false));
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
                        "x.py: package not on the broker: no byte of it came "
                        "for 60 s");
    assert_clean();
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
    assert_true(
        blox_updater_begin(updater, blox_span_text(topic), 20000, false));
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

// The topic that was asked for last; the SUBACK is there, no payload yet.
static const char *asked(const char *text) {
    static char topic[300];
    device.stop_at_fetch = true;
    start_with(text);
    device.stop_at_fetch = false;
    blox_updater_tick(&device.updater, device.now);
    strcpy(topic, device.updater.topic);
    return topic;
}

static bool begin(const char *topic, size_t size) {
    return blox_updater_begin(&device.updater, blox_span_text(topic),
                              (uint32_t)size, false);
}

static void an_empty_payload_is_no_package(void **state) {
    (void)state;
    const char *topic = asked(src_list("x.py", "y"));
    assert_false(begin(topic, 0)); // it was cleared that moment
    assert_true(begin(topic, 1));
    blox_updater_feed(&device.updater, blox_span_text("y"));
    blox_updater_end(&device.updater, true);
    device_run(&device);
    assert_true(device.reboot);
}

// As when the program subscribes to mpypi/# itself: before it was asked for,
// and again when it is there.
static void a_payload_that_comes_several_times_counts_once(void **state) {
    (void)state;
    device_connect(&device);
    device_run(&device);
    const char *topic = asked(src_list("x.py", "y"));
    assert_false(begin("mpypi/packages/wheel/x", 1));
    for (int i = 0; i < 3; ++i) {
        assert_int_equal(begin(topic, 1), i == 0);
        if (i == 0) {
            blox_updater_feed(&device.updater, blox_span_text("y"));
            blox_updater_end(&device.updater, true);
        }
    }
    device_run(&device);
    assert_true(device.reboot);
    assert_int_equal(device.updater.done, 1);
    assert_true(device_has(&device, "/.blox/pkg-0", "y"));
}

static void flash_that_fills_up_meanwhile_ends_it(void **state) {
    (void)state;
    static char big[400000];
    memset(big, 'x', sizeof big - 1);
    const char *topic = asked(src_list("x.py", big));
    assert_true(begin(topic, sizeof big - 1));
    blox_updater_feed(&device.updater, blox_span(big, 100000));
    static const char other[1700000];
    storage_ram_put(&device.ram, "/other", other, sizeof other);
    blox_updater_feed(&device.updater, blox_span(big, 299999));
    blox_updater_end(&device.updater, true);
    device_run(&device);
    assert_state("failed");
    assert_non_null(strstr(device.updater.error,
                           "x.py: no room on flash: it needs 488 KiB, "));
    assert_clean();
    storage_ram_drop(&device.ram, "/other");
    retain("mpypi/packages/src/x.py/%s", big);
    device_disconnect(&device);
    device_connect(&device);
    device_run(&device);
    assert_true(device.reboot);
}

// Both wheels fit as they come, but not unpacked besides.
static void what_is_staged_must_have_room_to_unpack(void **state) {
    (void)state;
    static char first[560000], second[560000];
    char hash[65];
    memset(first, '1', sizeof first - 1);
    memset(second, '2', sizeof second - 1);
    wheel_list(first, "");
    retain("mpypi/packages/wheel/%s", first);
    strcpy(hash, sha);
    wheel_list(second, "");
    retain("mpypi/packages/wheel/%s", second);
    snprintf(list, sizeof list,
             "[{\"type\":\"wheel\",\"name\":\"a\",\"version\":\"1\","
             "\"pkg_sha256\":\"%s\"},{\"type\":\"wheel\",\"name\":\"b\","
             "\"version\":\"1\",\"pkg_sha256\":\"%s\"}]",
             hash, sha);
    start_with(list);
    assert_state("failed");
    assert_non_null(strstr(device.updater.error, "b 1: no room on flash: "));
    assert_clean();
}

// A program that holds everything up for long does not cost a payload that
// waits to be read meanwhile.
static void time_in_which_nothing_could_be_read_does_not_count(void **state) {
    (void)state;
    const char *topic = asked(src_list("x.py", "y"));
    blox_updater_tick(&device.updater, device.now += 60000);
    blox_updater_tick(&device.updater, device.now += 60000);
    assert_true(begin(topic, 1));
    blox_updater_tick(&device.updater, device.now += 70000);
    blox_updater_feed(&device.updater, blox_span_text("y"));
    blox_updater_end(&device.updater, true);
    device_run(&device);
    assert_true(device.reboot);
}

static void bytes_that_come_put_the_timeout_off(void **state) {
    (void)state;
    const char *topic = asked(src_list("x.py", "0123456789"));
    assert_true(begin(topic, 10));
    for (int i = 0; i < 10; ++i) {
        for (int ms = 0; ms < 59000; ms += 250) {
            blox_updater_tick(&device.updater, device.now += 250);
        }
        assert_state("downloading");
        blox_updater_feed(&device.updater, blox_span(&"0123456789"[i], 1));
    }
    blox_updater_end(&device.updater, true);
    device_run(&device);
    assert_true(device.reboot);
}

// What was staged before a reset is not trusted: it goes, and is fetched anew.
static void a_reset_in_mid_download_starts_over(void **state) {
    (void)state;
    char first[400], both[sizeof first + sizeof list];
    strcpy(first, src_list("a.py", "first"));
    retain("mpypi/packages/src/a.py/%s", "first");
    src_list("b.py", "second");
    snprintf(both, sizeof both, "%.*s,%s", (int)strlen(first) - 1, first,
             list + 1);
    device.chunk = 1;
    device_list(&device, both);
    device_connect(&device);
    while (device.updater.done == 0) {
        device.now += 10;
        device_step(&device);
    }
    assert_true(device_has(&device, "/.blox/pkg-0", "first"));
    assert_int_equal(device_reset(&device), BLOX_ERROR_MISSING);
    assert_clean();
    retain("mpypi/packages/src/b.py/%s", "second");
    device_connect(&device);
    device_run(&device);
    assert_true(device.reboot);
    assert_true(device_has(&device, "/.blox/pkg-0", "first"));
    assert_true(device_has(&device, "/.blox/pkg-1", "second"));
}

// Without one on the channel, a list that came on cmd goes on by itself.
static void a_list_on_cmd_goes_on_after_a_reset(void **state) {
    (void)state;
    device.auto_update = false;
    device_reset(&device);
    device_connect(&device);
    device_run(&device);
    device_command(&device, src_list("x.py", "y"));
    while (device.updater.state != BLOX_UPDATER_DOWNLOADING) {
        device_step(&device);
    }
    device_reset(&device);
    retain("mpypi/packages/src/x.py/%s", "y");
    device_connect(&device);
    device_run(&device);
    assert_true(device.reboot);
}

static void what_was_ordered_is_tried_again_at_the_next_connect(void **state) {
    (void)state;
    device.updater.config.auto_update = false;
    start_with(src_list("x.py", "y"));
    assert_state("available");
    blox_updater_install(&device.updater);
    device_run(&device);
    assert_state("failed");
    assert_clean();
    retain("mpypi/packages/src/x.py/%s", "y");
    device_disconnect(&device);
    device_connect(&device);
    device_run(&device);
    assert_true(device.reboot);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, updating_setup, updating_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
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
        TEST(refuses_a_package_that_has_no_room),
        TEST(a_list_with_sizes_is_refused_before_anything_is_fetched),
        TEST(progress_is_told_four_times_a_second_at_most),
        TEST(an_empty_payload_is_no_package),
        TEST(a_payload_that_comes_several_times_counts_once),
        TEST(flash_that_fills_up_meanwhile_ends_it),
        TEST(what_is_staged_must_have_room_to_unpack),
        TEST(time_in_which_nothing_could_be_read_does_not_count),
        TEST(bytes_that_come_put_the_timeout_off),
        TEST(a_reset_in_mid_download_starts_over),
        TEST(a_list_on_cmd_goes_on_after_a_reset),
        TEST(what_was_ordered_is_tried_again_at_the_next_connect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
