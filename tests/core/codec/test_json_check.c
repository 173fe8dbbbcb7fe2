// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/base/error.h"
#include "core/codec/json_check.h"

static int check_text(const char *text, struct blox_json_check *check) {
    blox_json_check_init(check);
    int error = blox_json_check_feed(check, blox_span_text(text));
    return error < 0 ? error : blox_json_check_end(check);
}

static void valid_documents_pass(void **state) {
    (void)state;
    static const char *const valid[] = {
        "{}",
        "[]",
        " \t\r\n{ } \n",
        "0",
        "-0",
        "10.5e+3",
        "1E5",
        "0.0",
        "true",
        "false",
        "null",
        "\"\"",
        "[1,2 , 3]",
        "{\"a\":1,\"b\":[true,null,{}]}",
        "\"\\u00e9\\n\\/\"",
        "\"\\ud83d\\ude00\"",
        "\"\xf0\x9f\x98\x80\"",
        "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
        "[-1e-2]",
        "{\"\":\"\"}",
        "[\"\\\"\",\"\\\\\"]",
    };
    for (size_t i = 0; i < sizeof valid / sizeof *valid; ++i) {
        struct blox_json_check check;
        if (check_text(valid[i], &check) != BLOX_OK) {
            fail_msg("%s: %s", valid[i], check.why);
        }
        assert_true(check.done);
        assert_int_equal(check.offset, strlen(valid[i]));
    }
}

struct wrong {
    const char *text;
    uint32_t line, column;
    const char *why;
};

static const struct wrong wrongs[] = {
    {"", 1, 1, "the document is empty"},
    {"{\"a\" 1}", 1, 6, "expected ':' after the key"},
    {"{\"a\":1 \"b\":2}", 1, 8, "expected ',' or '}' after the value"},
    {"[1 2]", 1, 4, "expected ',' or ']' after the value"},
    {"[1}", 1, 3, "expected ',' or ']' after the value"},
    {"{\"a\":1]", 1, 7, "expected ',' or '}' after the value"},
    {"{\n  \"a\": 1,\n}", 3, 1,
     "expected a key in double quotes after the ','"},
    {"{a:1}", 1, 2, "expected a key in double quotes"},
    {"{'a':1}", 1, 2, "expected a key in double quotes"},
    {"{1:1}", 1, 2, "expected a key in double quotes"},
    {"[1,]", 1, 4, "expected a value before the closing bracket"},
    {"{\"a\":}", 1, 6, "expected a value before the closing bracket"},
    {"[,]", 1, 2, "expected a value"},
    {"\xef\xbb\xbf{}", 1, 1, "expected a value"},
    {"// no", 1, 1, "expected a value"},
    {"{} x", 1, 4, "something follows the end of the document"},
    {"1 2", 1, 3, "something follows the end of the document"},
    {"{}{}", 1, 3, "something follows the end of the document"},
    {"[\"a\nb\"]", 1, 4, "the string does not end on its line"},
    {"[\"a\tb\"]", 1, 4, "a control character in a string is not escaped"},
    {"[\"\\x41\"]", 1, 4, "an unknown escape in a string"},
    {"[\"\\u12g4\"]", 1, 7, "expected four hex digits after \\u"},
    {"[\"\\ud800\"]", 1, 9, "a surrogate in a string stands alone"},
    {"[\"\\ud800\\n\"]", 1, 10, "a surrogate in a string stands alone"},
    {"[\"\\udc00\"]", 1, 8, "a surrogate in a string stands alone"},
    {"[\"\\ud800\\u0041\"]", 1, 14, "a surrogate in a string stands alone"},
    {"[\"\xff\"]", 1, 3, "a byte in a string is not UTF-8"},
    {"[\"\xc3\"]", 1, 4, "a byte in a string is not UTF-8"},
    {"[01]", 1, 3, "a number has a leading zero"},
    {"[-01]", 1, 4, "a number has a leading zero"},
    {"[-]", 1, 3, "expected a digit"},
    {"[1.]", 1, 4, "expected a digit"},
    {"[1e]", 1, 4, "expected a digit"},
    {"[1e+]", 1, 5, "expected a digit"},
    {"[.5]", 1, 2, "expected a value"},
    {"[+5]", 1, 2, "expected a value"},
    {"[1e5.]", 1, 5, "expected ',' or ']' after the value"},
    {"[nul]", 1, 5, "an unknown word; JSON has true, false and null"},
    {"[True]", 1, 2, "expected a value"},
    {"[truee]", 1, 6, "expected ',' or ']' after the value"},
    {"[\"a", 1, 4, "the document ends inside a string"},
    {"[\"\\ud800\\", 1, 10, "the document ends inside a string"},
    {"[1", 1, 3, "the document ends before the closing ']'"},
    {"{\"a\":1", 1, 7, "the document ends before the closing '}'"},
    {"-", 1, 2, "the document ends inside a value"},
    {"tru", 1, 4, "the document ends inside a value"},
    {"{\"a\":[1],\n\n \"b\":[}}", 3, 7,
     "expected a value before the closing bracket"},
};

static void an_error_has_its_place_and_a_plain_reason(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; ++i) {
        struct blox_json_check check;
        int error = check_text(wrongs[i].text, &check);
        if (error != BLOX_ERROR_FORMAT ||
            strcmp(check.why, wrongs[i].why) != 0 ||
            check.line != wrongs[i].line || check.column != wrongs[i].column) {
            fail_msg("%s: %d:%d %s", wrongs[i].text, check.line, check.column,
                     check.why);
        }
        assert_int_equal(blox_json_check_byte(&check, ' '), BLOX_ERROR_FORMAT);
        assert_int_equal(blox_json_check_end(&check), BLOX_ERROR_FORMAT);
    }
}

static void the_sentence_names_the_file_and_the_place(void **state) {
    (void)state;
    struct blox_json_check check;
    char buffer[100];
    struct blox_text text;
    blox_text_init(&text, buffer, sizeof buffer);
    int error = check_text("{\n \"a\" 1}", &check);
    assert_int_equal(
        blox_json_check_fail(&check, error, &text, "settings.json"),
        BLOX_ERROR_FORMAT);
    assert_string_equal(
        buffer, "settings.json: line 2, column 6: expected ':' after the key");
}

static void seventeen_levels_are_too_many(void **state) {
    (void)state;
    struct blox_json_check check;
    assert_int_equal(check_text("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", &check),
                     BLOX_ERROR_LIMIT);
    assert_int_equal(check.column, 17);
    assert_string_equal(check.why, "nested deeper than 16 levels");
}

static void each_value_begins_and_ends_once(void **state) {
    (void)state;
    // b: begins here, e: ends here, P: ended before here
    const char *text = "{\"k\":[10,\"s\",true , 2 ]}";
    const char *steps = "b....bb.Pb.e.b..e...bPee";
    struct blox_json_check check;
    blox_json_check_init(&check);
    for (size_t i = 0; i < strlen(text); ++i) {
        int step = blox_json_check_byte(&check, (uint8_t)text[i]);
        assert_int_equal(".beP"[step], steps[i]);
    }
}

// The elements of text, one a line as "start,comma:text\n"; size is how much
// is fed at once.
static int split_text(const char *document, size_t piece, size_t capacity,
                      struct blox_text *out, struct blox_json_split *split) {
    static uint8_t data[100];
    blox_json_split_init(split, data, capacity);
    struct blox_span all = blox_span_text(document);
    for (size_t at = 0; at < all.size; at += piece) {
        struct blox_span text = blox_span_part(all, at, piece);
        int result;
        while ((result = blox_json_split_feed(split, &text)) > 0) {
            blox_text_add_u32(out, split->start);
            blox_text_add_char(out, ',');
            blox_text_add_u32(out, split->comma);
            blox_text_add_char(out, ':');
            blox_text_add_span(out, blox_span(split->data, split->size));
            blox_text_add_char(out, '\n');
        }
        if (result < 0) {
            return result;
        }
        assert_int_equal(text.size, 0);
    }
    return blox_json_split_end(split);
}

static void an_array_is_split_wherever_it_is_cut(void **state) {
    (void)state;
    const char *text = " [{\"a\":[1,{}]} , 12,\"x,]\" ,[],null,3\t,4] ";
    for (size_t piece = 1; piece <= strlen(text); ++piece) {
        char buffer[200];
        struct blox_text out;
        struct blox_json_split split;
        blox_text_init(&out, buffer, sizeof buffer);
        assert_int_equal(split_text(text, piece, 100, &out, &split), BLOX_OK);
        assert_string_equal(buffer,
                            "2,0:{\"a\":[1,{}]}\n17,15:12\n20,19:\"x,]\"\n"
                            "27,26:[]\n30,29:null\n35,34:3\n38,37:4\n");
        assert_int_equal(split.count, 7);
    }
}

static void an_empty_array_has_no_elements(void **state) {
    (void)state;
    char buffer[10];
    struct blox_text out;
    struct blox_json_split split;
    blox_text_init(&out, buffer, sizeof buffer);
    assert_int_equal(split_text("[ ]", 3, 100, &out, &split), BLOX_OK);
    assert_int_equal(split.count, 0);
}

static void what_is_no_array_is_not_split(void **state) {
    (void)state;
    static const char *const wrong[] = {"{\"a\":1}", "1", "\"x\"", "null"};
    for (size_t i = 0; i < 4; ++i) {
        char buffer[10];
        struct blox_text out;
        struct blox_json_split split;
        blox_text_init(&out, buffer, sizeof buffer);
        assert_int_equal(split_text(wrong[i], 1, 100, &out, &split),
                         BLOX_ERROR_FORMAT);
        assert_string_equal(split.check.why, "the document is not an array");
    }
}

static void an_element_larger_than_the_buffer_is_refused(void **state) {
    (void)state;
    char buffer[50];
    struct blox_text out;
    struct blox_json_split split;
    blox_text_init(&out, buffer, sizeof buffer);
    assert_int_equal(split_text("[\"123\"]", 1, 5, &out, &split), BLOX_OK);
    assert_int_equal(split_text("[\"1234\"]", 1, 5, &out, &split),
                     BLOX_ERROR_LIMIT);
    assert_string_equal(split.check.why, "the element is too long");
}

static void a_list_that_breaks_off_is_an_error(void **state) {
    (void)state;
    char buffer[50];
    struct blox_text out;
    struct blox_json_split split;
    blox_text_init(&out, buffer, sizeof buffer);
    assert_int_equal(split_text("[{}", 1, 50, &out, &split), BLOX_ERROR_FORMAT);
    assert_string_equal(split.check.why,
                        "the document ends before the closing ']'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_documents_pass),
        cmocka_unit_test(an_error_has_its_place_and_a_plain_reason),
        cmocka_unit_test(the_sentence_names_the_file_and_the_place),
        cmocka_unit_test(seventeen_levels_are_too_many),
        cmocka_unit_test(each_value_begins_and_ends_once),
        cmocka_unit_test(an_array_is_split_wherever_it_is_cut),
        cmocka_unit_test(an_empty_array_has_no_elements),
        cmocka_unit_test(what_is_no_array_is_not_split),
        cmocka_unit_test(an_element_larger_than_the_buffer_is_refused),
        cmocka_unit_test(a_list_that_breaks_off_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
