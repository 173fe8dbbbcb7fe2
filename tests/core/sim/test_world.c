// SPDX-License-Identifier: MIT
// Clock, wires and sources: what every device stands on.
#include "sim/device.h"

#include "tests/core/test.h"

static struct sim_clock sim;
static int order[8];
static int rung;

static void note(void *context) {
    order[rung++] = (int)(intptr_t)context;
}

static struct sim_alarm alarm_of(int number) {
    return (struct sim_alarm){.ring = note,
                              .context = (void *)(intptr_t)number};
}

static int forget(void **state) {
    (void)state;
    memset(&sim, 0, sizeof(sim));
    rung = 0;
    return 0;
}

static void alarms_ring_in_order_of_time_then_of_setting(void **state) {
    (void)state;
    struct sim_alarm one = alarm_of(1);
    struct sim_alarm two = alarm_of(2);
    struct sim_alarm three = alarm_of(3);
    sim_alarm_set(&sim, &one, 20, 0);
    sim_alarm_set(&sim, &two, 10, 0);
    sim_alarm_set(&sim, &three, 20, 0);
    assert_int_equal(sim_clock_next(&sim), 10);
    sim_clock_run(&sim, 19);
    assert_int_equal(rung, 1);
    sim_clock_run(&sim, 20);
    assert_int_equal(rung, 3);
    assert_int_equal(order[0], 2);
    assert_int_equal(order[1], 1);
    assert_int_equal(order[2], 3);
    assert_true(sim_clock_next(&sim) == SIM_NEVER);
}

static void a_period_neither_drifts_nor_skips(void **state) {
    (void)state;
    struct sim_alarm one = alarm_of(1);
    sim_alarm_set(&sim, &one, 7, 7);
    sim_clock_run(&sim, 6);
    sim_clock_run(&sim, 50);
    assert_int_equal(rung, 7);
    assert_int_equal(sim_clock_next(&sim), 56);
    sim_alarm_stop(&sim, &one);
    sim_clock_run(&sim, 500);
    assert_int_equal(rung, 7);
    assert_int_equal(sim.now, 500);
}

static void an_alarm_set_anew_rings_once(void **state) {
    (void)state;
    struct sim_alarm one = alarm_of(1);
    sim_alarm_set(&sim, &one, 5, 0);
    sim_alarm_set(&sim, &one, 9, 0);
    sim_clock_run(&sim, 100);
    assert_int_equal(rung, 1);
}

static void the_clock_does_not_go_back(void **state) {
    (void)state;
    sim_clock_run(&sim, 100);
    sim_clock_run(&sim, 50);
    assert_int_equal(sim.now, 100);
}

static void a_wire_is_low_where_one_drives_low(void **state) {
    (void)state;
    struct sim_wires wires = {0};
    int other = sim_wires_driver(&wires, 4);
    assert_int_equal(other, 1);
    assert_false(sim_wires_level(&wires, 4));
    sim_wires_drive(&wires, 4, SIM_PROCESSOR, SIM_HIGH);
    assert_true(sim_wires_level(&wires, 4));
    sim_wires_drive(&wires, 4, other, SIM_LOW);
    assert_false(sim_wires_level(&wires, 4));
    sim_wires_drive(&wires, 4, other, SIM_RELEASE);
    assert_true(sim_wires_level(&wires, 4));
}

static void a_pull_holds_what_nobody_drives(void **state) {
    (void)state;
    struct sim_wires wires = {0};
    sim_wires_pull(&wires, 4, SIM_PULL_UP);
    assert_true(sim_wires_level(&wires, 4));
    sim_wires_resistor(&wires, 4, SIM_PULL_DOWN);
    assert_false(sim_wires_level(&wires, 4));
    sim_wires_drive(&wires, 4, SIM_PROCESSOR, SIM_HIGH);
    assert_true(sim_wires_level(&wires, 4));
}

static int changes;

static void count_changes(void *context, int wire, bool level) {
    assert_ptr_equal(context, &changes);
    assert_int_equal(wire, 4);
    changes += level ? 1 : 100;
}

static void watchers_hear_of_changes_only(void **state) {
    (void)state;
    struct sim_wires wires = {0};
    changes = 0;
    assert_true(sim_wires_watch(&wires, 4, count_changes, &changes));
    sim_wires_drive(&wires, 4, SIM_PROCESSOR, SIM_LOW);
    sim_wires_drive(&wires, 4, SIM_PROCESSOR, SIM_HIGH);
    sim_wires_pull(&wires, 4, SIM_PULL_UP);
    sim_wires_drive(&wires, 4, SIM_PROCESSOR, SIM_LOW);
    assert_int_equal(changes, 101);
}

static void a_wire_has_so_many_drivers_and_watchers(void **state) {
    (void)state;
    struct sim_wires wires = {0};
    for (int i = 1; i < SIM_WIRE_DRIVERS; i++) {
        assert_int_equal(sim_wires_driver(&wires, 0), i);
    }
    assert_int_equal(sim_wires_driver(&wires, 0), -1);
    for (int i = 0; i < SIM_WIRE_WATCHERS; i++) {
        assert_true(sim_wires_watch(&wires, 0, count_changes, &changes));
    }
    assert_false(sim_wires_watch(&wires, 0, count_changes, &changes));
}

// In thousandths, at so many milliseconds.
static int at(const struct sim_source *source, uint64_t ms) {
    double value = sim_source_at(source, ms * SIM_MS) * 1000;
    return (int)(value < 0 ? value - 0.5 : value + 0.5);
}

static void a_ramp_ends_and_a_saw_does_not(void **state) {
    (void)state;
    struct sim_source ramp = {
        .kind = SIM_RAMP, .seconds = 2, .points = {{0, 1}, {0, 3}}};
    assert_int_equal(at(&ramp, 0), 1000);
    assert_int_equal(at(&ramp, 500), 1500);
    assert_int_equal(at(&ramp, 2500), 3000);
    ramp.kind = SIM_SAW;
    assert_int_equal(at(&ramp, 2500), 1500);
}

static void a_sine_swings_around_its_middle(void **state) {
    (void)state;
    struct sim_source sine = {
        .kind = SIM_SINE, .seconds = 4, .amplitude = 2, .points = {{0, 5}}};
    assert_int_equal(at(&sine, 0), 5000);
    assert_int_equal(at(&sine, 1000), 7000);
    assert_int_equal(at(&sine, 2000), 5000);
    assert_int_equal(at(&sine, 3000), 3000);
}

static void a_table_steps_and_lines_do_not(void **state) {
    (void)state;
    struct sim_source table = {
        .kind = SIM_TABLE, .count = 3, .points = {{1, 10}, {2, 20}, {4, 0}}};
    assert_int_equal(at(&table, 0), 10000);
    assert_int_equal(at(&table, 1999), 10000);
    assert_int_equal(at(&table, 3000), 20000);
    assert_int_equal(at(&table, 9000), 0);
    table.kind = SIM_LINES;
    assert_int_equal(at(&table, 0), 10000);
    assert_int_equal(at(&table, 1500), 15000);
    assert_int_equal(at(&table, 3000), 10000);
    assert_int_equal(at(&table, 9000), 0);
}

static void faults_have_words(void **state) {
    (void)state;
    for (unsigned i = 0; i < SIM_FAULTS; i++) {
        assert_int_equal(sim_fault_find(sim_fault_name(1u << i)), 1u << i);
    }
    assert_int_equal(sim_fault_find("hunger"), 0);
    assert_null(sim_kind_find("hunger"));
    assert_non_null(sim_kind_find("htu21d"));
    assert_non_null(strstr(sim_kind_names(), "sn74hc595"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(alarms_ring_in_order_of_time_then_of_setting,
                               forget),
        cmocka_unit_test_setup(a_period_neither_drifts_nor_skips, forget),
        cmocka_unit_test_setup(an_alarm_set_anew_rings_once, forget),
        cmocka_unit_test_setup(the_clock_does_not_go_back, forget),
        cmocka_unit_test(a_wire_is_low_where_one_drives_low),
        cmocka_unit_test(a_pull_holds_what_nobody_drives),
        cmocka_unit_test(watchers_hear_of_changes_only),
        cmocka_unit_test(a_wire_has_so_many_drivers_and_watchers),
        cmocka_unit_test(a_ramp_ends_and_a_saw_does_not),
        cmocka_unit_test(a_sine_swings_around_its_middle),
        cmocka_unit_test(a_table_steps_and_lines_do_not),
        cmocka_unit_test(faults_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
