// SPDX-License-Identifier: MIT
#include "core/base/text.h"

#include "core/base/error.h"
#include "tests/core/test.h"

static void writes_pieces_one_after_the_other(void **state) {
    (void)state;
    char buffer[64];
    struct blox_text text;
    blox_text_init(&text, buffer, sizeof buffer);
    blox_text_add(&text, "a ");
    blox_text_add_u32(&text, 4294967295u);
    blox_text_add_char(&text, ' ');
    blox_text_add_u32(&text, 0);
    blox_text_add_hex(&text, (const uint8_t[]){0x0f, 0xa0}, 2);
    assert_string_equal(buffer, "a 4294967295 00fa0");
    assert_false(text.cut);
}

static void cuts_at_the_capacity_and_remembers(void **state) {
    (void)state;
    for (size_t capacity = 1; capacity <= 12; ++capacity) {
        char buffer[16] = "###############";
        struct blox_text text;
        blox_text_init(&text, buffer, capacity);
        blox_text_add(&text, "0123456789");
        assert_int_equal(strlen(buffer), capacity > 10 ? 10 : capacity - 1);
        assert_int_equal(text.cut, capacity <= 10);
        assert_int_equal(buffer[capacity], '#');
    }
}

static void shows_foreign_bytes_harmlessly(void **state) {
    (void)state;
    char buffer[128];
    struct blox_text text;
    blox_text_init(&text, buffer, sizeof buffer);
    blox_text_add_shown(&text, blox_span("a\x1b[0m\xff\n", 7));
    assert_string_equal(buffer, "a?[0m??");
    blox_text_clear(&text);
    char large[61];
    memset(large, 'x', sizeof large);
    blox_text_add_shown(&text, blox_span(large, sizeof large));
    assert_int_equal(text.size, 63);
    assert_true(blox_span_ends(blox_text_span(&text), "x..."));
}

static void states_an_error_as_one_sentence(void **state) {
    (void)state;
    char buffer[128];
    struct blox_text text;
    blox_text_init(&text, buffer, sizeof buffer);
    int error = blox_text_fail(&text, BLOX_ERROR_PATH, "wheel",
                               blox_span_text("../x"), "leaves /lib");
    assert_int_equal(error, BLOX_ERROR_PATH);
    assert_string_equal(buffer, "wheel '../x': leaves /lib");
    assert_int_equal(
        blox_text_fail(NULL, BLOX_ERROR_IO, "", blox_span(0, 0), ""),
        BLOX_ERROR_IO);
}

static void names_every_error(void **state) {
    (void)state;
    assert_string_equal(blox_error_text(BLOX_OK), "no error");
    assert_string_equal(blox_error_text(BLOX_ERROR_REFUSED), "refused");
    assert_string_equal(blox_error_text(BLOX_ERROR_MEMORY), "no memory");
    assert_string_equal(blox_error_text(BLOX_ERROR_MEMORY - 1),
                        "unknown error");
    assert_string_equal(blox_error_text(1), "unknown error");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_pieces_one_after_the_other),
        cmocka_unit_test(cuts_at_the_capacity_and_remembers),
        cmocka_unit_test(shows_foreign_bytes_harmlessly),
        cmocka_unit_test(states_an_error_as_one_sentence),
        cmocka_unit_test(names_every_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
