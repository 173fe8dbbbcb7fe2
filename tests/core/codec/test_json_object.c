// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/base/error.h"
#include "core/codec/json_object.h"

enum { TOKENS = 40 };

static struct blox_json_token tokens[TOKENS];
static char sentence[120];

static int parse(struct blox_json_object *object, const char *text,
                 size_t count) {
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    return blox_json_object_parse(object, blox_span_text(text), tokens, count,
                                  "list", &why);
}

static void assert_string(const struct blox_json_object *object,
                          const char *key, const char *expected) {
    char buffer[40];
    int size = blox_json_string(object, blox_json_find(object, key), buffer,
                                sizeof buffer);
    assert_int_equal(size, strlen(expected));
    assert_string_equal(buffer, expected);
}

static void members_are_found_by_key(void **state) {
    (void)state;
    struct blox_json_object object;
    assert_int_equal(
        parse(&object,
              " {\"type\":\"wheel\", \"size\" : 61234,\"x\":[1,{\"size\":2}],"
              "\"on\":true,\"off\":false,\"n\":null,\"e\":\"\"} ",
              TOKENS),
        BLOX_OK);
    uint32_t number = 0;
    bool flag = false;
    assert_string(&object, "type", "wheel");
    assert_string(&object, "e", "");
    assert_int_equal(
        blox_json_u32(&object, blox_json_find(&object, "size"), &number),
        BLOX_OK);
    assert_int_equal(number, 61234);
    assert_int_equal(
        blox_json_bool(&object, blox_json_find(&object, "on"), &flag), BLOX_OK);
    assert_true(flag);
    assert_int_equal(
        blox_json_bool(&object, blox_json_find(&object, "off"), &flag),
        BLOX_OK);
    assert_false(flag);
    assert_int_equal(blox_json_type(&object, blox_json_find(&object, "n")),
                     BLOX_JSON_NULL);
    assert_int_equal(blox_json_type(&object, blox_json_find(&object, "x")),
                     BLOX_JSON_ARRAY);
    assert_int_equal(blox_json_find(&object, "typ"), BLOX_ERROR_MISSING);
    assert_int_equal(blox_json_find(&object, "types"), BLOX_ERROR_MISSING);
    struct blox_span raw = blox_json_raw(&object, blox_json_find(&object, "x"));
    assert_true(blox_span_is(raw, "[1,{\"size\":2}]"));
}

static void of_two_members_of_one_name_the_last_counts(void **state) {
    (void)state;
    struct blox_json_object object;
    assert_int_equal(
        parse(&object, "{\"a\":\"1\",\"b\":{\"a\":\"3\"},\"\\u0061\":\"2\"}",
              TOKENS),
        BLOX_OK);
    assert_string(&object, "a", "2");
}

static void members_are_walked_in_order_past_nested_values(void **state) {
    (void)state;
    struct blox_json_object object;
    assert_int_equal(
        parse(&object, "{\"a\":{\"x\":[]},\"b\":[[],{}],\"c\":\"\",\"d\":{}}",
              TOKENS),
        BLOX_OK);
    uint32_t cursor = 0;
    for (const char *key = "abcd"; *key != '\0'; ++key) {
        char name[2] = {*key};
        assert_true(
            blox_json_is(&object, blox_json_next(&object, &cursor), name));
    }
    assert_int_equal(blox_json_next(&object, &cursor), 0);
}

static void a_member_may_be_an_object(void **state) {
    (void)state;
    struct blox_json_object object, child;
    assert_int_equal(
        parse(&object, "{\"e\":{},\"m\":{\"p\":1},\"p\":2}", TOKENS), BLOX_OK);
    uint32_t number = 0, cursor = 0;
    assert_int_equal(
        blox_json_child(&object, blox_json_find(&object, "m"), &child),
        BLOX_OK);
    assert_int_equal(
        blox_json_u32(&child, blox_json_find(&child, "p"), &number), BLOX_OK);
    assert_int_equal(number, 1);
    assert_int_equal(
        blox_json_child(&object, blox_json_find(&object, "e"), &child),
        BLOX_OK);
    assert_int_equal(blox_json_next(&child, &cursor), 0);
    assert_int_equal(
        blox_json_child(&object, blox_json_find(&object, "p"), &child),
        BLOX_ERROR_FORMAT);
}

static void escapes_become_utf_8(void **state) {
    (void)state;
    struct blox_json_object object;
    assert_int_equal(
        parse(&object,
              "{\"a\":\"\\\"\\\\\\/"
              "\\b\\f\\n\\r\\t\",\"b\":\"\\u00fC\\u20AC\\ud83d\\ude00!\"}",
              TOKENS),
        BLOX_OK);
    assert_string(&object, "a", "\"\\/\b\f\n\r\t");
    assert_string(&object, "b", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80!");
}

static void a_nul_inside_shows_in_the_size(void **state) {
    (void)state;
    struct blox_json_object object;
    char buffer[10];
    assert_int_equal(parse(&object, "{\"a\":\"x\\u0000y\"}", TOKENS), BLOX_OK);
    int value = blox_json_find(&object, "a");
    assert_int_equal(blox_json_string(&object, value, buffer, sizeof buffer),
                     3);
    assert_memory_equal(buffer, "x\0y", 4);
    assert_false(blox_json_is(&object, value, "x"));
}

static void a_string_that_does_not_fit_is_an_error(void **state) {
    (void)state;
    struct blox_json_object object;
    char buffer[5];
    assert_int_equal(parse(&object, "{\"a\":\"1234\",\"b\":\"12345\"}", TOKENS),
                     BLOX_OK);
    assert_int_equal(
        blox_json_string(&object, blox_json_find(&object, "a"), buffer, 5), 4);
    assert_int_equal(
        blox_json_string(&object, blox_json_find(&object, "b"), buffer, 5),
        BLOX_ERROR_BUFFER);
}

static void numbers_are_u32_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int error;
        uint32_t number;
    } cases[] = {
        {"{\"n\":0}", BLOX_OK, 0},
        {"{\"n\":4294967295}", BLOX_OK, 4294967295u},
        {"{\"n\":4294967296}", BLOX_ERROR_FORMAT, 0},
        {"{\"n\":42949672950}", BLOX_ERROR_FORMAT, 0},
        {"{\"n\":-1}", BLOX_ERROR_FORMAT, 0},
        {"{\"n\":1.0}", BLOX_ERROR_FORMAT, 0},
        {"{\"n\":1e3}", BLOX_ERROR_FORMAT, 0},
        {"{\"n\":\"1\"}", BLOX_ERROR_FORMAT, 0},
        {"{\"n\":true}", BLOX_ERROR_FORMAT, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        struct blox_json_object object;
        uint32_t number = 0;
        assert_int_equal(parse(&object, cases[i].text, TOKENS), BLOX_OK);
        assert_int_equal(
            blox_json_u32(&object, blox_json_find(&object, "n"), &number),
            cases[i].error);
        assert_int_equal(number, cases[i].number);
    }
}

static void another_kind_is_an_error_not_a_crash(void **state) {
    (void)state;
    struct blox_json_object object;
    char buffer[10];
    bool flag;
    assert_int_equal(parse(&object, "{\"n\":1,\"o\":{}}", TOKENS), BLOX_OK);
    assert_int_equal(blox_json_string(&object, 2, buffer, sizeof buffer),
                     BLOX_ERROR_FORMAT);
    assert_int_equal(blox_json_bool(&object, 2, &flag), BLOX_ERROR_FORMAT);
    assert_int_equal(blox_json_bool(&object, 4, &flag), BLOX_ERROR_FORMAT);
    assert_false(blox_json_is(&object, 4, "{}"));
}

static void what_is_no_object_is_refused_in_a_sentence(void **state) {
    (void)state;
    struct blox_json_object object;
    assert_int_equal(parse(&object, "[1]", TOKENS), BLOX_ERROR_FORMAT);
    assert_string_equal(sentence, "list: is not a JSON object");
    assert_int_equal(parse(&object, "7", TOKENS), BLOX_ERROR_FORMAT);
    assert_string_equal(sentence, "list: is not a JSON object");
    assert_int_equal(parse(&object, "{\"a\":1 \"b\":2}", TOKENS),
                     BLOX_ERROR_FORMAT);
    assert_string_equal(
        sentence,
        "list: line 1, column 8: expected ',' or '}' after the value");
}

static void more_members_than_tokens_are_refused(void **state) {
    (void)state;
    struct blox_json_object object;
    assert_int_equal(parse(&object, "{\"a\":1,\"b\":2}", 5), BLOX_OK);
    assert_int_equal(parse(&object, "{\"a\":1,\"b\":2}", 4), BLOX_ERROR_LIMIT);
    assert_string_equal(sentence, "list: has too many members");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_found_by_key),
        cmocka_unit_test(of_two_members_of_one_name_the_last_counts),
        cmocka_unit_test(members_are_walked_in_order_past_nested_values),
        cmocka_unit_test(a_member_may_be_an_object),
        cmocka_unit_test(escapes_become_utf_8),
        cmocka_unit_test(a_nul_inside_shows_in_the_size),
        cmocka_unit_test(a_string_that_does_not_fit_is_an_error),
        cmocka_unit_test(numbers_are_u32_or_refused),
        cmocka_unit_test(another_kind_is_an_error_not_a_crash),
        cmocka_unit_test(what_is_no_object_is_refused_in_a_sentence),
        cmocka_unit_test(more_members_than_tokens_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
