// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/log/ring.h"

static uint8_t data[BLOX_LOG_RING_MAX];
static struct blox_log_ring ring;

static void put(const char *message) {
    struct blox_log_record record = {20, 5, 1000, blox_span_text("a"),
                                     blox_span_text(message)};
    blox_log_ring_put(&ring, &record);
}

static void start(uint32_t capacity, uint32_t max_records) {
    assert_int_equal(blox_log_ring_init(&ring, data, capacity, max_records),
                     BLOX_OK);
}

static void a_record_comes_out_as_it_went_in(void **state) {
    (void)state;
    struct blox_log_reader reader = {0};
    struct blox_log_record record = {40, 999, 1795334400u,
                                     blox_span_text("mqtt"),
                                     blox_span_text("lost\nTraceback")};
    struct blox_log_record read;
    uint32_t lost = 7;
    start(64, 0);
    assert_false(blox_log_ring_read(&ring, &reader, &read, &lost));
    blox_log_ring_put(&ring, &record);
    assert_int_equal(blox_log_ring_count(&ring), 1);
    assert_true(blox_log_ring_read(&ring, &reader, &read, &lost));
    assert_int_equal(lost, 0);
    assert_int_equal(read.level, 40);
    assert_int_equal(read.milliseconds, 999);
    assert_int_equal(read.seconds, 1795334400u);
    assert_true(blox_span_is(read.name, "mqtt"));
    assert_true(blox_span_is(read.message, "lost\nTraceback"));
    assert_false(blox_log_ring_read(&ring, &reader, &read, &lost));
}

static void bounds_of_the_size_are_kept(void **state) {
    (void)state;
    assert_int_equal(blox_log_ring_init(&ring, data, BLOX_LOG_RING_MIN - 1, 0),
                     BLOX_ERROR_ARGUMENT);
    assert_int_equal(blox_log_ring_init(&ring, data, BLOX_LOG_RING_MAX + 1, 0),
                     BLOX_ERROR_ARGUMENT);
}

static void no_more_records_than_wanted_are_kept(void **state) {
    (void)state;
    struct blox_log_reader reader = {0};
    struct blox_log_record read;
    uint32_t lost;
    start(1000, 3);
    put("1");
    put("2");
    put("3");
    put("4");
    assert_int_equal(blox_log_ring_count(&ring), 3);
    assert_true(blox_log_ring_read(&ring, &reader, &read, &lost));
    assert_true(blox_span_is(read.message, "2"));
}

static void a_reader_that_begins_now_sees_what_comes(void **state) {
    (void)state;
    struct blox_log_reader reader;
    struct blox_log_record read;
    uint32_t lost;
    start(200, 0);
    put("old");
    blox_log_ring_skip(&ring, &reader);
    assert_false(blox_log_ring_read(&ring, &reader, &read, &lost));
    put("new");
    assert_true(blox_log_ring_read(&ring, &reader, &read, &lost));
    assert_true(blox_span_is(read.message, "new"));
}

static void a_large_message_is_cut_between_characters(void **state) {
    (void)state;
    struct blox_log_reader reader = {0};
    struct blox_log_record read;
    uint32_t lost;
    char large[200];
    for (size_t at = 0; at < 198; at += 2) {
        memcpy(large + at, "\xc3\xa4", 2);
    }
    large[198] = '\0';
    for (uint32_t capacity = 64; capacity < 128; ++capacity) {
        start(capacity, 0);
        reader = (struct blox_log_reader){0};
        put(large);
        assert_true(blox_log_ring_read(&ring, &reader, &read, &lost));
        assert_true(read.message.size % 2 == 0 && read.message.size > 0);
        assert_true(read.message.size <= capacity / 2);
    }
}

static uint32_t number_of(struct blox_span message) {
    char text[61] = {0};
    memcpy(text, message.data, message.size < 60 ? message.size : 60);
    return (uint32_t)atoi(text);
}

// Three readers at different paces see the records in order, none twice, and
// are told exactly how many they lost.
static void readers_lose_only_what_they_are_told(void **state) {
    (void)state;
    srand(3);
    for (uint32_t capacity = 64; capacity < 400; capacity += 3) {
        struct blox_log_reader readers[3] = {0};
        uint32_t expected[3] = {0};
        start(capacity, capacity % 7);
        for (uint32_t n = 0; n < 600; ++n) {
            char message[60];
            snprintf(message, sizeof message, "%u%.*s", n, rand() % 50,
                     "--------------------------------------------------");
            put(message);
            for (int r = 0; r < 3; ++r) {
                struct blox_log_record read;
                uint32_t lost;
                bool begun = readers[r].started;
                while (rand() % (2 + 7 * r) == 0 &&
                       blox_log_ring_read(&ring, &readers[r], &read, &lost)) {
                    uint32_t number = number_of(read.message);
                    assert_int_equal(number,
                                     begun ? expected[r] + lost : number);
                    assert_true(begun || lost == 0);
                    begun = true;
                    expected[r] = number + 1;
                }
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_comes_out_as_it_went_in),
        cmocka_unit_test(bounds_of_the_size_are_kept),
        cmocka_unit_test(no_more_records_than_wanted_are_kept),
        cmocka_unit_test(a_reader_that_begins_now_sees_what_comes),
        cmocka_unit_test(a_large_message_is_cut_between_characters),
        cmocka_unit_test(readers_lose_only_what_they_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
