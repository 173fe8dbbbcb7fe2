// SPDX-License-Identifier: MIT
#include "core/mqtt/keep.h"

#include "tests/core/storage_ram.h"
#include "tests/core/test.h"

enum { ROOM = 6, STEPS = 40, BIG = 3000 };

static struct storage_ram ram;
static struct mqtt_kept entries[ROOM];
static struct mqtt_keep keep;

static void boot(void) {
    struct mqtt_keep_config config = {&ram.ops, "/keep", "/keep.new", entries,
                                      ROOM};
    blox_mqtt_keep_init(&keep, &config);
}

static int setup(void **state) {
    (void)state;
    storage_ram_init(&ram);
    boot();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    assert_int_equal(ram.open_files, 0);
    storage_ram_free(&ram);
    return 0;
}

// Message n has a topic and a payload that tell it.
static int add(uint8_t n, size_t size, uint32_t *number) {
    static uint8_t payload[BIG];
    memset(payload, n, size);
    uint8_t topic[2] = {'t', n};
    return blox_mqtt_keep_add(&keep, blox_span(topic, 2),
                              blox_span(payload, size), n, number);
}

// The messages that are there: n of each, in order. Checks every byte.
static size_t list(uint8_t *found) {
    static uint8_t bytes[BIG + 2];
    for (uint32_t i = 0; i < keep.count; ++i) {
        struct mqtt_keep_record record;
        assert_int_equal(blox_mqtt_keep_read(&keep, i, &record), BLOX_OK);
        assert_int_equal(blox_mqtt_keep_read_bytes(&keep, i, bytes), BLOX_OK);
        assert_int_equal(record.topic_size, 2);
        assert_int_equal(bytes[1], record.flags);
        for (uint32_t j = 0; j < record.payload_size; ++j) {
            assert_int_equal(bytes[2 + j], record.flags);
        }
        found[i] = record.flags;
    }
    return keep.count;
}

static void is_there_after_a_reset_until_it_is_done(void **state) {
    (void)state;
    uint32_t numbers[3];
    uint8_t found[ROOM];
    for (uint8_t n = 0; n < 3; ++n) {
        assert_int_equal(add(n, n * 10u, &numbers[n]), BLOX_OK);
    }
    assert_int_equal(blox_mqtt_keep_done(&keep, numbers[1]), BLOX_OK);
    boot();
    assert_int_equal(blox_mqtt_keep_load(&keep), BLOX_OK);
    assert_int_equal(list(found), 2);
    assert_int_equal(found[0], 0);
    assert_int_equal(found[1], 2);
    assert_int_equal(blox_mqtt_keep_done(&keep, 77), BLOX_OK);
    assert_int_equal(blox_mqtt_keep_done(&keep, numbers[0]), BLOX_OK);
    assert_int_equal(blox_mqtt_keep_done(&keep, numbers[2]), BLOX_OK);
    assert_null(storage_ram_get(&ram, "/keep"));
}

static void has_no_more_than_its_room(void **state) {
    (void)state;
    uint32_t number;
    for (uint8_t n = 0; n < ROOM; ++n) {
        assert_int_equal(add(n, 1, &number), BLOX_OK);
    }
    assert_int_equal(add(ROOM, 1, &number), BLOX_ERROR_LIMIT);
}

static void the_file_does_not_grow_for_ever(void **state) {
    (void)state;
    uint32_t last, number;
    assert_int_equal(add(0, 10, &last), BLOX_OK);
    for (int i = 0; i < 200; ++i) {
        assert_int_equal(add((uint8_t)i, 100, &number), BLOX_OK);
        assert_int_equal(blox_mqtt_keep_done(&keep, last), BLOX_OK);
        last = number;
        assert_true(storage_ram_get(&ram, "/keep")->size <
                    BLOX_MQTT_KEEP_WASTE + 500);
    }
}

// Every bit of a file turned, and every length of it: what comes before the
// damage counts, and the next message goes into a sound file.
static void damage_costs_what_comes_behind_it(void **state) {
    (void)state;
    uint32_t number;
    uint8_t found[ROOM];
    for (uint8_t n = 0; n < 3; ++n) {
        assert_int_equal(add(n, 5, &number), BLOX_OK);
    }
    struct storage_ram_file whole = *storage_ram_get(&ram, "/keep");
    uint8_t bytes[200];
    memcpy(bytes, whole.data, whole.size);
    size_t size = whole.size;
    for (size_t i = 0; i < size * 9; ++i) {
        size_t at = i < size * 8 ? i / 8 : i - size * 8;
        bytes[at] ^= i < size * 8 ? (uint8_t)(1u << i % 8) : 0;
        storage_ram_put(&ram, "/keep", bytes, i < size * 8 ? size : at);
        bytes[at] ^= i < size * 8 ? (uint8_t)(1u << i % 8) : 0;
        boot();
        assert_int_equal(blox_mqtt_keep_load(&keep), BLOX_OK);
        assert_int_equal(list(found), at / (size / 3));
        assert_int_equal(add(9, 5, &number), BLOX_OK);
        boot();
        assert_int_equal(blox_mqtt_keep_load(&keep), BLOX_OK);
        assert_int_equal(list(found), at / (size / 3) + 1);
        assert_int_equal(found[at / (size / 3)], 9);
    }
}

// One run of adds and dones; the power goes at write `cut`, or a write fails.
// Afterwards all that was promised and is not done is there, in order; besides
// at most the one message that was under way.
static bool run(uint32_t cut, uint32_t fail) {
    bool promised[STEPS] = {false};
    uint32_t numbers[STEPS] = {0};
    int under_way = -1;
    ram.cut_at = cut;
    ram.fail_at = fail;
    ram.fail_with = BLOX_ERROR_FULL;
    for (int n = 0; n < STEPS && !ram.off; ++n) {
        under_way = n;
        promised[n] =
            add((uint8_t)n, n % 5 == 0 ? BIG : 7, &numbers[n]) == BLOX_OK;
        if (n >= 3 && promised[n - 3] && !ram.off) {
            under_way = n - 3;
            promised[n - 3] = false;
            (void)blox_mqtt_keep_done(&keep, numbers[n - 3]);
        }
    }
    bool hit = ram.off || (fail > 0 && ram.operations >= fail);
    storage_ram_boot(&ram);
    boot();
    assert_int_equal(blox_mqtt_keep_load(&keep), BLOX_OK);
    uint8_t found[ROOM];
    size_t count = list(found);
    size_t i = 0;
    for (int n = 0; n < STEPS; ++n) {
        bool there = i < count && found[i] == n;
        assert_true(there || !promised[n]);
        assert_true(!there || promised[n] || n == under_way || fail > 0);
        i += there;
    }
    assert_int_equal(i, count);
    return hit;
}

static void no_power_cut_loses_a_promise(void **state) {
    (void)state;
    uint32_t cut = 1;
    for (bool hit = true; hit; ++cut) {
        hit = run(cut, 0);
        storage_ram_free(&ram);
        storage_ram_init(&ram);
        boot();
    }
    assert_true(cut > 100);
}

static void no_failed_operation_loses_a_promise(void **state) {
    (void)state;
    uint32_t fail = 1;
    for (bool hit = true; hit; ++fail) {
        hit = run(0, fail);
        storage_ram_free(&ram);
        storage_ram_init(&ram);
        boot();
    }
    assert_true(fail > 200);
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(is_there_after_a_reset_until_it_is_done),
        TEST(has_no_more_than_its_room),
        TEST(the_file_does_not_grow_for_ever),
        TEST(damage_costs_what_comes_behind_it),
        TEST(no_power_cut_loses_a_promise),
        TEST(no_failed_operation_loses_a_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
