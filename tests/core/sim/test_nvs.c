// SPDX-License-Identifier: MIT
#include "sim/nvs.h"

#include <stdio.h>

#include "tests/core/test.h"

enum { PAGES = 6, CHIP = PAGES * SIM_FLASH_SECTOR };

static uint8_t memory[CHIP];
static struct sim_flash flash;
static struct sim_nvs nvs;
static char sweep_id[64]; // the case of a sweep, empty outside of one

// The store over the memory as it is, as after a reset.
static void boot(void) {
    sim_flash_init(&flash, memory, sizeof(memory));
    assert_int_equal(sim_nvs_init(&nvs, &flash, 0, PAGES), SIM_NVS_OK);
}

static uint8_t new_store(void) {
    uint8_t space;
    memset(memory, 0xff, sizeof(memory));
    boot();
    assert_int_equal(sim_nvs_open(&nvs, "test", &space), SIM_NVS_OK);
    return space;
}

static int32_t number(uint8_t space, const char *key) {
    int32_t value = -1;
    assert_int_equal(sim_nvs_get_i32(&nvs, space, key, &value), SIM_NVS_OK);
    return value;
}

static void values_survive_a_reset(void **state) {
    (void)state;
    uint8_t space = new_store();
    char read[8] = "";
    size_t size = sizeof(read);
    assert_int_equal(sim_nvs_set_i32(&nvs, space, "n", -7), SIM_NVS_OK);
    assert_int_equal(sim_nvs_set_blob(&nvs, space, "b", "hello", 5),
                     SIM_NVS_OK);
    boot();
    assert_int_equal(sim_nvs_open(&nvs, "test", &space), SIM_NVS_OK);
    assert_int_equal(number(space, "n"), -7);
    assert_int_equal(sim_nvs_get_blob(&nvs, space, "b", read, &size),
                     SIM_NVS_OK);
    assert_int_equal(size, 5);
    assert_string_equal(read, "hello");
}

static void namespaces_keep_keys_apart(void **state) {
    (void)state;
    uint8_t one = new_store();
    uint8_t two;
    assert_int_equal(sim_nvs_open(&nvs, "other", &two), SIM_NVS_OK);
    assert_int_not_equal(one, two);
    sim_nvs_set_i32(&nvs, one, "n", 1);
    sim_nvs_set_i32(&nvs, two, "n", 2);
    assert_int_equal(number(one, "n"), 1);
    assert_int_equal(number(two, "n"), 2);
}

static void a_key_has_one_value_of_the_last_type(void **state) {
    (void)state;
    uint8_t space = new_store();
    int32_t value;
    sim_nvs_set_i32(&nvs, space, "k", 1);
    sim_nvs_set_blob(&nvs, space, "k", "x", 1);
    assert_int_equal(sim_nvs_get_i32(&nvs, space, "k", &value),
                     SIM_NVS_NOT_FOUND);
}

static void errors_are_those_of_esp_idf(void **state) {
    (void)state;
    static const char long_key[] = "sixteen_letters_";
    static uint8_t big[SIM_NVS_BLOB + 1];
    uint8_t space = new_store();
    int32_t value;
    char small[2];
    size_t size = sizeof(small);
    assert_int_equal(sim_nvs_get_i32(&nvs, space, "n", &value),
                     SIM_NVS_NOT_FOUND);
    assert_int_equal(sim_nvs_erase_key(&nvs, space, "n"), SIM_NVS_NOT_FOUND);
    assert_int_equal(sim_nvs_set_i32(&nvs, space, long_key, 1),
                     SIM_NVS_KEY_TOO_LONG);
    assert_int_equal(sim_nvs_open(&nvs, long_key, &space),
                     SIM_NVS_KEY_TOO_LONG);
    assert_int_equal(sim_nvs_open(&nvs, "", &space), SIM_NVS_INVALID_NAME);
    assert_int_equal(sim_nvs_set_blob(&nvs, space, "b", big, sizeof(big)),
                     SIM_NVS_VALUE_TOO_LONG);
    sim_nvs_set_blob(&nvs, space, "b", "abc", 3);
    assert_int_equal(sim_nvs_get_blob(&nvs, space, "b", small, &size),
                     SIM_NVS_INVALID_LENGTH);
    assert_int_equal(size, 3);
}

static void an_erased_key_is_gone(void **state) {
    (void)state;
    uint8_t space = new_store();
    int32_t value;
    sim_nvs_set_i32(&nvs, space, "n", 1);
    sim_nvs_set_i32(&nvs, space, "n", 2);
    assert_int_equal(sim_nvs_erase_key(&nvs, space, "n"), SIM_NVS_OK);
    assert_int_equal(sim_nvs_erase_key(&nvs, space, "n"), SIM_NVS_NOT_FOUND);
    boot();
    assert_int_equal(sim_nvs_get_i32(&nvs, space, "n", &value),
                     SIM_NVS_NOT_FOUND);
}

static void the_same_value_costs_no_write(void **state) {
    (void)state;
    uint8_t space = new_store();
    sim_nvs_set_i32(&nvs, space, "n", 1);
    sim_nvs_set_blob(&nvs, space, "b", "abc", 3);
    uint64_t operations = flash.operations;
    sim_nvs_set_i32(&nvs, space, "n", 1);
    sim_nvs_set_blob(&nvs, space, "b", "abc", 3);
    assert_int_equal(flash.operations, operations);
}

static void writing_goes_on_for_ever(void **state) {
    (void)state;
    uint8_t space = new_store();
    sim_nvs_set_i32(&nvs, space, "still", 42);
    for (int32_t i = 0; i < 5000; i++) {
        assert_int_equal(sim_nvs_set_i32(&nvs, space, "n", i), SIM_NVS_OK);
    }
    boot();
    assert_int_equal(number(space, "n"), 4999);
    assert_int_equal(number(space, "still"), 42);
    assert_true(flash.erases + 5000 / 126 >= 30);
}

static void a_full_store_says_so_and_keeps_all(void **state) {
    (void)state;
    uint8_t space = new_store();
    char key[16];
    int32_t count = 0;
    int error = SIM_NVS_OK;
    while (error == SIM_NVS_OK) {
        snprintf(key, sizeof(key), "key%d", (int)count);
        error = sim_nvs_set_i32(&nvs, space, key, count);
        count += error == SIM_NVS_OK;
    }
    assert_int_equal(error, SIM_NVS_NOT_ENOUGH_SPACE);
    // One entry is the namespace's.
    assert_int_equal(count, (PAGES - 1) * 126 - 1);
    boot();
    for (int32_t i = 0; i < count; i++) {
        snprintf(key, sizeof(key), "key%d", (int)i);
        assert_int_equal(number(space, key), i);
    }
    assert_int_equal(sim_nvs_erase_key(&nvs, space, "key0"), SIM_NVS_OK);
    boot();
    assert_int_equal(sim_nvs_set_i32(&nvs, space, "again", 1), SIM_NVS_OK);
    assert_int_equal(number(space, "again"), 1);
    assert_int_equal(sim_nvs_set_i32(&nvs, space, "more", 1),
                     SIM_NVS_NOT_ENOUGH_SPACE);
}

// What the sweep below does, over and over: step i sets a number (or, each
// seventh time, erases it) and a blob. Returns the last step that was done.
static int32_t run_steps(uint8_t space, int32_t first, int32_t last) {
    int32_t done = first - 1;
    for (int32_t i = first; i <= last && !flash.dead; i++) {
        uint8_t blob[100];
        memset(blob, i, sizeof(blob));
        int error = i % 7 == 0 ? sim_nvs_erase_key(&nvs, space, "gone")
                               : sim_nvs_set_i32(&nvs, space, "gone", i);
        if (error == SIM_NVS_OK) {
            error = sim_nvs_set_blob(&nvs, space, "b", blob, sizeof(blob));
        }
        if (error == SIM_NVS_OK && !flash.dead) {
            done = i;
        }
    }
    return done;
}

// Each value is that of the last step done or of the one power went in.
static void check_after_cut(uint8_t space, int32_t done) {
    uint8_t blob[100];
    size_t size = sizeof(blob);
    int32_t value;
    uint8_t again;
    assert_int_equal(sim_nvs_open(&nvs, "test", &again), SIM_NVS_OK);
    assert_int_equal(again, space);
    assert_int_equal(number(space, "still"), 42);
    assert_int_equal(sim_nvs_get_blob(&nvs, space, "b", blob, &size),
                     SIM_NVS_OK);
    assert_true(blob[0] == (uint8_t)done || blob[0] == (uint8_t)(done + 1));
    assert_memory_equal(blob, blob + 1, sizeof(blob) - 1);
    if (sim_nvs_get_i32(&nvs, space, "gone", &value) == SIM_NVS_OK) {
        assert_true(value == done || value == done + 1);
    } else {
        assert_true(done % 7 == 0 || (done + 1) % 7 == 0);
    }
    assert_int_equal(sim_nvs_set_i32(&nvs, space, "after", 1), SIM_NVS_OK);
    assert_int_equal(number(space, "after"), 1);
}

// Every operation of a run, torn after none, a part, and all of its bytes. The
// run starts in a store that has been round all its pages.
static void every_power_cut_leaves_the_old_or_the_new(void **state) {
    (void)state;
    enum { FIRST = 201, LAST = 228 };
    static const size_t keeps[] = {0, 1, 5, 33, 2000};
    static uint8_t start[CHIP];
    uint8_t space = new_store();
    sim_nvs_set_i32(&nvs, space, "still", 42);
    assert_int_equal(run_steps(space, 1, FIRST - 1), FIRST - 1);
    memcpy(start, memory, CHIP);
    boot();
    assert_int_equal(run_steps(space, FIRST, LAST), LAST);
    uint64_t operations = flash.operations;
    assert_true(flash.erases >= 1);
    for (uint64_t i = 0; i < 5 * operations; i++) {
        memcpy(memory, start, CHIP);
        boot();
        flash.cut_at = 1 + i / 5;
        flash.cut_keep = keeps[i % 5];
        int32_t done = run_steps(space, FIRST, LAST);
        snprintf(sweep_id, sizeof(sweep_id), "cut_at %u cut_keep %u",
                 (unsigned)(1 + i / 5), (unsigned)keeps[i % 5]);
        boot();
        check_after_cut(space, done);
    }
    sweep_id[0] = '\0';
}

// Names the case that failed, to run it again.
static int print_sweep_id(void **state) {
    (void)state;
    if (sweep_id[0] != '\0') {
        print_message("failed at %s\n", sweep_id);
    }
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_survive_a_reset),
        cmocka_unit_test(namespaces_keep_keys_apart),
        cmocka_unit_test(a_key_has_one_value_of_the_last_type),
        cmocka_unit_test(errors_are_those_of_esp_idf),
        cmocka_unit_test(an_erased_key_is_gone),
        cmocka_unit_test(the_same_value_costs_no_write),
        cmocka_unit_test(writing_goes_on_for_ever),
        cmocka_unit_test(a_full_store_says_so_and_keeps_all),
        cmocka_unit_test_teardown(every_power_cut_leaves_the_old_or_the_new,
                                  print_sweep_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
