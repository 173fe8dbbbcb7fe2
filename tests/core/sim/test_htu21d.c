// SPDX-License-Identifier: MIT
// The model on its wires, through the I2C controller that the board has.
#include "sim/htu21d.h"
#include "sim/i2c_controller.h"

#include "tests/core/test.h"

enum { ADDRESS = 0x40, SCL = 22, SDA = 21 };

static struct sim_world world;
static struct sim_htu21d sensor;
static struct sim_i2c_controller bus;

static void pass_ms(unsigned ms) {
    sim_clock_run(&world.clock, world.clock.now + (uint64_t)ms * SIM_MS);
}

static int power_on(void **state) {
    (void)state;
    memset(&world, 0, sizeof(world));
    memset(&sensor, 0, sizeof(sensor));
    sim_device_init(&sensor.device, &sim_htu21d, &world, "climate");
    sensor.scl = SCL;
    sensor.sda = SDA;
    assert_null(sim_device_start(&sensor.device));
    bus = (struct sim_i2c_controller){.world = &world,
                                      .scl = SCL,
                                      .sda = SDA,
                                      .hertz = 400000,
                                      .timeout = 13 * SIM_MS};
    sim_i2c_begin(&bus);
    pass_ms(15);
    return 0;
}

static enum sim_i2c_result write_bytes(const uint8_t *bytes, size_t size) {
    enum sim_i2c_result result = sim_i2c_start(&bus, ADDRESS, false);
    result = result == SIM_I2C_DONE ? sim_i2c_write(&bus, bytes, size) : result;
    return result == SIM_I2C_DONE ? sim_i2c_stop(&bus) : result;
}

static enum sim_i2c_result command(uint8_t code) {
    return write_bytes(&code, 1);
}

static enum sim_i2c_result read_bytes(uint8_t *bytes, size_t size) {
    enum sim_i2c_result result = sim_i2c_start(&bus, ADDRESS, true);
    result =
        result == SIM_I2C_DONE ? sim_i2c_read(&bus, bytes, size, true) : result;
    return result == SIM_I2C_DONE ? sim_i2c_stop(&bus) : result;
}

static int read_user(void) {
    uint8_t value = 0;
    assert_int_equal(command(0xe7), SIM_I2C_DONE);
    assert_int_equal(read_bytes(&value, 1), SIM_I2C_DONE);
    return value;
}

static void set_user(uint8_t value) {
    const uint8_t bytes[] = {0xe6, value};
    assert_int_equal(write_bytes(bytes, 2), SIM_I2C_DONE);
}

static void it_acknowledges_its_address_alone(void **state) {
    (void)state;
    for (unsigned address = 8; address < 0x78; address++) {
        int result = sim_i2c_start(&bus, (uint8_t)address, false);
        assert_int_equal(result,
                         address == ADDRESS ? SIM_I2C_DONE : SIM_I2C_NACK);
        if (result == SIM_I2C_DONE) {
            assert_int_equal(sim_i2c_stop(&bus), SIM_I2C_DONE);
        }
    }
}

// The data sheet's example: 0x683A is 24.7 degrees, its CRC is 0x7C.
static void a_measurement_has_the_data_sheets_code_and_crc(void **state) {
    (void)state;
    uint8_t bytes[3];
    sim_source_constant(&sensor.temperature,
                        -46.85 + 175.72 * 0x6838 / 65536.0);
    assert_int_equal(command(0xf3), SIM_I2C_DONE);
    pass_ms(50);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_DONE);
    assert_int_equal(bytes[0], 0x68);
    assert_int_equal(bytes[1], 0x38);
    sim_source_constant(&sensor.humidity, -6 + 125 * 0x4e84 / 65536.0);
    assert_int_equal(command(0xf5), SIM_I2C_DONE);
    pass_ms(16);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_DONE);
    assert_int_equal(bytes[0], 0x4e);
    assert_int_equal(bytes[1], 0x80 | 2); // 12 bits, and what it is
}

static void no_hold_does_not_acknowledge_until_it_is_done(void **state) {
    (void)state;
    uint8_t bytes[3];
    assert_int_equal(command(0xf3), SIM_I2C_DONE);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_NACK);
    pass_ms(48);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_NACK);
    pass_ms(2);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_DONE);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_NACK); // it is gone
}

static void hold_keeps_scl_low_until_it_is_done(void **state) {
    (void)state;
    uint8_t bytes[3];
    const uint8_t code = 0xe3;
    bus.timeout = 60 * SIM_MS;
    uint64_t began = world.clock.now;
    assert_int_equal(sim_i2c_start(&bus, ADDRESS, false), SIM_I2C_DONE);
    assert_int_equal(sim_i2c_write(&bus, &code, 1), SIM_I2C_DONE);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_DONE);
    assert_true(world.clock.now - began >= 50 * SIM_MS);
    assert_true(world.clock.now - began < 51 * SIM_MS);
}

static void a_hold_longer_than_the_timeout_fails_and_heals(void **state) {
    (void)state;
    const uint8_t code = 0xe3;
    uint8_t bytes[3];
    assert_int_equal(sim_i2c_start(&bus, ADDRESS, false), SIM_I2C_DONE);
    assert_int_equal(sim_i2c_write(&bus, &code, 1), SIM_I2C_DONE);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_TIMEOUT);
    pass_ms(60);
    assert_int_equal(command(0xf3), SIM_I2C_DONE);
    pass_ms(50);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_DONE);
}

static void resolutions_take_their_bits_and_times(void **state) {
    (void)state;
    static const struct {
        uint8_t user;
        uint16_t temperature_mask;
        uint8_t temperature_ms;
        uint16_t humidity_mask;
        uint8_t humidity_ms;
    } rows[] = {{0x02, 0xfffc, 50, 0xfff0, 16},
                {0x03, 0xfff0, 13, 0xff00, 3},
                {0x82, 0xfff8, 25, 0xffc0, 5},
                {0x83, 0xffe0, 7, 0xffe0, 8}};
    sim_source_constant(&sensor.temperature, 130); // all bits set
    sim_source_constant(&sensor.humidity, 120);
    for (size_t i = 0; i < 4; i++) {
        uint8_t bytes[3];
        set_user(rows[i].user);
        assert_int_equal(command(0xf3), SIM_I2C_DONE);
        pass_ms(rows[i].temperature_ms - 1);
        assert_int_equal(read_bytes(bytes, 3), SIM_I2C_NACK);
        pass_ms(1);
        assert_int_equal(read_bytes(bytes, 3), SIM_I2C_DONE);
        assert_int_equal(bytes[0] << 8 | bytes[1], rows[i].temperature_mask);
        assert_int_equal(command(0xf5), SIM_I2C_DONE);
        pass_ms(rows[i].humidity_ms);
        assert_int_equal(read_bytes(bytes, 3), SIM_I2C_DONE);
        assert_int_equal((bytes[0] << 8 | bytes[1]) & ~3,
                         rows[i].humidity_mask & ~3);
        assert_int_equal(bytes[1] & 3, 2);
    }
}

static void soft_reset_keeps_the_heater_only(void **state) {
    (void)state;
    assert_int_equal(read_user(), 0x02);
    set_user(0x87);
    assert_int_equal(read_user(), 0x87);
    assert_int_equal(command(0xfe), SIM_I2C_DONE);
    assert_int_equal(command(0xe7), SIM_I2C_NACK);
    pass_ms(15);
    assert_int_equal(read_user(), 0x06);
}

static void reserved_bits_cannot_be_written(void **state) {
    (void)state;
    set_user(0xff);
    assert_int_equal(read_user(), 0x87);
}

static void a_low_supply_shows_after_a_measurement(void **state) {
    (void)state;
    uint8_t bytes[3];
    sensor.supply = 2.2;
    assert_int_equal(read_user(), 0x02);
    assert_int_equal(command(0xf5), SIM_I2C_DONE);
    pass_ms(16);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_DONE);
    assert_int_equal(read_user(), 0x42);
}

static void each_fault_shows_and_ends(void **state) {
    (void)state;
    static const struct {
        unsigned fault;
        int result;
    } rows[] = {{SIM_FAULT_NACK, SIM_I2C_NACK},
                {SIM_FAULT_UNPLUGGED, SIM_I2C_NACK},
                {SIM_FAULT_STUCK, SIM_I2C_TIMEOUT},
                {SIM_FAULT_STRETCH, SIM_I2C_TIMEOUT}};
    uint8_t bytes[3];
    for (size_t i = 0; i < 4; i++) {
        sim_device_set_faults(&sensor.device, rows[i].fault, 0);
        uint64_t began = world.clock.now;
        assert_int_equal(command(0xf3), rows[i].result);
        assert_true(world.clock.now - began < 40 * SIM_MS);
        sim_device_set_faults(&sensor.device, 0, rows[i].fault);
        pass_ms(120);
        assert_int_equal(command(0xf3), SIM_I2C_DONE);
        pass_ms(50);
        assert_int_equal(read_bytes(bytes, 3), SIM_I2C_DONE);
    }
}

static void a_crc_fault_spoils_the_crc_alone(void **state) {
    (void)state;
    uint8_t good[3];
    uint8_t bad[3];
    command(0xf3);
    pass_ms(50);
    assert_int_equal(read_bytes(good, 3), SIM_I2C_DONE);
    sim_device_set_faults(&sensor.device, SIM_FAULT_CRC, 0);
    command(0xf3);
    pass_ms(50);
    assert_int_equal(read_bytes(bad, 3), SIM_I2C_DONE);
    assert_memory_equal(good, bad, 2);
    assert_int_not_equal(good[2], bad[2]);
}

static void unplugging_powers_it_anew(void **state) {
    (void)state;
    set_user(0x87);
    sim_device_set_faults(&sensor.device, SIM_FAULT_UNPLUGGED, 0);
    sim_device_set_faults(&sensor.device, 0, SIM_FAULT_UNPLUGGED);
    pass_ms(15);
    assert_int_equal(read_user(), 0x02);
}

static void a_slow_one_takes_a_second(void **state) {
    (void)state;
    uint8_t bytes[3];
    sim_device_set_faults(&sensor.device, SIM_FAULT_SLOW, 0);
    assert_int_equal(command(0xf3), SIM_I2C_DONE);
    pass_ms(990);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_NACK);
    pass_ms(10);
    assert_int_equal(read_bytes(bytes, 3), SIM_I2C_DONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_acknowledges_its_address_alone, power_on),
        cmocka_unit_test_setup(a_measurement_has_the_data_sheets_code_and_crc,
                               power_on),
        cmocka_unit_test_setup(no_hold_does_not_acknowledge_until_it_is_done,
                               power_on),
        cmocka_unit_test_setup(hold_keeps_scl_low_until_it_is_done, power_on),
        cmocka_unit_test_setup(a_hold_longer_than_the_timeout_fails_and_heals,
                               power_on),
        cmocka_unit_test_setup(resolutions_take_their_bits_and_times, power_on),
        cmocka_unit_test_setup(soft_reset_keeps_the_heater_only, power_on),
        cmocka_unit_test_setup(reserved_bits_cannot_be_written, power_on),
        cmocka_unit_test_setup(a_low_supply_shows_after_a_measurement,
                               power_on),
        cmocka_unit_test_setup(each_fault_shows_and_ends, power_on),
        cmocka_unit_test_setup(a_crc_fault_spoils_the_crc_alone, power_on),
        cmocka_unit_test_setup(unplugging_powers_it_anew, power_on),
        cmocka_unit_test_setup(a_slow_one_takes_a_second, power_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
