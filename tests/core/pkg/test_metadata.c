// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/pkg/metadata.h"

static void feed(struct blox_metadata *metadata, const char *text,
                 size_t piece) {
    struct blox_span all = blox_span_text(text);
    blox_metadata_init(metadata, blox_span_text("esp32"));
    for (size_t at = 0; at < all.size; at += piece) {
        blox_metadata_feed(metadata, blox_span_part(all, at, piece));
    }
    blox_metadata_end(metadata);
}

static void headers_are_read_wherever_the_text_is_cut(void **state) {
    (void)state;
    const char *text = "Metadata-Version: 2.1\nNAME: Big.Pkg\r\n"
                       "version:1.0  \nSummary: a\n  folded: Name: no\n"
                       "Tag: py2-none-any\nTag: py3-none-any\n"
                       "Wheel-Version: 1.0\nBlox-Window-Bits: 12\n"
                       "\nName: in the text\nVersion: 2\n";
    for (size_t piece = 1; piece <= strlen(text); ++piece) {
        struct blox_metadata metadata;
        feed(&metadata, text, piece);
        assert_string_equal(metadata.name, "Big.Pkg");
        assert_string_equal(metadata.version, "1.0");
        assert_string_equal(metadata.wheel_version, "1.0");
        assert_int_equal(metadata.window_bits, 12);
        assert_int_equal(metadata.tags, 2);
        assert_true(metadata.tag_accepted);
        assert_false(metadata.broken);
    }
}

static void the_last_line_needs_no_newline(void **state) {
    (void)state;
    struct blox_metadata metadata;
    feed(&metadata, "Name: a\nVersion: 1", 3);
    assert_string_equal(metadata.version, "1");
}

static void a_folded_value_goes_on(void **state) {
    (void)state;
    struct blox_metadata metadata;
    feed(&metadata, "Name:\n  a\nVersion: 1\n", 1);
    assert_string_equal(metadata.name, "a");
    assert_string_equal(metadata.version, "1");
}

static void the_first_of_two_counts(void **state) {
    (void)state;
    struct blox_metadata metadata;
    feed(&metadata, "Name: a\nName: b\n", 100);
    assert_string_equal(metadata.name, "a");
}

static void without_headers_nothing_is_found(void **state) {
    (void)state;
    struct blox_metadata metadata;
    feed(&metadata, "", 1);
    assert_string_equal(metadata.name, "");
    assert_int_equal(metadata.window_bits, 15);
    feed(&metadata, "\nName: a\n", 1);
    assert_string_equal(metadata.name, "");
    feed(&metadata, "no header\nNames: a\nXName: b\n: c\n", 1);
    assert_string_equal(metadata.name, "");
    assert_false(metadata.broken);
}

static void a_value_too_long_is_broken_and_a_long_line_is_not(void **state) {
    (void)state;
    struct blox_metadata metadata;
    feed(&metadata,
         "Summary: 0123456789012345678901234567890123456789012345678901234567"
         "890123456789012345678901234567890123456789012345678901234567890123\n"
         "Name: a\n",
         7);
    assert_string_equal(metadata.name, "a");
    assert_false(metadata.broken);
    feed(
        &metadata,
        "Name: 0123456789012345678901234567890123456789012345678901234567890123"
        "4567\n",
        7);
    assert_true(metadata.broken);
    feed(&metadata, "Name:\n", 7);
    assert_true(metadata.broken);
}

static void window_bits_are_8_to_15(void **state) {
    (void)state;
    static const char *const wrong[] = {"7",  "16", "",
                                        "1x", "-9", "9999999999"};
    struct blox_metadata metadata;
    feed(&metadata, "Blox-Window-Bits: 8\n", 1);
    assert_int_equal(metadata.window_bits, 8);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        blox_metadata_init(&metadata, blox_span_text("x"));
        blox_metadata_feed(&metadata, blox_span_text("Blox-Window-Bits: "));
        blox_metadata_feed(&metadata, blox_span_text(wrong[i]));
        blox_metadata_end(&metadata);
        assert_true(metadata.broken);
        assert_int_equal(metadata.window_bits, 15);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read_wherever_the_text_is_cut),
        cmocka_unit_test(the_last_line_needs_no_newline),
        cmocka_unit_test(a_folded_value_goes_on),
        cmocka_unit_test(the_first_of_two_counts),
        cmocka_unit_test(without_headers_nothing_is_found),
        cmocka_unit_test(a_value_too_long_is_broken_and_a_long_line_is_not),
        cmocka_unit_test(window_bits_are_8_to_15),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
