// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/base/error.h"
#include "core/codec/hex.h"

static int decode(const char *text, uint8_t *data, size_t size) {
    return blox_hex_decode(blox_span_text(text), data, size);
}

static void digits_of_either_case_become_bytes(void **state) {
    (void)state;
    uint8_t data[4];
    assert_int_equal(decode("00fFA09c", data, 4), BLOX_OK);
    assert_memory_equal(data, "\x00\xff\xa0\x9c", 4);
}

static void another_length_is_refused(void **state) {
    (void)state;
    uint8_t data[4];
    assert_int_equal(decode("00ff", data, 4), BLOX_ERROR_FORMAT);
    assert_int_equal(decode("00ff00ff0", data, 4), BLOX_ERROR_FORMAT);
    assert_int_equal(decode("", data, 0), BLOX_OK);
}

static void every_byte_but_a_digit_is_refused(void **state) {
    (void)state;
    for (int byte = 0; byte < 256; ++byte) {
        uint8_t text[2] = {'0', (uint8_t)byte};
        uint8_t value = 0;
        bool digit =
            byte != 0 && strchr("0123456789abcdefABCDEF", byte) != NULL;
        int error = blox_hex_decode(blox_span(text, 2), &value, 1);
        assert_int_equal(error, digit ? BLOX_OK : BLOX_ERROR_FORMAT);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_of_either_case_become_bytes),
        cmocka_unit_test(another_length_is_refused),
        cmocka_unit_test(every_byte_but_a_digit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
