// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <zlib.h>

#include "core/codec/crc32.h"

static const uint8_t check[] = "123456789";

static void the_standards_check_value_comes_out(void **state) {
    (void)state;
    assert_int_equal(blox_crc32(0, check, 9), 0xcbf43926);
    assert_int_equal(blox_crc32(0, check, 0), 0);
}

static void pieces_give_what_the_whole_gives(void **state) {
    (void)state;
    for (size_t split = 0; split <= 9; ++split) {
        uint32_t crc = blox_crc32(0, check, split);
        assert_int_equal(blox_crc32(crc, check + split, 9 - split), 0xcbf43926);
    }
}

static void zlib_agrees(void **state) {
    (void)state;
    uint8_t data[1000];
    for (size_t i = 0; i < sizeof data; ++i) {
        data[i] = (uint8_t)(i * i >> 3);
        assert_int_equal(blox_crc32(0, data, i + 1),
                         crc32(0, data, (uInt)i + 1));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_check_value_comes_out),
        cmocka_unit_test(pieces_give_what_the_whole_gives),
        cmocka_unit_test(zlib_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
