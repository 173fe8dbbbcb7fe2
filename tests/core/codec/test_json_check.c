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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_documents_pass),
        cmocka_unit_test(an_error_has_its_place_and_a_plain_reason),
        cmocka_unit_test(the_sentence_names_the_file_and_the_place),
        cmocka_unit_test(seventeen_levels_are_too_many),
        cmocka_unit_test(each_value_begins_and_ends_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
