// SPDX-License-Identifier: MIT
#include "core/codec/json_walk.h"

#include "tests/core/test.h"

static void gives_every_member_as_it_stands(void **state) {
    (void)state;
    struct blox_span text =
        blox_span_text(" {\"a\":1 , \"b\\\"\" : \"x\\\\\",\n\"c\":[{\"}\":"
                       "\"]\"},2],\"\":{ \"d\":null}, \"e\": -1.5e3\n}");
    static const char *const keys[] = {"a", "b\\\"", "c", "", "e"};
    static const char *const values[] = {"1", "\"x\\\\\"", "[{\"}\":\"]\"},2]",
                                         "{ \"d\":null}", "-1.5e3"};
    struct blox_json_member member;
    uint32_t at = 0;
    assert_true(blox_json_walk_enter(text, &at));
    for (size_t i = 0; i < 5; ++i) {
        assert_true(blox_json_walk_next(text, &at, &member));
        assert_true(blox_span_is(member.key, keys[i]));
        assert_true(blox_span_is(member.value, values[i]));
        assert_ptr_equal(text.data + member.value_at, member.value.data);
    }
    assert_false(blox_json_walk_next(text, &at, &member));
    assert_int_equal(at, text.size);
}

static void goes_into_an_object_and_on_behind_it(void **state) {
    (void)state;
    struct blox_span text = blox_span_text("{\"a\":{\"b\":1},\"c\":2}");
    struct blox_json_member member;
    uint32_t at = 0;
    blox_json_walk_enter(text, &at);
    blox_json_walk_next(text, &at, &member);
    at = member.value_at;
    assert_true(blox_json_walk_enter(text, &at));
    assert_true(blox_json_walk_next(text, &at, &member));
    assert_true(blox_span_is(member.key, "b"));
    assert_false(blox_json_walk_next(text, &at, &member));
    assert_true(blox_json_walk_next(text, &at, &member));
    assert_true(blox_span_is(member.key, "c"));
    assert_false(blox_json_walk_enter(text, &at));
}

static void counts_an_escape_as_one_character(void **state) {
    (void)state;
    assert_int_equal(blox_json_walk_length(blox_span_text("\"\"")), 0);
    assert_int_equal(blox_json_walk_length(blox_span_text("\"ab\"")), 2);
    assert_int_equal(
        blox_json_walk_length(blox_span_text("\"\\\"\\u0041\\\\b\"")), 4);
}

static void finds_line_and_column(void **state) {
    (void)state;
    struct blox_span text = blox_span_text("ab\n\ncd");
    static const uint32_t places[][2] = {{1, 1}, {1, 2}, {1, 3}, {2, 1},
                                         {3, 1}, {3, 2}, {3, 3}, {3, 3}};
    for (uint32_t at = 0; at < 8; ++at) {
        uint32_t line, column;
        blox_json_walk_place(text, at, &line, &column);
        assert_int_equal(line, places[at][0]);
        assert_int_equal(column, places[at][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_every_member_as_it_stands),
        cmocka_unit_test(goes_into_an_object_and_on_behind_it),
        cmocka_unit_test(counts_an_escape_as_one_character),
        cmocka_unit_test(finds_line_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
