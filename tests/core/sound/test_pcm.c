// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/sound/pcm.h"

static int32_t sample_at(const uint8_t *bytes, int bits) {
    uint32_t value = 0;
    for (int i = 0; i < bits / 8; ++i) {
        value |= (uint32_t)bytes[i] << (32 - bits + 8 * i);
    }
    return (int32_t)value;
}

static void every_sample_of_8_bits_becomes_its_16(void **state) {
    (void)state;
    uint8_t buffer[512];
    for (int i = 0; i < 256; ++i) {
        buffer[i] = (uint8_t)i;
    }
    assert_int_equal(blox_pcm_widen(buffer, 512, 256, 8), 512);
    for (int i = 0; i < 256; ++i) {
        assert_int_equal(sample_at(buffer + 2 * i, 16), (i - 128) * (1 << 24));
    }
}

static void samples_of_24_bits_keep_their_value_in_32(void **state) {
    (void)state;
    uint8_t before[300];
    uint8_t buffer[400];
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof before; ++i) {
        random = random * 1664525 + 1013904223;
        before[i] = (uint8_t)(random >> 24);
    }
    for (size_t samples = 0; samples <= 100; ++samples) {
        memcpy(buffer, before, sizeof before);
        assert_int_equal(blox_pcm_widen(buffer, sizeof buffer, 3 * samples, 24),
                         4 * samples);
        for (size_t i = 0; i < samples; ++i) {
            assert_int_equal(sample_at(buffer + 4 * i, 32),
                             sample_at(before + 3 * i, 24));
        }
    }
}

static void samples_of_16_and_32_bits_stay(void **state) {
    (void)state;
    uint8_t buffer[8] = "abcdefgh";
    assert_int_equal(blox_pcm_widen(buffer, 8, 8, 16), 8);
    assert_int_equal(blox_pcm_widen(buffer, 8, 8, 32), 8);
    assert_memory_equal(buffer, "abcdefgh", 8);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    uint8_t buffer[8] = {0};
    assert_int_equal(blox_pcm_widen(buffer, 8, 5, 8), BLOX_ERROR_BUFFER);
    assert_int_equal(blox_pcm_widen(buffer, 7, 6, 24), BLOX_ERROR_BUFFER);
    assert_int_equal(blox_pcm_widen(buffer, 4, 8, 16), BLOX_ERROR_BUFFER);
    assert_int_equal(blox_pcm_widen(buffer, 8, 3, 16), BLOX_ERROR_ARGUMENT);
    assert_int_equal(blox_pcm_widen(buffer, 8, 4, 24), BLOX_ERROR_ARGUMENT);
    for (int bits = -1; bits < 100; ++bits) {
        if (bits != 8 && bits != 16 && bits != 24 && bits != 32) {
            assert_int_equal(blox_pcm_widen(buffer, 8, 0, bits),
                             BLOX_ERROR_ARGUMENT);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_of_8_bits_becomes_its_16),
        cmocka_unit_test(samples_of_24_bits_keep_their_value_in_32),
        cmocka_unit_test(samples_of_16_and_32_bits_stay),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
