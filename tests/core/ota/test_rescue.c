// SPDX-License-Identifier: MIT
#include "core/ota/rescue.h"

#include "core/base/error.h"
#include "tests/core/storage_ram.h"
#include "tests/core/test.h"

static int format_of(const char *text) {
    struct storage_ram ram;
    storage_ram_init(&ram);
    storage_ram_put(&ram, "/main.py", text, strlen(text));
    int whole = blox_rescue_format(&ram.ops, "/main.py");
    for (uint32_t piece = 1; piece < 12; ++piece) {
        ram.read_at_most = piece;
        assert_int_equal(blox_rescue_format(&ram.ops, "/main.py"), whole);
    }
    assert_int_equal(ram.open_files, 0);
    storage_ram_free(&ram);
    return whole;
}

static void finds_the_declaration(void **state) {
    (void)state;
    assert_int_equal(format_of("RESCUE = 1\n"), 1);
    assert_int_equal(format_of("# x\nRESCUE=12"), 12);
    assert_int_equal(format_of("import os\r\nRESCUE =  2  # newest\nx"), 2);
}

static void finds_none_where_there_is_none(void **state) {
    (void)state;
    const char *texts[] = {"",
                           "RESCUE\n",
                           "RESCUE = \n1\n",
                           "RESCUE = x\n",
                           "RESCUE == 1\n",
                           " RESCUE = 1\n",
                           "# RESCUE = 1\n",
                           "RESCUER = 1\n",
                           "RESCU = 1\n",
                           "RESCUE = 0\n",
                           "RESCUE = -1\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; ++i) {
        assert_int_equal(format_of(texts[i]), 0);
    }
}

static void no_file_is_missing(void **state) {
    (void)state;
    struct storage_ram ram;
    storage_ram_init(&ram);
    assert_int_equal(blox_rescue_format(&ram.ops, "/main.py"),
                     BLOX_ERROR_MISSING);
    storage_ram_free(&ram);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_declaration),
        cmocka_unit_test(finds_none_where_there_is_none),
        cmocka_unit_test(no_file_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
