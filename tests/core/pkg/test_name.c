// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/base/error.h"
#include "core/pkg/name.h"

static bool equal(const char *a, const char *b) {
    return blox_name_equal(blox_span_text(a), blox_span_text(b));
}

static bool valid(const char *name) {
    return blox_name_valid(blox_span_text(name));
}

static void names_compare_without_case_and_kind_of_separator(void **state) {
    (void)state;
    assert_true(equal("mpy-blox", "mpy_blox"));
    assert_true(equal("mpy-blox", "Mpy.Blox"));
    assert_true(equal("a-_.b", "A.b"));
    assert_true(equal("", ""));
    assert_false(equal("mpy-blox", "mpyblox"));
    assert_false(equal("mpy-blox", "mpy-blo"));
    assert_false(equal("mpy-blo", "mpy-blox"));
    assert_false(equal("a-", "a"));
}

static void the_normal_form_is_that_of_pep_503(void **state) {
    (void)state;
    char buffer[40];
    struct blox_text text;
    blox_text_init(&text, buffer, sizeof buffer);
    blox_name_normalise(&text, blox_span_text("Friendly-._.-BARD.x1"));
    assert_string_equal(buffer, "friendly-bard-x1");
}

static void only_what_pep_508_allows_is_a_name(void **state) {
    (void)state;
    assert_true(valid("a"));
    assert_true(valid("A1._-z"));
    assert_false(valid(""));
    assert_false(valid("-a"));
    assert_false(valid("a-"));
    assert_false(valid("a b"));
    assert_false(valid("a/b"));
    assert_false(valid("\xc3\xbc"));
    char name[BLOX_NAME_MAX + 2] = {0};
    memset(name, 'a', BLOX_NAME_MAX);
    assert_true(valid(name));
    name[BLOX_NAME_MAX] = 'a';
    assert_false(valid(name));
}

static void only_what_pep_440_allows_is_a_version(void **state) {
    (void)state;
    assert_true(
        blox_version_valid(blox_span_text("1!2.0rc1.post2.dev3+g1-x_")));
    assert_false(blox_version_valid(blox_span_text("")));
    assert_false(blox_version_valid(blox_span_text("1.0/2")));
    assert_false(blox_version_valid(blox_span_text("1 0")));
}

static void a_dist_info_directory_splits_at_its_last_dash(void **state) {
    (void)state;
    struct blox_span name, version;
    assert_int_equal(blox_name_split(blox_span_text("mpy-blox-1.2.dist-info"),
                                     &name, &version),
                     BLOX_OK);
    assert_true(blox_span_is(name, "mpy-blox"));
    assert_true(blox_span_is(version, "1.2"));
    static const char *const wrong[] = {
        "",    "mpy_blox",       ".dist-info",      "-.dist-info",
        "a-1", "a.dist-info",    "-1.dist-info",    "a-.dist-info",
        "x/y", "a-1.dist-info2", "a/b-1.dist-info",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        assert_int_equal(
            blox_name_split(blox_span_text(wrong[i]), &name, &version),
            BLOX_ERROR_FORMAT);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_compare_without_case_and_kind_of_separator),
        cmocka_unit_test(the_normal_form_is_that_of_pep_503),
        cmocka_unit_test(only_what_pep_508_allows_is_a_name),
        cmocka_unit_test(only_what_pep_440_allows_is_a_version),
        cmocka_unit_test(a_dist_info_directory_splits_at_its_last_dash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
