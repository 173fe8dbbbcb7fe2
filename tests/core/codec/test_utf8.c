// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/codec/utf8.h"

static bool valid(const char *text) {
    return blox_utf8_valid(blox_span_text(text));
}

static void every_code_point_is_valid_once_encoded(void **state) {
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; ++code) {
        bool surrogate = code >= 0xd800 && code <= 0xdfff;
        uint8_t out[BLOX_UTF8_MAX];
        size_t size = blox_utf8_encode(code, out);
        if (blox_utf8_valid(blox_span(out, size)) == surrogate) {
            fail_msg("code point %x", code);
        }
    }
}

static void text_in_many_scripts_is_valid(void **state) {
    (void)state;
    assert_true(valid("plain"));
    assert_true(valid("Gr\xc3\xbc\xc3\x9f"
                      "e \xe2\x82\xac \xf0\x9f\x98\x80"));
    assert_true(valid(""));
}

static void overlong_forms_are_refused(void **state) {
    (void)state;
    assert_false(valid("\xc0\xaf"));
    assert_false(valid("\xc1\xbf"));
    assert_false(valid("\xe0\x80\xaf"));
    assert_false(valid("\xf0\x80\x80\xaf"));
}

static void what_is_cut_or_stray_is_refused(void **state) {
    (void)state;
    assert_false(valid("\xe2\x82"));
    assert_false(valid("\x80"));
    assert_false(valid("\xe2\x82X"));
    assert_false(valid("\xff"));
    assert_false(valid("\xf4\x90\x80\x80"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_is_valid_once_encoded),
        cmocka_unit_test(text_in_many_scripts_is_valid),
        cmocka_unit_test(overlong_forms_are_refused),
        cmocka_unit_test(what_is_cut_or_stray_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
