// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <math.h>

#include "core/dsp/ema.h"

static uint32_t seed = 1;

static int32_t sample(int kind, int i) {
    seed = seed * 1664525 + 1013904223;
    switch (kind) {
    case 0: // noise over the whole range
        return (int32_t)(seed >> 15) % 131071 - BLOX_EMA_SAMPLE_MAX;
    case 1: // a step
        return i < 100 ? 0 : BLOX_EMA_SAMPLE_MAX;
    case 2: // from end to end
        return i / 50 % 2 ? -BLOX_EMA_SAMPLE_MAX : BLOX_EMA_SAMPLE_MAX;
    default: // a small ripple on something
        return 1000 + (int32_t)(seed >> 31);
    }
}

// The bound of the header, against long double.
static void check_bound(int32_t alpha, int kind) {
    struct blox_ema ema;
    long double a = (long double)alpha / BLOX_EMA_ONE;
    long double bound = 0.5L + 1 / (32768.0L * a);
    long double exact = 0;
    assert_int_equal(blox_ema_init(&ema, alpha), BLOX_OK);
    for (int i = 0; i < 3000; ++i) {
        int32_t x = sample(kind, i);
        exact += a * (x - exact);
        assert_true(fabsl(blox_ema_next(&ema, x) - exact) <= bound + 1e-9L);
    }
}

static void the_integer_average_stays_within_its_bound(void **state) {
    (void)state;
    for (int32_t alpha = 1; alpha <= BLOX_EMA_ONE; alpha += 1 + alpha / 5) {
        for (int kind = 0; kind < 4; ++kind) {
            check_bound(alpha, kind);
        }
    }
    check_bound(BLOX_EMA_ONE, 0);
    check_bound(BLOX_EMA_ONE - 1, 2);
}

static void alpha_one_is_the_sample_itself(void **state) {
    (void)state;
    struct blox_ema ema;
    assert_int_equal(blox_ema_init(&ema, BLOX_EMA_ONE), BLOX_OK);
    for (int32_t x = -BLOX_EMA_SAMPLE_MAX; x <= BLOX_EMA_SAMPLE_MAX; ++x) {
        assert_int_equal(blox_ema_next(&ema, x), x);
    }
}

static void a_sample_over_the_limit_counts_as_the_limit(void **state) {
    (void)state;
    struct blox_ema ema;
    assert_int_equal(blox_ema_init(&ema, BLOX_EMA_ONE), BLOX_OK);
    assert_int_equal(blox_ema_next(&ema, INT32_MAX), BLOX_EMA_SAMPLE_MAX);
    assert_int_equal(blox_ema_next(&ema, INT32_MIN), -BLOX_EMA_SAMPLE_MAX);
}

static void another_alpha_is_refused(void **state) {
    (void)state;
    struct blox_ema ema;
    assert_int_equal(blox_ema_init(&ema, 0), BLOX_ERROR_ARGUMENT);
    assert_int_equal(blox_ema_init(&ema, -5), BLOX_ERROR_ARGUMENT);
    assert_int_equal(blox_ema_init(&ema, BLOX_EMA_ONE + 1),
                     BLOX_ERROR_ARGUMENT);
}

static void the_float_average_follows_a_step(void **state) {
    (void)state;
    struct blox_ema_float ema;
    blox_ema_float_init(&ema, 0.25F);
    assert_true(blox_ema_float_next(&ema, 8) == 2.0F);
    assert_true(blox_ema_float_next(&ema, 8) == 3.5F);
    assert_true(blox_ema_float_next(&ema, 0) == 2.625F);
    double exact = 2.625;
    for (int i = 0; i < 1000; ++i) {
        exact += 0.25 * (i % 7 - exact);
        float got = blox_ema_float_next(&ema, (float)(i % 7));
        assert_true(fabs(got - exact) < 7 * 4 * 0x1p-24 * 4);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_integer_average_stays_within_its_bound),
        cmocka_unit_test(alpha_one_is_the_sample_itself),
        cmocka_unit_test(a_sample_over_the_limit_counts_as_the_limit),
        cmocka_unit_test(another_alpha_is_refused),
        cmocka_unit_test(the_float_average_follows_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
