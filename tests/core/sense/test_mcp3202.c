// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/sense/mcp3202.h"

// Table 5-1 of DS21034: SGL/DIFF, ODD/SIGN; figure 6-1: seven zeros, start
// bit, these two, MSBF.
static void requests_are_those_of_the_data_sheet(void **state) {
    (void)state;
    const struct {
        int input;
        uint8_t second;
    } rows[] = {
        {MCP3202_CH0, 0xA0},
        {MCP3202_CH1, 0xE0},
        {MCP3202_CH0_MINUS_CH1, 0x20},
        {MCP3202_CH1_MINUS_CH0, 0x60},
    };
    for (size_t i = 0; i < 4; ++i) {
        uint8_t frame[3] = {9, 9, 9};
        assert_int_equal(blox_mcp3202_request(rows[i].input, frame), BLOX_OK);
        assert_int_equal(frame[0], 0x01);
        assert_int_equal(frame[1], rows[i].second);
        assert_int_equal(frame[2], 0x00);
    }
}

static void another_input_is_refused(void **state) {
    (void)state;
    uint8_t frame[3];
    assert_int_equal(blox_mcp3202_request(-1, frame), BLOX_ERROR_ARGUMENT);
    assert_int_equal(blox_mcp3202_request(4, frame), BLOX_ERROR_ARGUMENT);
}

// Bits before the null bit are high impedance: they may be anything.
static void every_value_is_read_whatever_floats_before_it(void **state) {
    (void)state;
    for (int value = 0; value <= BLOX_MCP3202_MAX; ++value) {
        for (int floating = 0; floating < 8; ++floating) {
            const uint8_t frame[3] = {(uint8_t)(value * 31),
                                      (uint8_t)(floating << 5 | value >> 8),
                                      (uint8_t)value};
            assert_int_equal(blox_mcp3202_value(frame), value);
        }
    }
}

static void a_null_bit_of_1_is_no_answer(void **state) {
    (void)state;
    for (int second = 0; second < 256; ++second) {
        const uint8_t frame[3] = {0, (uint8_t)second, 0};
        int value = blox_mcp3202_value(frame);
        assert_int_equal(value < 0, (second & 0x10) != 0);
    }
    assert_int_equal(blox_mcp3202_value((const uint8_t *)"\xFF\xFF\xFF"),
                     BLOX_ERROR_FORMAT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_those_of_the_data_sheet),
        cmocka_unit_test(another_input_is_refused),
        cmocka_unit_test(every_value_is_read_whatever_floats_before_it),
        cmocka_unit_test(a_null_bit_of_1_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
