// SPDX-License-Identifier: MIT
// The model at the other end of a serial line, with the bytes of the
// protocol's own examples (V1.3, whose sensor is A160).
#include "sim/sds011.h"

#include <stdio.h>

#include "tests/core/test.h"

enum { TXD = 16, RXD = 17 };

static struct sim_world world;
static struct sim_sds011 sensor;
static struct sim_serial line;
static uint8_t heard[4096];
static size_t heard_size;

static void hear(void *context, uint8_t byte) {
    (void)context;
    heard[heard_size++ % sizeof(heard)] = byte;
}

static void pass_ms(uint64_t ms) {
    sim_clock_run(&world.clock, world.clock.now + ms * SIM_MS);
}

static int power_on(void **state) {
    (void)state;
    memset(&world, 0, sizeof(world));
    memset(&sensor, 0, sizeof(sensor));
    memset(&line, 0, sizeof(line));
    sim_device_init(&sensor.device, &sim_sds011, &world, "dust");
    sensor.txd = TXD;
    sensor.rxd = RXD;
    assert_null(sim_device_start(&sensor.device));
    line.world = &world;
    line.tx = RXD;
    line.rx = TXD;
    line.baud = 9600;
    line.receive = hear;
    sim_serial_start(&line);
    heard_size = 0;
    return 0;
}

// Sends a command with its data bytes 1 to 3, to any sensor. Returns how many
// bytes came back within 100 ms.
static size_t ask(uint8_t one, uint8_t two, uint8_t three) {
    uint8_t frame[19] = {0xaa, 0xb4, one, two, three};
    frame[15] = frame[16] = 0xff;
    frame[17] = (uint8_t)(one + two + three + 0xff + 0xff);
    frame[18] = 0xab;
    heard_size = 0;
    assert_int_equal(sim_serial_send(&line, frame, 19), 19);
    pass_ms(100);
    return heard_size;
}

static void assert_heard(const char *hex) {
    char text[3 * 10 + 1] = "";
    for (size_t i = 0; i < heard_size && i < 10; i++) {
        sprintf(text + 3 * i, "%02X ", heard[i]);
    }
    assert_string_equal(text, hex);
}

static void it_reports_every_second(void **state) {
    (void)state;
    // The protocol's example: D4 04 is 123.6, 3A 0A is 261.8.
    sim_source_constant(&sensor.pm2_5, 123.6);
    sim_source_constant(&sensor.pm10, 261.8);
    pass_ms(1000);
    assert_int_equal(heard_size, 0); // the first byte takes a millisecond
    pass_ms(11);
    assert_heard("AA C0 D4 04 3A 0A A1 60 1D AB ");
    pass_ms(10000);
    assert_int_equal(heard_size, 110);
}

static void commands_have_the_protocols_answers(void **state) {
    (void)state;
    ask(2, 1, 1);
    assert_heard("AA C5 02 01 01 00 A1 60 05 AB ");
    ask(2, 0, 0);
    assert_heard("AA C5 02 00 01 00 A1 60 04 AB ");
    ask(7, 0, 0);
    assert_heard("AA C5 07 0F 07 0A A1 60 28 AB ");
    ask(8, 1, 1);
    assert_heard("AA C5 08 01 01 00 A1 60 0B AB ");
    ask(8, 0, 0);
    assert_heard("AA C5 08 00 01 00 A1 60 0A AB ");
    ask(6, 1, 0);
    assert_heard("AA C5 06 01 00 00 A1 60 08 AB ");
}

static void asleep_it_hears_work_alone(void **state) {
    (void)state;
    assert_int_equal(ask(6, 1, 0), 10);
    assert_int_equal(ask(4, 0, 0), 0);
    assert_int_equal(ask(6, 0, 0), 0);
    assert_int_equal(ask(2, 1, 1), 0);
    pass_ms(5000);
    assert_int_equal(heard_size, 0);
    ask(6, 1, 1);
    assert_heard("AA C5 06 01 01 00 A1 60 09 AB ");
    heard_size = 0;
    pass_ms(2000);
    assert_int_equal(heard_size, 20);
}

static void in_query_mode_it_answers_only(void **state) {
    (void)state;
    ask(2, 1, 1);
    heard_size = 0;
    pass_ms(5000);
    assert_int_equal(heard_size, 0);
    assert_int_equal(ask(4, 0, 0), 10);
    assert_int_equal(heard[1], 0xc0);
}

static void a_period_is_30_seconds_of_work(void **state) {
    (void)state;
    ask(8, 1, 2);
    heard_size = 0;
    pass_ms(29800);
    assert_int_equal(heard_size, 0);
    pass_ms(200);
    assert_int_equal(heard_size, 10);
    pass_ms(119000);
    assert_int_equal(heard_size, 10);
    pass_ms(1000);
    assert_int_equal(heard_size, 20);
}

static void other_sensors_commands_are_not_its_own(void **state) {
    (void)state;
    uint8_t frame[19] = {0xaa, 0xb4, 7};
    frame[15] = 0x12;
    frame[16] = 0x34;
    frame[17] = 7 + 0x12 + 0x34;
    frame[18] = 0xab;
    sim_serial_send(&line, frame, 19);
    pass_ms(100);
    assert_int_equal(heard_size, 0);
    sensor.number = 0x1234;
    sim_serial_send(&line, frame, 19);
    pass_ms(100);
    assert_int_equal(heard_size, 10);
}

static void damaged_commands_are_dropped(void **state) {
    (void)state;
    uint8_t frame[19] = {0xaa, 0xb4, 7};
    frame[15] = frame[16] = 0xff;
    frame[17] = 4; // 5 would be right
    frame[18] = 0xab;
    sim_serial_send(&line, frame, 19);
    pass_ms(100);
    assert_int_equal(heard_size, 0);
    frame[17] = 5;
    sim_serial_send(&line, frame, 3); // half a frame before a whole one
    pass_ms(10);
    assert_int_equal(ask(7, 0, 0), 0);
    assert_int_equal(ask(7, 0, 0), 10);
}

static void the_id_can_be_set_and_outlives_the_supply(void **state) {
    (void)state;
    uint8_t frame[19] = {0xaa, 0xb4, 5};
    frame[13] = 0xa0;
    frame[14] = 0x01;
    frame[15] = 0xa1;
    frame[16] = 0x60;
    frame[17] = 0xa7;
    frame[18] = 0xab;
    sim_serial_send(&line, frame, 19);
    pass_ms(100);
    assert_heard("AA C5 05 00 00 00 A0 01 A6 AB "); // the protocol's example
    sim_device_set_faults(&sensor.device, SIM_FAULT_UNPLUGGED, 0);
    assert_int_equal(ask(7, 0, 0), 0);
    sim_device_set_faults(&sensor.device, 0, SIM_FAULT_UNPLUGGED);
    assert_int_equal(ask(7, 0, 0), 10);
    assert_int_equal(heard[6], 0xa0);
}

static void faults_show_on_the_line(void **state) {
    (void)state;
    ask(2, 1, 1); // no reports in between
    sim_device_set_faults(&sensor.device, SIM_FAULT_CHECKSUM, 0);
    ask(7, 0, 0);
    assert_heard("AA C5 07 0F 07 0A A1 60 29 AB ");
    sim_device_set_faults(&sensor.device, SIM_FAULT_NOISE, SIM_FAULT_CHECKSUM);
    heard_size = 0;
    pass_ms(500);
    assert_in_range(heard_size, 60, 90);
    sim_device_set_faults(&sensor.device, SIM_FAULT_SLOW, SIM_FAULT_NOISE);
    pass_ms(10); // what was on its way
    assert_int_equal(ask(7, 0, 0), 0);
    pass_ms(3000);
    assert_int_equal(heard_size, 10);
}

static void another_rate_is_not_understood(void **state) {
    (void)state;
    line.baud = 19200;
    assert_int_equal(ask(7, 0, 0), 0);
    pass_ms(1000);
    assert_int_equal(heard_size, 10);
    assert_int_not_equal(heard[0], 0xaa);
    line.baud = 9700; // within what a UART tolerates
    assert_int_equal(ask(7, 0, 0), 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_reports_every_second, power_on),
        cmocka_unit_test_setup(commands_have_the_protocols_answers, power_on),
        cmocka_unit_test_setup(asleep_it_hears_work_alone, power_on),
        cmocka_unit_test_setup(in_query_mode_it_answers_only, power_on),
        cmocka_unit_test_setup(a_period_is_30_seconds_of_work, power_on),
        cmocka_unit_test_setup(other_sensors_commands_are_not_its_own,
                               power_on),
        cmocka_unit_test_setup(damaged_commands_are_dropped, power_on),
        cmocka_unit_test_setup(the_id_can_be_set_and_outlives_the_supply,
                               power_on),
        cmocka_unit_test_setup(faults_show_on_the_line, power_on),
        cmocka_unit_test_setup(another_rate_is_not_understood, power_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
