// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/pkg/tag.h"

static bool accepted(const char *tag) {
    return blox_tag_accepted(blox_span_text(tag), blox_span_text("esp32c3"));
}

static void pure_python_is_accepted(void **state) {
    (void)state;
    assert_true(accepted("py3-none-any"));
    assert_true(accepted("py2.py3-none-any"));
    assert_true(accepted("py3.py2-none-any"));
    assert_true(accepted("Py3-None-Any"));
}

static void bytecode_for_this_platform_is_accepted(void **state) {
    (void)state;
    assert_true(accepted("mpy6-bytecode-esp32c3"));
    assert_true(accepted("mpy6-bytecode-esp32.esp32c3"));
}

static void everything_else_is_foreign(void **state) {
    (void)state;
    static const char *const foreign[] = {
        "",
        "-",
        "--",
        "py3",
        "py3-none",
        "py3-none-",
        "py2-none-any",
        "py33-none-any",
        "py3-abi3-any",
        "py3-none-any-x",
        "py3-none-linux_x86_64",
        "cp311-none-any",
        "mpy6-bytecode-esp32",
        "mpy6-bytecode-any",
        "mpy5-bytecode-esp32c3",
        "mpy6-none-esp32c3",
        "x-py3-none-any",
    };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; ++i) {
        assert_false(accepted(foreign[i]));
    }
}

static void without_a_platform_only_pure_python_is_accepted(void **state) {
    (void)state;
    struct blox_span none = blox_span(NULL, 0);
    assert_true(blox_tag_accepted(blox_span_text("py3-none-any"), none));
    assert_false(blox_tag_accepted(blox_span_text("mpy6-bytecode-"), none));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pure_python_is_accepted),
        cmocka_unit_test(bytecode_for_this_platform_is_accepted),
        cmocka_unit_test(everything_else_is_foreign),
        cmocka_unit_test(without_a_platform_only_pure_python_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
