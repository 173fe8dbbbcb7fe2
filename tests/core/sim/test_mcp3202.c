// SPDX-License-Identifier: MIT
// The model on its wires, through the SPI controller that the board has.
#include "sim/mcp3202.h"
#include "sim/spi_controller.h"

#include "tests/core/test.h"

enum { CLK = 14, DIN = 13, DOUT = 12, CS = 15 };

static struct sim_world world;
static struct sim_mcp3202 chip;
static struct sim_spi_controller spi;

static int power_on(void **state) {
    (void)state;
    memset(&world, 0, sizeof(world));
    memset(&chip, 0, sizeof(chip));
    sim_device_init(&chip.device, &sim_mcp3202, &world, "volts");
    chip.clk = CLK;
    chip.din = DIN;
    chip.dout = DOUT;
    chip.cs = CS;
    sim_wires_drive(&world.wires, CS, SIM_PROCESSOR, SIM_HIGH);
    assert_null(sim_device_start(&chip.device));
    spi = (struct sim_spi_controller){.world = &world,
                                      .sck = CLK,
                                      .mosi = DIN,
                                      .miso = DOUT,
                                      .hertz = 900000};
    sim_spi_begin(&spi);
    return 0;
}

static void select_chip(bool selected) {
    sim_wires_drive(&world.wires, CS, SIM_PROCESSOR,
                    selected ? SIM_LOW : SIM_HIGH);
}

// The data sheet's three bytes (figure 6-1): start, control, answer.
static unsigned convert(uint8_t control) {
    uint8_t bytes[3] = {1, control, 0};
    select_chip(true);
    sim_spi_transfer(&spi, 3, bytes, bytes);
    select_chip(false);
    return (bytes[1] & 0x1fu) << 8 | bytes[2]; // with the null bit
}

static void volts(double ch0, double ch1) {
    sim_source_constant(&chip.channels[0], ch0);
    sim_source_constant(&chip.channels[1], ch1);
}

static void each_code_has_its_voltage(void **state) {
    (void)state;
    chip.vdd = 4.096;
    for (unsigned code = 0; code < 4096; code++) {
        volts((code + 0.5) / 1000, 0);
        assert_int_equal(convert(0xa0), code);
    }
}

static void channels_and_differences(void **state) {
    (void)state;
    volts(1.65, 0.825);
    assert_int_equal(convert(0xa0), 2048);
    assert_int_equal(convert(0xe0), 1024);
    assert_int_equal(convert(0x20), 1024); // CH0 - CH1
    assert_int_equal(convert(0x60), 0);    // CH1 - CH0, below 0
}

static void the_range_has_ends(void **state) {
    (void)state;
    volts(5, -0.5);
    assert_int_equal(convert(0xa0), 4095);
    assert_int_equal(convert(0xe0), 0);
}

static void both_modes_read_the_same(void **state) {
    (void)state;
    volts(1.2345, 0);
    unsigned code = convert(0xa0);
    spi.polarity = true;
    spi.phase = true;
    sim_spi_begin(&spi);
    assert_int_equal(convert(0xa0), code);
}

static void leading_zeros_wait_for_the_start(void **state) {
    (void)state;
    uint8_t bytes[5] = {0, 0, 1, 0xa0, 0};
    volts(1.65, 0);
    select_chip(true);
    sim_spi_transfer(&spi, 5, bytes, bytes);
    select_chip(false);
    assert_int_equal((bytes[3] & 0x1f) << 8 | bytes[4], 2048);
}

// MSBF low: B11 to B0, then B1 to B11.
static void lsb_first_follows(void **state) {
    (void)state;
    uint8_t bytes[5] = {1, 0x80, 0, 0, 0};
    volts(3.3 * 0x5a3 / 4096 + 0.0001, 0);
    select_chip(true);
    sim_spi_transfer(&spi, 5, bytes, bytes);
    select_chip(false);
    uint32_t bits =
        (uint32_t)bytes[1] << 24 | bytes[2] << 16 | bytes[3] << 8 | bytes[4];
    bits <<= 3; // control
    unsigned high = bits >> 19 & 0xfff;
    unsigned low = 0;
    for (int i = 0; i < 11; i++) {
        low |= (bits >> (18 - i) & 1) << (i + 1);
    }
    assert_int_equal(high, 0x5a3);
    assert_int_equal(low, 0x5a2);
}

static void a_chip_that_is_not_there_reads_as_ones(void **state) {
    (void)state;
    sim_device_set_faults(&chip.device, SIM_FAULT_UNPLUGGED, 0);
    assert_int_equal(convert(0xa0), 0x1fff);
    sim_device_set_faults(&chip.device, 0, SIM_FAULT_UNPLUGGED);
    assert_int_equal(convert(0xa0), 0);
}

static void a_transfer_takes_its_time(void **state) {
    (void)state;
    uint8_t bytes[3] = {0};
    spi.hertz = 1000000;
    uint64_t began = world.clock.now;
    sim_spi_transfer(&spi, 3, bytes, NULL);
    assert_int_equal(world.clock.now - began, 24 * SIM_US);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_code_has_its_voltage, power_on),
        cmocka_unit_test_setup(channels_and_differences, power_on),
        cmocka_unit_test_setup(the_range_has_ends, power_on),
        cmocka_unit_test_setup(both_modes_read_the_same, power_on),
        cmocka_unit_test_setup(leading_zeros_wait_for_the_start, power_on),
        cmocka_unit_test_setup(lsb_first_follows, power_on),
        cmocka_unit_test_setup(a_chip_that_is_not_there_reads_as_ones,
                               power_on),
        cmocka_unit_test_setup(a_transfer_takes_its_time, power_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
