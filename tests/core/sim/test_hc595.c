// SPDX-License-Identifier: MIT
#include "sim/hc595.h"

#include "tests/core/test.h"

enum { SER = 1, SRCLK = 2, RCLK = 3, OE = 4, SRCLR = 5 };

static struct sim_world world;
static struct sim_hc595 chain;

static void drive(int wire, bool level) {
    sim_wires_drive(&world.wires, wire, SIM_PROCESSOR,
                    level ? SIM_HIGH : SIM_LOW);
}

static void pulse(int wire) {
    drive(wire, true);
    drive(wire, false);
}

static void shift(unsigned value, int bits) {
    for (int i = bits - 1; i >= 0; i--) {
        drive(SER, value >> i & 1);
        pulse(SRCLK);
    }
}

static void power_on(int chips) {
    memset(&world, 0, sizeof(world));
    memset(&chain, 0, sizeof(chain));
    sim_device_init(&chain.device, &sim_hc595, &world, "lamps");
    chain.ser = SER;
    chain.srclk = SRCLK;
    chain.rclk = RCLK;
    chain.oe = OE;
    chain.srclr = SRCLR;
    chain.chips = chips;
    drive(SRCLR, true);
    assert_null(sim_device_start(&chain.device));
}

static void outputs_change_at_the_latch(void **state) {
    (void)state;
    power_on(1);
    shift(0xa5, 8);
    assert_int_equal(chain.outputs, 0);
    pulse(RCLK);
    assert_int_equal(chain.outputs, 0xa5);
    assert_int_equal(chain.latches, 1);
}

static void the_first_bit_in_is_the_last_output(void **state) {
    (void)state;
    power_on(2);
    shift(1, 1);
    shift(0, 15);
    pulse(RCLK);
    assert_int_equal(chain.outputs, 0x8000);
    shift(0, 1); // and it falls out
    pulse(RCLK);
    assert_int_equal(chain.outputs, 0);
}

static void clearing_spares_the_outputs(void **state) {
    (void)state;
    power_on(1);
    shift(0xff, 8);
    pulse(RCLK);
    drive(SRCLR, false);
    shift(0xff, 8); // while it is low nothing is shifted
    assert_int_equal(chain.outputs, 0xff);
    drive(SRCLR, true);
    pulse(RCLK);
    assert_int_equal(chain.outputs, 0);
}

static void output_enable_is_active_low(void **state) {
    (void)state;
    power_on(1);
    assert_true(sim_hc595_enabled(&chain));
    drive(OE, true);
    assert_false(sim_hc595_enabled(&chain));
}

static void eight_chips_keep_64_bits(void **state) {
    (void)state;
    power_on(8);
    shift(0x01234567, 32);
    shift(0x89abcdef, 32);
    pulse(RCLK);
    assert_true(chain.outputs == 0x0123456789abcdef);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_change_at_the_latch),
        cmocka_unit_test(the_first_bit_in_is_the_last_output),
        cmocka_unit_test(clearing_spares_the_outputs),
        cmocka_unit_test(output_enable_is_active_low),
        cmocka_unit_test(eight_chips_keep_64_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
