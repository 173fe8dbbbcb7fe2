// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/sense/htu21d.h"

// The three examples of the data sheet, p. 14.
static void the_crc_is_that_of_the_data_sheet(void **state) {
    (void)state;
    assert_int_equal(blox_htu21d_crc((const uint8_t *)"\xDC", 1), 0x79);
    assert_int_equal(blox_htu21d_crc((const uint8_t *)"\x68\x3A", 2), 0x7C);
    assert_int_equal(blox_htu21d_crc((const uint8_t *)"\x4E\x85", 2), 0x6B);
    // The humidity of its example sequence, p. 12.
    assert_int_equal(blox_htu21d_crc((const uint8_t *)"\x7C\x82", 2), 0x97);
}

// All 2^16 values, against exact arithmetic: 65536 * 100 * (constant +
// factor * raw / 65536) in integers. The bound is half of a hundredth.
static void check_bound(int32_t got, int64_t constant, int64_t factor,
                        uint32_t raw) {
    int64_t exact = constant * 65536 + factor * raw;
    int64_t error = (int64_t)got * 65536 - exact;
    assert_true(error <= 32768 && error >= -32767);
}

static void every_raw_value_converts_within_half_a_hundredth(void **state) {
    (void)state;
    for (uint32_t raw = 0; raw <= 0xFFFF; ++raw) {
        check_bound(blox_htu21d_temperature((uint16_t)raw), -4685, 17572, raw);
        check_bound(blox_htu21d_humidity((uint16_t)raw), -600, 12500, raw);
    }
}

static void the_example_of_the_data_sheet_is_54_8_percent(void **state) {
    (void)state;
    const uint8_t answer[3] = {0x7C, 0x82, 0x97};
    int32_t raw = blox_htu21d_raw(answer);
    assert_int_equal(raw, 0x7C80);
    assert_int_equal(blox_htu21d_humidity((uint16_t)raw), 5479);
}

static void the_ends_of_the_scale_are_as_the_header_says(void **state) {
    (void)state;
    assert_int_equal(blox_htu21d_temperature(0), -4685);
    assert_int_equal(blox_htu21d_temperature(0xFFFF), 12887);
    assert_int_equal(blox_htu21d_temperature(0xFFFC), 12886);
    assert_int_equal(blox_htu21d_humidity(0), -600);
    assert_int_equal(blox_htu21d_humidity(0xFFFC), 11899);
}

static void status_bits_are_cleared_for_every_value(void **state) {
    (void)state;
    for (uint32_t raw = 1; raw <= 0xFFFF; ++raw) {
        uint8_t answer[3] = {(uint8_t)(raw >> 8), (uint8_t)raw, 0};
        answer[2] = blox_htu21d_crc(answer, 2);
        assert_int_equal(blox_htu21d_raw(answer), raw & 0xFFFC);
    }
}

static void a_bus_held_low_is_no_answer(void **state) {
    (void)state;
    const uint8_t answer[3] = {0, 0, 0};
    assert_int_equal(blox_htu21d_crc(answer, 2), answer[2]);
    assert_int_equal(blox_htu21d_raw(answer), BLOX_ERROR_DIGEST);
}

// A CRC of eight bits with this polynomial finds them all.
static void every_error_of_one_or_two_bits_is_found(void **state) {
    (void)state;
    const uint8_t good[3] = {0x68, 0x3A, 0x7C};
    for (int a = 0; a < 24; ++a) {
        for (int b = a; b < 24; ++b) {
            uint8_t bad[3];
            memcpy(bad, good, 3);
            bad[a / 8] ^= (uint8_t)(1 << a % 8);
            bad[b / 8] ^= (uint8_t)(b == a ? 0 : 1 << b % 8);
            assert_int_equal(blox_htu21d_raw(bad), BLOX_ERROR_DIGEST);
        }
    }
}

static void a_resolution_changes_its_two_bits_alone(void **state) {
    (void)state;
    for (int before = 0; before < 256; ++before) {
        for (int bits = 0; bits < 20; ++bits) {
            int after = blox_htu21d_with_resolution((uint8_t)before, bits);
            if (bits != 8 && bits != 10 && bits != 11 && bits != 12) {
                assert_int_equal(after, BLOX_ERROR_ARGUMENT);
                continue;
            }
            assert_int_equal(after & 0x7E, before & 0x7E);
            assert_int_equal(blox_htu21d_resolution((uint8_t)after), bits);
        }
    }
    assert_int_equal(blox_htu21d_with_resolution(0x02, 12), 0x02);
    assert_int_equal(blox_htu21d_with_resolution(0x02, 8), 0x03);
    assert_int_equal(blox_htu21d_with_resolution(0x02, 10), 0x82);
    assert_int_equal(blox_htu21d_with_resolution(0x02, 11), 0x83);
}

static void measuring_times_are_those_of_the_data_sheet(void **state) {
    (void)state;
    const struct {
        uint8_t user_register;
        int humidity, temperature;
    } rows[] = {{0x02, 16, 50}, {0x03, 3, 13}, {0x82, 5, 25}, {0x83, 8, 7}};
    for (size_t i = 0; i < 4; ++i) {
        uint8_t value = rows[i].user_register;
        assert_int_equal(blox_htu21d_time(HTU21D_HUMIDITY, value),
                         rows[i].humidity);
        assert_int_equal(blox_htu21d_time(HTU21D_HUMIDITY_HOLD, value),
                         rows[i].humidity);
        assert_int_equal(blox_htu21d_time(HTU21D_TEMPERATURE, value),
                         rows[i].temperature);
        assert_int_equal(blox_htu21d_time(HTU21D_TEMPERATURE_HOLD, value),
                         rows[i].temperature);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_crc_is_that_of_the_data_sheet),
        cmocka_unit_test(every_raw_value_converts_within_half_a_hundredth),
        cmocka_unit_test(the_example_of_the_data_sheet_is_54_8_percent),
        cmocka_unit_test(the_ends_of_the_scale_are_as_the_header_says),
        cmocka_unit_test(status_bits_are_cleared_for_every_value),
        cmocka_unit_test(a_bus_held_low_is_no_answer),
        cmocka_unit_test(every_error_of_one_or_two_bits_is_found),
        cmocka_unit_test(a_resolution_changes_its_two_bits_alone),
        cmocka_unit_test(measuring_times_are_those_of_the_data_sheet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
