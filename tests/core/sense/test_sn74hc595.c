// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/sense/sn74hc595.h"

enum { CHIPS_MAX = 9 };

// The chips, bit by bit: [0] is QA of the chip at SER.
struct chips {
    bool output[8 * CHIPS_MAX];
    size_t count;
};

static void shift_out(struct chips *chips, const uint8_t *data, size_t size) {
    size_t bits = 8 * chips->count;
    for (size_t i = 0; i < 8 * size; ++i) {
        memmove(chips->output + 1, chips->output, bits - 1);
        chips->output[0] = (data[i / 8] >> (7 - i % 8) & 1) != 0;
    }
}

static void check_shown(const struct blox_sn74hc595 *chain,
                        const struct chips *chips) {
    for (size_t i = 0; i < 8 * chips->count; ++i) {
        assert_int_equal(blox_sn74hc595_get(chain, i), chips->output[i]);
    }
}

static void each_output_reaches_its_pin_in_chains_of_any_length(void **state) {
    (void)state;
    for (size_t count = 1; count <= CHIPS_MAX; ++count) {
        uint8_t image[CHIPS_MAX];
        struct blox_sn74hc595 chain;
        struct chips chips = {.count = count};
        blox_sn74hc595_init(&chain, image, count);
        for (size_t output = 0; output < 8 * count; ++output) {
            blox_sn74hc595_fill(&chain, false);
            assert_int_equal(blox_sn74hc595_set(&chain, output, true), BLOX_OK);
            shift_out(&chips, image, count);
            for (size_t i = 0; i < 8 * count; ++i) {
                assert_int_equal(chips.output[i], i == output);
            }
        }
    }
}

static void the_image_follows_whatever_is_shifted_out(void **state) {
    (void)state;
    uint32_t random = 1;
    for (size_t count = 1; count <= CHIPS_MAX; ++count) {
        uint8_t image[CHIPS_MAX];
        struct blox_sn74hc595 chain;
        struct chips chips = {.count = count};
        blox_sn74hc595_init(&chain, image, count);
        for (size_t size = 0; size <= 2 * CHIPS_MAX; ++size) {
            uint8_t data[2 * CHIPS_MAX];
            for (size_t i = 0; i < size; ++i) {
                random = random * 1664525 + 1013904223;
                data[i] = (uint8_t)(random >> 24);
            }
            shift_out(&chips, data, size);
            blox_sn74hc595_shift(&chain, blox_span(data, size));
            check_shown(&chain, &chips);
        }
    }
}

static void an_output_changes_alone(void **state) {
    (void)state;
    uint8_t image[3];
    struct blox_sn74hc595 chain;
    blox_sn74hc595_init(&chain, image, 3);
    blox_sn74hc595_fill(&chain, true);
    assert_int_equal(blox_sn74hc595_set(&chain, 10, false), BLOX_OK);
    for (size_t i = 0; i < 24; ++i) {
        assert_int_equal(blox_sn74hc595_get(&chain, i), i != 10);
    }
}

static void an_output_beyond_the_chain_is_refused(void **state) {
    (void)state;
    uint8_t image[2];
    struct blox_sn74hc595 chain;
    blox_sn74hc595_init(&chain, image, 2);
    assert_int_equal(blox_sn74hc595_set(&chain, 16, true), BLOX_ERROR_ARGUMENT);
    assert_int_equal(blox_sn74hc595_get(&chain, 16), BLOX_ERROR_ARGUMENT);
    assert_int_equal(blox_sn74hc595_get(&chain, SIZE_MAX), BLOX_ERROR_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_output_reaches_its_pin_in_chains_of_any_length),
        cmocka_unit_test(the_image_follows_whatever_is_shifted_out),
        cmocka_unit_test(an_output_changes_alone),
        cmocka_unit_test(an_output_beyond_the_chain_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
