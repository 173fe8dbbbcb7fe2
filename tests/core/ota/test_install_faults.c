// SPDX-License-Identifier: MIT
// The installer when power is lost, flash fails or is full, or what it needs is
// gone.
#include "core/ota/install.h"

#include "core/base/error.h"
#include "tests/core/ota/installing.h"
#include "tests/core/test.h"

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
    cmocka_unit_test_setup_teardown(function, installing_setup,                \
                                    updating_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(power_may_be_cut_at_every_write),
        TEST(a_package_that_is_missing_is_fetched_again),
        TEST(flash_may_fail_at_every_operation),
        TEST(flash_may_be_full_at_every_block),
        TEST(a_damaged_ready_file_installs_nothing),
        TEST(a_wheel_that_replaces_the_framework_never_takes_the_rescue_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
