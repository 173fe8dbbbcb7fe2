// SPDX-License-Identifier: MIT
#include "core/log/format.h"

#include "tests/core/test.h"

static char buffer[64];
static struct blox_text text;
static struct blox_span format;
static struct blox_log_conversion conversion;

static void start(const char *what) {
    blox_text_init(&text, buffer, sizeof buffer);
    format = blox_span_text(what);
}

static bool next(void) {
    return blox_log_format_next(&format, &text, &conversion);
}

static void a_text_without_conversions_is_itself(void **state) {
    (void)state;
    start("");
    assert_false(next());
    assert_string_equal(buffer, "");
    start("100 plates");
    assert_false(next());
    assert_string_equal(buffer, "100 plates");
    start("%%100%%%% of it%%");
    assert_false(next());
    assert_string_equal(buffer, "%100%% of it%");
}

static void conversions_come_one_by_one_with_what_lies_between(void **state) {
    (void)state;
    start("a %s, %05d%x!");
    assert_true(next());
    assert_string_equal(buffer, "a ");
    assert_int_equal(conversion.kind, 's');
    assert_true(conversion.plain);
    assert_true(next());
    assert_string_equal(buffer, "a , ");
    assert_string_equal(conversion.spec, "%05ld");
    assert_false(conversion.plain);
    assert_true(next());
    assert_string_equal(conversion.spec, "%lx");
    assert_false(next());
    assert_string_equal(buffer, "a , !");
    assert_false(next());
}

static void flags_widths_and_precisions_are_kept(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"%d", "%ld"},       {"%i", "%ld"},
        {"%u", "%ld"},       {"%-8s|", "%-8ls"},
        {"%+.2f", "%+.2lf"}, {"% 08X", "% 08lX"},
        {"%r", "%lr"},       {"%c", "%lc"},
        {"%.3g", "%.3lg"},   {"%E", "%lE"},
        {"%F", "%lF"},       {"%G", "%lG"},
        {"%e", "%le"},       {"%-0+ 12.3456d", "%-0+ 12.3456ld"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        start(cases[i][0]);
        assert_true(next());
        assert_string_equal(conversion.spec, cases[i][1]);
        assert_int_equal(conversion.kind, cases[i][1][strlen(cases[i][1]) - 1]);
    }
}

static void what_is_odd_has_a_letter_of_its_own(void **state) {
    (void)state;
    static const struct {
        const char *format;
        char kind;
    } cases[] = {
        {"%(key)s", '('},      {"%*d", '*'},
        {"%o", 'o'},           {"% sign", 's'},
        {"%5%", '%'},          {"%#x", '#'},
        {"%", '\0'},           {"a%5", '\0'},
        {"%\xc3\xa9", '\xc3'}, {"%-0+ 12345.678d", '\0'},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        start(cases[i].format);
        assert_true(next());
        assert_int_equal(conversion.kind, cases[i].kind);
    }
}

static void every_short_format_ends(void **state) {
    (void)state;
    static const char letters[] = "%s5.l(";
    char short_format[6] = "";
    for (unsigned n = 0; n < 6 * 6 * 6 * 6 * 6; ++n) {
        unsigned left = n;
        for (size_t i = 0; i < 5; ++i, left /= 6) {
            short_format[i] = letters[left % 6];
        }
        start(short_format);
        int calls = 0;
        while (next()) {
            assert_true(++calls <= 5);
        }
    }
}

static void a_cut_text_ends_with_dots_after_a_whole_character(void **state) {
    (void)state;
    char small[8];
    blox_text_init(&text, small, sizeof small);
    blox_text_add(&text, "1234567890");
    blox_log_end_cut(&text);
    assert_string_equal(small, "1234...");
    blox_text_init(&text, small, sizeof small);
    blox_text_add(&text, "123\xe2\x82\xac"
                         "0");
    blox_log_end_cut(&text);
    assert_string_equal(small, "123...");
    blox_text_init(&text, small, 3);
    blox_text_add(&text, "ab");
    blox_log_end_cut(&text);
    assert_string_equal(small, "..");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_without_conversions_is_itself),
        cmocka_unit_test(conversions_come_one_by_one_with_what_lies_between),
        cmocka_unit_test(flags_widths_and_precisions_are_kept),
        cmocka_unit_test(what_is_odd_has_a_letter_of_its_own),
        cmocka_unit_test(every_short_format_ends),
        cmocka_unit_test(a_cut_text_ends_with_dots_after_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
