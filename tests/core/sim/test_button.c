// SPDX-License-Identifier: MIT
// A button, and the voltage at a pin.
#include "sim/analog.h"
#include "sim/button.h"

#include "tests/core/test.h"

enum { PIN = 4 };

static struct sim_world world;
static struct sim_button button;
static int changes;

static void count(void *context, int wire, bool level) {
    (void)context;
    (void)wire;
    (void)level;
    changes++;
}

static int power_on(void **state) {
    (void)state;
    memset(&world, 0, sizeof(world));
    memset(&button, 0, sizeof(button));
    sim_device_init(&button.device, &sim_button, &world, "button");
    button.pin = PIN;
    button.pressed.count = 2;
    button.pressed.spans[0].from = 1;
    button.pressed.spans[0].to = 2;
    button.pressed.spans[1].from = 3;
    button.pressed.spans[1].to = 3.5;
    sim_wires_pull(&world.wires, PIN, SIM_PULL_UP);
    return 0;
}

static void start(void) {
    assert_null(sim_device_start(&button.device));
    sim_wires_watch(&world.wires, PIN, count, NULL);
    changes = 0;
}

static bool level_at(unsigned ms) {
    sim_clock_run(&world.clock, (uint64_t)ms * SIM_MS);
    return sim_wires_level(&world.wires, PIN);
}

static void it_is_pressed_for_its_spans(void **state) {
    (void)state;
    start();
    assert_true(level_at(999));
    assert_false(level_at(1001));
    assert_false(level_at(1999));
    assert_true(level_at(2001));
    assert_false(level_at(3001));
    assert_true(level_at(9000));
    assert_int_equal(changes, 4);
}

static void it_bounces_and_settles(void **state) {
    (void)state;
    button.bounce = 3;
    start();
    assert_false(level_at(1100));
    assert_int_equal(changes, 7);
    assert_true(level_at(2100));
    assert_int_equal(changes, 14);
}

static void a_hand_presses_it(void **state) {
    (void)state;
    start();
    button.held = 1;
    sim_device_set_faults(&button.device, 0, 0);
    assert_false(level_at(10));
    button.held = 0;
    sim_device_set_faults(&button.device, 0, 0);
    assert_true(level_at(20));
}

static void unplugged_it_does_nothing(void **state) {
    (void)state;
    start();
    sim_device_set_faults(&button.device, SIM_FAULT_UNPLUGGED, 0);
    assert_true(level_at(1500));
    sim_device_set_faults(&button.device, 0, SIM_FAULT_UNPLUGGED);
    assert_false(level_at(1600));
}

static void a_pin_has_its_voltage_or_its_level(void **state) {
    (void)state;
    static struct sim_analog light;
    memset(&light, 0, sizeof(light));
    sim_device_init(&light.device, &sim_analog, &world, "light");
    light.pin = 34;
    sim_source_constant(&light.volts, 1.25);
    assert_true(sim_analog_volts(&world, 34) < 0.01);
    assert_null(sim_device_start(&light.device));
    assert_true(sim_analog_volts(&world, 34) > 1.24);
    assert_true(sim_analog_volts(&world, PIN) > 3.2); // the pull-up
    sim_device_set_faults(&light.device, SIM_FAULT_UNPLUGGED, 0);
    assert_true(sim_analog_volts(&world, 34) < 0.01);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_is_pressed_for_its_spans, power_on),
        cmocka_unit_test_setup(it_bounces_and_settles, power_on),
        cmocka_unit_test_setup(a_hand_presses_it, power_on),
        cmocka_unit_test_setup(unplugged_it_does_nothing, power_on),
        cmocka_unit_test_setup(a_pin_has_its_voltage_or_its_level, power_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
