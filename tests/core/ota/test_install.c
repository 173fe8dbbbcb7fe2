// SPDX-License-Identifier: MIT
#include "core/ota/install.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/ota/updating.h"
#include "tests/core/pkg/wheel_builder.h"
#include "tests/core/test.h"

static char sentence[200];

static int setup(void **state) {
    list[0] = '\0';
    return updating_setup(state);
}

static void add_entry(const char *text) {
    strcat(list, list[0] == '\0' ? "[" : ",");
    strcat(list, text);
}

static void add_delete(const char *path) {
    char entry[300];
    sprintf(entry, "{\"type\":\"delete\",\"path\":\"%s\"}", path);
    add_entry(entry);
}

static void add_src(const char *path, const char *content) {
    char entry[400], topic[300];
    device_sha256(content, strlen(content), sha);
    sprintf(entry, "{\"type\":\"src\",\"path\":\"%s\",\"pkg_sha256\":\"%s\"}",
            path, sha);
    add_entry(entry);
    sprintf(topic, "mpypi/packages/src/%s/%s", path, sha);
    if (content[0] != '\0') {
        device_publish(&device, topic, content, strlen(content));
    }
}

// A wheel with these members: name, content, ..., NULL.
static void build(struct builder *builder, const char *name,
                  const char *version, const char *const *members) {
    builder_init(builder);
    for (; *members != NULL; members += 2) {
        builder_put_recorded(builder, members[0], members[1]);
    }
    builder_finish_wheel(builder, name, version, NULL);
}

static void add_built(const char *name, const char *version,
                      struct builder *builder) {
    char entry[400], topic[300];
    device_sha256(builder->data, builder->size, sha);
    sprintf(entry,
            "{\"type\":\"wheel\",\"name\":\"%s\",\"version\":\"%s\",\"pkg_"
            "sha256\":\"%s\"}",
            name, version, sha);
    add_entry(entry);
    sprintf(topic, "mpypi/packages/wheel/%s", sha);
    device_publish(&device, topic, builder->data, builder->size);
    builder_free(builder);
}

static void add_wheel(const char *name, const char *version,
                      const char *const *members) {
    struct builder builder;
    build(&builder, name, version, members);
    add_built(name, version, &builder);
}

// Publishes the list and downloads; the device is about to reboot.
static void download(void) {
    strcat(list, "]");
    device_list(&device, list);
    device_connect(&device);
    device_run(&device);
    if (!device.reboot) {
        fail_msg("%s", device.updater.error);
    }
    list[0] = '\0';
}

static void confirm(void) {
    assert_int_equal(device_confirm(&device), BLOX_OK);
    blox_updater_confirmed(&device.updater);
    device_settle(&device, NULL);
}

static void update(void) {
    download();
    if (device_reset(&device) != BLOX_OK) {
        fail_msg("%s", device.updater.error);
    }
    confirm();
}

// What is under /.blox is what stays for good.
static void assert_tidy(void) {
    for (size_t i = 0; i < STORAGE_RAM_FILES; ++i) {
        const char *path = device.ram.files[i].path;
        const char *name = path == NULL ? "" : path;
        if (strncmp(name, "/.blox/", 7) == 0) {
            assert_non_null(strstr("list origin src error boots ", name + 7));
        }
    }
}

static const char *const old_members[] = {"pkg/__init__.py",
                                          "old init",
                                          "pkg/same.py",
                                          "same",
                                          "pkg/gone.py",
                                          "gone",
                                          "pkg/sub/x.py",
                                          "old x",
                                          "pkg/sub2/only.py",
                                          "o",
                                          "single.py",
                                          "single",
                                          NULL};
static const char *const new_members[] = {"pkg/__init__.py",
                                          "new init",
                                          "pkg/same.py",
                                          "same",
                                          "pkg/new/deep/er.py",
                                          "er",
                                          "pkg/sub/x.py",
                                          "new x",
                                          NULL};

static void install_old(void) {
    add_wheel("pkg", "1.0", old_members);
    update();
}

static void assert_old(void) {
    assert_true(device_has(&device, "/lib/pkg/__init__.py", "old init"));
    assert_true(device_has(&device, "/lib/pkg/gone.py", "gone"));
    assert_true(device_has(&device, "/lib/pkg/sub2/only.py", "o"));
    assert_true(device_has(&device, "/lib/single.py", "single"));
    assert_true(device_has(&device, "/lib/pkg/new/deep/er.py", NULL));
    assert_non_null(
        storage_ram_get(&device.ram, "/lib/pkg-1.0.dist-info/METADATA"));
    assert_null(
        storage_ram_get(&device.ram, "/lib/pkg-2.0.dist-info/METADATA"));
}

static void assert_new(void) {
    assert_true(device_has(&device, "/lib/pkg/__init__.py", "new init"));
    assert_true(device_has(&device, "/lib/pkg/same.py", "same"));
    assert_true(device_has(&device, "/lib/pkg/gone.py", NULL));
    assert_true(device_has(&device, "/lib/pkg/sub/x.py", "new x"));
    assert_true(device_has(&device, "/lib/pkg/new/deep/er.py", "er"));
    assert_true(device_has(&device, "/lib/single.py", NULL));
    assert_null(
        storage_ram_get(&device.ram, "/lib/pkg-1.0.dist-info/METADATA"));
    assert_non_null(
        storage_ram_get(&device.ram, "/lib/pkg-2.0.dist-info/METADATA"));
}

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
    build(&builder, "other", "1.0", new_members);
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

// Downloads the upgrade that the sweeps cut; old set, upgrade, file, delete.
static void prepare_sweep(void) {
    device_free(&device);
    device_init(&device);
    install_old();
    storage_ram_put(&device.ram, "/y.py", "y", 1);
    add_wheel("pkg", "2.0", new_members);
    add_src("x.py", "x");
    add_delete("y.py");
    download();
}

static bool is_new(void) {
    return device_has(&device, "/lib/pkg/__init__.py", "new init");
}

static void assert_one_of_the_sets(void) {
    if (is_new()) {
        assert_new();
        assert_true(device_has(&device, "/x.py", "x"));
        assert_true(device_has(&device, "/y.py", NULL));
    } else {
        assert_old();
        assert_true(device_has(&device, "/x.py", NULL));
        assert_true(device_has(&device, "/y.py", "y"));
    }
}

// The wheels were dropped already: the broker has them.
static void fetch_again(void) {
    device_connect(&device);
    device_run(&device);
    assert_true(device.reboot);
    assert_non_null(strstr(device.topics, "mpypi/packages/wheel/"));
    assert_int_equal(device_reset(&device), BLOX_OK);
}

// Power is lost at each write from reset to tidy; what boots next is the old
// set or the new one, and in the end the new one. Only between the wheels'
// removal and the commit does it take another download.
static void power_may_be_cut_at_every_write(void **state) {
    (void)state;
    bool cut = true;
    uint32_t first = 0, last = 0, fetched = 0;
    for (uint32_t at = 1; cut; ++at) {
        prepare_sweep();
        storage_ram_boot(&device.ram);
        device.ram.writes = 0;
        device.ram.cut_at = at;
        char said[160];
        device_install(&device, said, sizeof said);
        device_rescue(&device);
        device_settle(&device, NULL);
        cut = device.ram.off;
        device_close(&device);
        storage_ram_boot(&device.ram);
        device_reset(&device);
        assert_one_of_the_sets();
        if (!is_new()) {
            assert_tidy();
            first = first == 0 ? at : first;
            last = at;
            ++fetched;
            fetch_again();
            assert_new();
        }
        confirm();
        assert_tidy();
        assert_true(at < 2000);
    }
    assert_true(fetched > 0 && fetched == last - first + 1);
    assert_true(first > 20); // all that comes before has staged the set
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

// A wheel of a set that was refused may be cleared away before the set is
// forgotten: what is missing then is no reason of its own.
static void a_package_that_is_missing_is_fetched_again(void **state) {
    (void)state;
    static const char *const packages[] = {"/.blox/pkg-0", "/.blox/pkg-1"};
    for (int i = 0; i < 2; ++i) {
        prepare_sweep();
        device.topics[0] = '\0';
        device.ram.ops.remove(device.ram.ops.context, packages[i]);
        assert_int_equal(device_reset(&device), BLOX_ERROR_MISSING);
        assert_old();
        assert_tidy();
        assert_int_equal(device.updater.state, BLOX_UPDATER_IDLE);
        fetch_again();
        assert_new();
    }
}

// Every operation fails once, with flash full or an error: the old set or the
// new one, whole.
static void flash_may_fail_at_every_operation(void **state) {
    (void)state;
    bool failed = true;
    for (uint32_t at = 1; failed; at += 1) {
        prepare_sweep();
        storage_ram_boot(&device.ram);
        device.ram.operations = 0;
        device.ram.fail_at = at;
        device.ram.fail_with = at % 2 == 0 ? BLOX_ERROR_FULL : BLOX_ERROR_IO;
        char said[160];
        device_install(&device, said, sizeof said);
        failed = device.ram.operations >= at;
        assert_int_equal(device.ram.open_files, 0);
        device_reset(&device);
        assert_one_of_the_sets();
        assert_true(at < 5000);
    }
}

// Free space is swept: the update is refused, or it goes through.
static void flash_may_be_full_at_every_block(void **state) {
    (void)state;
    uint32_t installed = 0, refused = 0;
    for (uint32_t spare = 0; spare < 120; ++spare) {
        prepare_sweep();
        device.ram.blocks = storage_ram_used(&device.ram) + spare;
        int result = device_reset(&device);
        installed += result == BLOX_OK;
        refused += result == BLOX_ERROR_FULL;
        assert_true(result == BLOX_OK || result == BLOX_ERROR_FULL);
        assert_one_of_the_sets();
        assert_int_equal(is_new(), result == BLOX_OK);
    }
    assert_true(installed > 0);
    assert_true(refused > 0);
}

static void a_damaged_ready_file_installs_nothing(void **state) {
    (void)state;
    prepare_sweep();
    const struct storage_ram_file *file =
        storage_ram_get(&device.ram, BLOX_FILE_READY);
    for (size_t i = 0; i < file->size; ++i) {
        prepare_sweep();
        file = storage_ram_get(&device.ram, BLOX_FILE_READY);
        file->data[i] ^= 0x10;
        assert_int_equal(device_reset(&device), BLOX_ERROR_MISSING);
        assert_old();
        assert_tidy();
    }
}

// The rescue of users of the library alone is like main.py: the old one stays
// until the new set is confirmed, then one rename replaces it.
static void
a_wheel_that_replaces_the_framework_never_takes_the_rescue_away(void **state) {
    (void)state;
    const char *const old[] = {"mpy_blox/__init__.py",
                               "1",
                               "mpy_blox/rescue.py",
                               "1",
                               "mpy_blox/app.py",
                               "1",
                               NULL};
    const char *const new[] = {"mpy_blox/__init__.py",
                               "2",
                               "mpy_blox/rescue.mpy",
                               "2",
                               "mpy_blox/app.py",
                               "2",
                               NULL};
    bool cut = true;
    for (uint32_t at = 1; cut; ++at) {
        device_free(&device);
        device_init(&device);
        add_wheel("mpy-blox", "1", old);
        update();
        assert_true(device_has(&device, "/lib/mpy_blox/rescue.py", "1"));
        add_wheel("mpy-blox", "2", new);
        download();
        assert_int_equal(device_reset(&device), BLOX_OK);
        assert_true(device_has(&device, "/lib/mpy_blox/app.py", "2"));
        assert_true(device_has(&device, "/lib/mpy_blox/rescue.py", "1"));
        assert_true(device_has(&device, "/lib/mpy_blox/rescue.mpy", NULL));
        assert_int_equal(device_confirm(&device), BLOX_OK);
        device.ram.writes = 0;
        device.ram.cut_at = at;
        device_settle(&device, NULL);
        cut = device.ram.off;
        assert_true(device_has(&device, "/lib/mpy_blox/rescue.py", "1") ||
                    device_has(&device, "/lib/mpy_blox/rescue.mpy", "2"));
        device_reset(&device);
        assert_true(device_has(&device, "/lib/mpy_blox/rescue.py", NULL));
        assert_true(device_has(&device, "/lib/mpy_blox/rescue.mpy", "2"));
    }
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, setup, updating_teardown)

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
        TEST(power_may_be_cut_at_every_write),
        TEST(a_wheel_is_gone_when_the_set_is_committed),
        TEST(a_package_that_is_missing_is_fetched_again),
        TEST(flash_may_fail_at_every_operation),
        TEST(flash_may_be_full_at_every_block),
        TEST(a_damaged_ready_file_installs_nothing),
        TEST(a_wheel_that_replaces_the_framework_never_takes_the_rescue_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
