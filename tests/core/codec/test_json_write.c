// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/codec/json_check.h"
#include "core/codec/json_write.h"

static char buffer[200];
static struct blox_text text;
static struct blox_json_writer writer;

static int start(void **state) {
    (void)state;
    blox_text_init(&text, buffer, sizeof buffer);
    blox_json_write_init(&writer, &text);
    return 0;
}

static void commas_and_colons_come_by_themselves(void **state) {
    (void)state;
    blox_json_object_begin(&writer);
    blox_json_write_key(&writer, "a");
    blox_json_write_u32(&writer, 1);
    blox_json_write_key(&writer, "b");
    blox_json_object_begin(&writer);
    blox_json_object_end(&writer);
    blox_json_write_key(&writer, "c");
    blox_json_object_begin(&writer);
    blox_json_write_key(&writer, "d");
    blox_json_write_null(&writer);
    blox_json_object_end(&writer);
    blox_json_write_key(&writer, "e");
    blox_json_write_string(&writer, "f");
    blox_json_object_end(&writer);
    assert_string_equal(buffer,
                        "{\"a\":1,\"b\":{},\"c\":{\"d\":null},\"e\":\"f\"}");
}

static void strings_are_escaped(void **state) {
    (void)state;
    blox_json_write_span(&writer,
                         blox_span("\"\\\n\r\t\x01\x7f/\xc3\xbc\0", 11));
    assert_string_equal(buffer,
                        "\"\\\"\\\\\\n\\r\\t\\u0001\\u007f/\xc3\xbc\\u0000\"");
}

static void bytes_that_are_not_utf_8_are_replaced(void **state) {
    (void)state;
    blox_json_write_string(&writer, "a\xff"
                                    "b\xe2\x82"
                                    "c\xc3");
    assert_string_equal(buffer, "\"a\\ufffdb\\ufffd\\ufffdc\\ufffd\"");
}

static void any_string_makes_valid_json(void **state) {
    (void)state;
    for (uint32_t first = 0; first < 256; ++first) {
        for (uint32_t second = 0; second < 256; ++second) {
            uint8_t bytes[3] = {(uint8_t)first, (uint8_t)second, 'x'};
            struct blox_json_check check;
            start(NULL);
            blox_json_write_span(&writer, blox_span(bytes, 3));
            blox_json_check_init(&check);
            assert_int_equal(
                blox_json_check_feed(&check, blox_text_span(&text)), 0);
            assert_int_equal(blox_json_check_end(&check), 0);
        }
    }
}

static void what_does_not_fit_is_cut_and_remembered(void **state) {
    (void)state;
    blox_text_init(&text, buffer, 5);
    blox_json_write_string(&writer, "abcdef");
    assert_true(text.cut);
    assert_string_equal(buffer, "\"abc");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(commas_and_colons_come_by_themselves, start),
        cmocka_unit_test_setup(strings_are_escaped, start),
        cmocka_unit_test_setup(bytes_that_are_not_utf_8_are_replaced, start),
        cmocka_unit_test_setup(any_string_makes_valid_json, start),
        cmocka_unit_test_setup(what_does_not_fit_is_cut_and_remembered, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
