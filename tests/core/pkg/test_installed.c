// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <stdio.h>

#include "core/base/error.h"
#include "core/pkg/installed.h"
#include "tests/core/storage_ram.h"

static struct storage_ram ram;

static int set_up(void **state) {
    (void)state;
    storage_ram_init(&ram);
    storage_ram_mkdir(&ram, "/lib");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    storage_ram_free(&ram);
    return 0;
}

static void put_metadata(const char *directory, const char *name,
                         const char *version) {
    char path[120], text[120];
    snprintf(path, sizeof path, "/lib/%s/METADATA", directory);
    snprintf(text, sizeof text,
             "Metadata-Version: 2.1\nName: %s\nVersion: %s\n", name, version);
    storage_ram_put(&ram, path, text, strlen(text));
}

static int find(const char *name, struct blox_installed *installed) {
    int result =
        blox_installed_find(&ram.ops, "/lib", blox_span_text(name), installed);
    assert_int_equal(ram.open_files, 0);
    return result;
}

static void a_package_is_found_by_any_spelling_of_its_name(void **state) {
    (void)state;
    struct blox_installed installed;
    put_metadata("other-2.dist-info", "other", "2");
    put_metadata("mpy_blox-1.2.0.dist-info", "mpy-blox", "1.2.0");
    assert_int_equal(find("Mpy.Blox", &installed), BLOX_OK);
    assert_string_equal(installed.dist_info, "mpy_blox-1.2.0.dist-info");
    assert_int_equal(find("mpy", &installed), BLOX_ERROR_MISSING);
    assert_int_equal(find("", &installed), BLOX_ERROR_MISSING);
}

static void without_a_prefix_directory_nothing_is_installed(void **state) {
    (void)state;
    struct blox_installed installed;
    assert_int_equal(
        blox_installed_find(&ram.ops, "/none", blox_span_text("a"), &installed),
        BLOX_ERROR_MISSING);
}

static void torn_and_broken_installations_are_passed_over(void **state) {
    (void)state;
    struct blox_installed installed;
    storage_ram_mkdir(&ram, "/lib/a-0.dist-info");
    storage_ram_put(&ram, "/lib/a/__init__.py", "", 0);
    storage_ram_put(&ram, "/lib/a.py", "", 0);
    char name[260] = "/lib/";
    memset(name + 5, 'x', 240);
    storage_ram_put(&ram, name, "", 0);
    put_metadata("a-3.dist-info", "a", "3");
    assert_int_equal(find("a", &installed), BLOX_OK);
    assert_string_equal(installed.dist_info, "a-3.dist-info");
}

static void every_failing_operation_comes_through(void **state) {
    (void)state;
    struct blox_installed installed;
    put_metadata("b-1.dist-info", "b", "1");
    put_metadata("a-3.dist-info", "a", "3");
    assert_int_equal(find("a", &installed), BLOX_OK);
    uint32_t operations = ram.operations;
    for (uint32_t n = 1; n <= operations; ++n) {
        storage_ram_boot(&ram);
        ram.fail_at = n;
        ram.fail_with = BLOX_ERROR_IO;
        assert_int_equal(find("a", &installed), BLOX_ERROR_IO);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_package_is_found_by_any_spelling_of_its_name),
        TEST(without_a_prefix_directory_nothing_is_installed),
        TEST(torn_and_broken_installations_are_passed_over),
        TEST(every_failing_operation_comes_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
