// SPDX-License-Identifier: MIT
#include "core/ota/install.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/ota/installing.h"
#include "tests/core/test.h"

static char sentence[200];

static void installs_a_wheel(void **state) {
    (void)state;
    install_old();
    assert_old();
    assert_tidy();
}

static void an_upgrade_removes_what_the_new_record_does_not_list(void **state) {
    (void)state;
    install_old();
    storage_ram_put(&device.ram, "/lib/pkg/mine.py", "mine", 4);
    add_wheel("pkg", "2.0", new_members);
    update();
    assert_new();
    assert_true(device_has(&device, "/lib/pkg/mine.py", "mine"));
    assert_null(storage_ram_get(&device.ram, "/lib/pkg/sub2"));
    assert_null(storage_ram_get(&device.ram, "/lib/pkg-1.0.dist-info"));
    assert_tidy();
}

static void a_package_without_record_is_upgraded_too(void **state) {
    (void)state;
    const char metadata[] = "Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n";
    storage_ram_put(&device.ram, "/lib/pkg-1.0.dist-info/METADATA", metadata,
                    sizeof metadata - 1);
    storage_ram_put(&device.ram, "/lib/pkg/__init__.py", "x", 1);
    add_wheel("pkg", "2.0", new_members);
    update();
    assert_new();
}

static void writes_the_journal_before_anything_changes(void **state) {
    (void)state;
    install_old();
    add_wheel("pkg", "2.0", new_members);
    add_src("a/b.py", "src");
    add_delete("x.py");
    storage_ram_put(&device.ram, "/x.py", "x", 1);
    download();
    uint32_t before = storage_ram_hash(&device.ram, "/lib");
    assert_int_equal(device_install(&device, sentence, sizeof sentence),
                     BLOX_OK);
    assert_int_equal(storage_ram_hash(&device.ram, "/lib"), before);
    assert_true(device_has(&device, "/x.py", "x"));
    const struct storage_ram_file *file =
        storage_ram_get(&device.ram, BLOX_FILE_JOURNAL);
    char text[8192] = "";
    memcpy(text, file->data, file->size);
    assert_int_equal(strncmp(text, "blox-journal 1 apply ", 21), 0);
    assert_non_null(strstr(text, "\nremove\t/lib/pkg/gone.py\t/.blox/b"));
    assert_non_null(strstr(text, "\nremove\t/x.py\t/.blox/b"));
    assert_non_null(strstr(
        text,
        "\nmkdir\t/lib/pkg/new\nmkdir\t/lib/pkg/new/deep\nmove\t/.blox/"));
    assert_non_null(
        strstr(text, "\nmkdir\t/a\nmove\t/.blox/pkg-1\t/a/b.py\t/.blox/b"));
    assert_true(strstr(text, "\nremove") < strstr(text, "\nmove"));
    assert_non_null(storage_ram_get(&device.ram, BLOX_FILE_RESERVE));
}

static void files_come_empty_new_and_changed(void **state) {
    (void)state;
    storage_ram_put(&device.ram, "/old.py", "old", 3);
    storage_ram_put(&device.ram, "/gone.py", "gone", 4);
    add_src("old.py", "new");
    add_src("dir/empty.py", "");
    add_delete("gone.py");
    add_delete("never.py");
    update();
    assert_true(device_has(&device, "/old.py", "new"));
    assert_true(device_has(&device, "/dir/empty.py", ""));
    assert_true(device_has(&device, "/gone.py", NULL));
    assert_tidy();
}

// The lines "<8 hex> <path>" of the files that came as src.
static void remembers_the_files_that_came_as_src(void **state) {
    (void)state;
    char sha_1[65], sha_2[65], expected[200];
    add_src("a.py", "1");
    add_src("b.py", "1");
    update();
    device_sha256("1", 1, sha_1);
    sprintf(expected, "%.8s a.py\n%.8s b.py\n", sha_1, sha_1);
    assert_true(device_has(&device, "/.blox/src", expected));
    add_src("c.py", "2");
    add_src("b.py", "2");
    add_delete("a.py");
    update();
    device_sha256("2", 1, sha_2);
    sprintf(expected, "%.8s c.py\n%.8s b.py\n", sha_2, sha_2);
    assert_true(device_has(&device, "/.blox/src", expected));
}

static void of_entries_for_one_thing_the_last_counts(void **state) {
    (void)state;
    add_src("a.py", "first");
    add_delete("b.py");
    add_src("a.py", "last");
    add_src("b.py", "back");
    update();
    assert_true(device_has(&device, "/a.py", "last"));
    assert_true(device_has(&device, "/b.py", "back"));
}

static void a_new_main_py_comes_last_when_the_set_is_confirmed(void **state) {
    (void)state;
    storage_ram_put(&device.ram, "/main.py", "RESCUE = 1\nold\n", 15);
    add_src("main.py", "# new\nRESCUE = 1  # it is\n");
    add_src("x.py", "x");
    download();
    assert_int_equal(device_reset(&device), BLOX_OK);
    assert_true(device_has(&device, "/x.py", "x"));
    assert_true(device_has(&device, "/main.py", "RESCUE = 1\nold\n"));
    confirm();
    assert_true(
        device_has(&device, "/main.py", "# new\nRESCUE = 1  # it is\n"));
    assert_tidy();
}

static void assert_refused(int error, const char *why) {
    uint32_t before = storage_ram_hash(&device.ram, "/lib");
    download();
    assert_int_equal(device_reset(&device), error);
    assert_int_equal(storage_ram_hash(&device.ram, "/lib"), before);
    if (strstr(device.updater.error, why) == NULL) {
        fail_msg("'%s' is not in '%s'", why, device.updater.error);
    }
    assert_int_equal(device.updater.state, BLOX_UPDATER_FAILED);
    assert_tidy();
}

static void a_main_py_without_rescue_is_refused(void **state) {
    (void)state;
    add_src("x.py", "x");
    add_src("main.py", "import RESCUE\n RESCUE = 1\nRESCUER = 1\n");
    assert_refused(BLOX_ERROR_REFUSED, "RESCUE = 1");
    assert_true(device_has(&device, "/x.py", NULL));
    assert_true(device_has(&device, "/main.py", NULL));
}

static void a_main_py_that_does_not_compile_is_refused(void **state) {
    (void)state;
    add_src("main.py", "RESCUE = 1\nSYNTAX ERROR\n");
    assert_refused(BLOX_ERROR_REFUSED, "main.py");
}

static void a_wheel_that_is_not_a_zip_is_refused(void **state) {
    (void)state;
    struct builder builder;
    builder_init(&builder);
    builder.data = (uint8_t *)strdup("this is not a zip");
    builder.size = 17;
    add_src("x.py", "x");
    add_built("pkg", "1.0", &builder);
    assert_refused(BLOX_ERROR_FORMAT, "pkg 1.0: ");
    assert_true(device_has(&device, "/x.py", NULL));
}

static void a_wheel_with_another_name_or_version_is_refused(void **state) {
    (void)state;
    struct builder builder;
    build_wheel(&builder, "other", "1.0", new_members);
    add_built("pkg", "1.0", &builder);
    assert_refused(BLOX_ERROR_FORMAT, "pkg 1.0: ");
}

static void a_wheel_that_leaves_lib_is_refused(void **state) {
    (void)state;
    const char *const members[] = {"../evil.py", "x", NULL};
    add_wheel("pkg", "1.0", members);
    assert_refused(BLOX_ERROR_PATH, "pkg 1.0: ");
    assert_true(device_has(&device, "/evil.py", NULL));
}

static void a_file_where_a_directory_must_be_is_refused(void **state) {
    (void)state;
    storage_ram_put(&device.ram, "/lib/pkg", "a file", 6);
    add_wheel("pkg", "2.0", new_members);
    assert_refused(BLOX_ERROR_PATH, "a file stands where a directory must be");
}

static void a_directory_where_a_file_must_be_is_refused(void **state) {
    (void)state;
    storage_ram_mkdir(&device.ram, "/lib/pkg/same.py");
    add_wheel("pkg", "2.0", new_members);
    assert_refused(BLOX_ERROR_PATH, "a directory stands where a file must be");
}

static void two_wheels_may_bring_one_file(void **state) {
    (void)state;
    const char *const one[] = {"shared.py", "one", NULL};
    const char *const two[] = {"shared.py", "two", NULL};
    storage_ram_put(&device.ram, "/lib/shared.py", "before", 6);
    add_wheel("one", "1", one);
    add_wheel("two", "1", two);
    download();
    assert_int_equal(device_reset(&device), BLOX_OK);
    assert_true(device_has(&device, "/lib/shared.py", "two"));
    device.ram.ops.rename(device.ram.ops.context, BLOX_FILE_JOURNAL_UNDO,
                          BLOX_FILE_JOURNAL);
    device_reset(&device);
    assert_true(device_has(&device, "/lib/shared.py", "before"));
}

static void a_set_on_trial_can_be_undone(void **state) {
    (void)state;
    install_old();
    storage_ram_put(&device.ram, "/y.py", "y", 1);
    uint32_t lib = storage_ram_hash(&device.ram, "/lib");
    add_wheel("pkg", "2.0", new_members);
    add_src("x.py", "x");
    add_delete("y.py");
    download();
    assert_int_equal(device_reset(&device), BLOX_OK);
    assert_new();
    assert_int_equal(device.ram.ops.rename(device.ram.ops.context,
                                           BLOX_FILE_JOURNAL_UNDO,
                                           BLOX_FILE_JOURNAL),
                     BLOX_OK);
    device_reset(&device);
    assert_old();
    assert_int_equal(storage_ram_hash(&device.ram, "/lib"), lib);
    assert_true(device_has(&device, "/x.py", NULL));
    assert_true(device_has(&device, "/y.py", "y"));
    assert_int_equal(device.updater.state, BLOX_UPDATER_ROLLED_BACK);
    assert_tidy();
    device_connect(&device);
    device_run(&device);
    assert_false(device.reboot);
    assert_int_equal(device.updater.state, BLOX_UPDATER_ROLLED_BACK);
}

static void undo_leaves_alone_what_was_changed_since(void **state) {
    (void)state;
    storage_ram_put(&device.ram, "/x.py", "old", 3);
    add_src("x.py", "new");
    download();
    device_reset(&device);
    storage_ram_put(&device.ram, "/x.py", "deployed", 8);
    device.ram.ops.rename(device.ram.ops.context, BLOX_FILE_JOURNAL_UNDO,
                          BLOX_FILE_JOURNAL);
    device_reset(&device);
    assert_true(device_has(&device, "/x.py", "deployed"));
}

// What a wheel takes is free for the journal; what comes as src is moved from
// where it lies.
static void a_wheel_is_gone_when_the_set_is_committed(void **state) {
    (void)state;
    add_wheel("pkg", "1.0", old_members);
    add_src("x.py", "x");
    add_wheel("two", "1.0", new_members);
    download();
    assert_non_null(storage_ram_get(&device.ram, "/.blox/pkg-0"));
    assert_non_null(storage_ram_get(&device.ram, "/.blox/pkg-2"));
    assert_int_equal(device_install(&device, sentence, sizeof sentence),
                     BLOX_OK);
    assert_null(storage_ram_get(&device.ram, "/.blox/pkg-0"));
    assert_true(device_has(&device, "/.blox/pkg-1", "x"));
    assert_null(storage_ram_get(&device.ram, "/.blox/pkg-2"));
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, installing_setup,                \
                                    updating_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(installs_a_wheel),
        TEST(an_upgrade_removes_what_the_new_record_does_not_list),
        TEST(a_package_without_record_is_upgraded_too),
        TEST(writes_the_journal_before_anything_changes),
        TEST(files_come_empty_new_and_changed),
        TEST(remembers_the_files_that_came_as_src),
        TEST(of_entries_for_one_thing_the_last_counts),
        TEST(a_new_main_py_comes_last_when_the_set_is_confirmed),
        TEST(a_main_py_without_rescue_is_refused),
        TEST(a_main_py_that_does_not_compile_is_refused),
        TEST(a_wheel_that_is_not_a_zip_is_refused),
        TEST(a_wheel_with_another_name_or_version_is_refused),
        TEST(a_wheel_that_leaves_lib_is_refused),
        TEST(a_file_where_a_directory_must_be_is_refused),
        TEST(a_directory_where_a_file_must_be_is_refused),
        TEST(two_wheels_may_bring_one_file),
        TEST(a_set_on_trial_can_be_undone),
        TEST(undo_leaves_alone_what_was_changed_since),
        TEST(a_wheel_is_gone_when_the_set_is_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
