// SPDX-License-Identifier: MIT
#include "core/ota/boots.h"

#include "tests/core/test.h"

static bool undone(const char *causes) {
    struct blox_boots boots;
    blox_boots_count(&boots, blox_span_text(causes));
    return blox_boots_undo(&boots);
}

static uint32_t safe(const char *causes) {
    return blox_boots_safe_mode(blox_span_text(causes));
}

static void the_third_crash_on_trial_undoes(void **state) {
    (void)state;
    const char *const kept[] = {"",        "2",         "1",   "22",
                                "222",     "233",       "120", "144444",
                                "2145410", "2111111111"};
    const char *const undo[] = {"2222", "1222", "2333",     "25555",
                                "3000", "4223", "12121212", "21111111111"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; ++i) {
        assert_false(undone(kept[i]));
    }
    for (size_t i = 0; i < sizeof undo / sizeof undo[0]; ++i) {
        assert_true(undone(undo[i]));
    }
}

static void the_tenth_power_cut_on_trial_undoes(void **state) {
    (void)state;
    assert_false(undone("2111111111"));
    assert_true(undone("21111111111"));
    assert_true(undone("12111111111421"));
}

static void three_crashes_lead_to_safe_mode(void **state) {
    (void)state;
    const char *const runs[] = {"",      "2",     "22",
                                "222",   "122",   "1222222221",
                                "24444", "25555", "1111111111111111"};
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; ++i) {
        assert_int_equal(safe(runs[i]), 0);
    }
    assert_int_equal(safe("2222"), BLOX_BOOTS_SAFE_S);
    assert_int_equal(safe("1222"), BLOX_BOOTS_SAFE_S);
    assert_int_equal(safe("22120"), 0);
    assert_int_equal(safe("221203"), BLOX_BOOTS_SAFE_S);
    assert_int_equal(safe("2242522"), BLOX_BOOTS_SAFE_S);
}

static void safe_mode_ends_for_one_try_and_then_lasts_longer(void **state) {
    (void)state;
    assert_int_equal(safe("2222r2"), 0);
    assert_int_equal(safe("2222r22"), 2 * BLOX_BOOTS_SAFE_S);
    assert_int_equal(safe("2222r22r2"), 0);
    assert_int_equal(safe("2222r22r22"), 4 * BLOX_BOOTS_SAFE_S);
    assert_int_equal(safe("2222r22r22r22r22r22r22r22r22"),
                     32 * BLOX_BOOTS_SAFE_S);
    assert_true(32 * BLOX_BOOTS_SAFE_S <= BLOX_BOOTS_SAFE_MAX_S);
    // A power cycle ends it all.
    assert_int_equal(safe("2222r22r221"), 0);
    assert_int_equal(safe("2222r22r221222"), BLOX_BOOTS_SAFE_S);
}

static void what_a_power_cycle_forgave_is_not_kept(void **state) {
    (void)state;
    char many[3 * BLOX_BOOTS_MAX];
    struct blox_span kept = blox_boots_shorten(blox_span_text("2222r122"));
    assert_true(blox_span_is(kept, "122"));
    assert_true(
        blox_span_is(blox_boots_shorten(blox_span_text("2223")), "2223"));
    assert_int_equal(blox_boots_shorten(blox_span_text("")).size, 0);
    memset(many, '2', sizeof many);
    kept = blox_boots_shorten(blox_span(many, sizeof many));
    assert_int_equal(kept.size, BLOX_BOOTS_MAX);
    assert_int_equal(blox_boots_safe_mode(kept), BLOX_BOOTS_SAFE_S);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_third_crash_on_trial_undoes),
        cmocka_unit_test(the_tenth_power_cut_on_trial_undoes),
        cmocka_unit_test(three_crashes_lead_to_safe_mode),
        cmocka_unit_test(safe_mode_ends_for_one_try_and_then_lasts_longer),
        cmocka_unit_test(what_a_power_cycle_forgave_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
