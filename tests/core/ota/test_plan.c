// SPDX-License-Identifier: MIT
#include "core/ota/plan.h"

#include <stdio.h>

#include "core/base/error.h"
#include "tests/core/conf/host_crypto.h"
#include "tests/core/ota/device.h"
#include "tests/core/test.h"

#define SHA "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct storage_ram ram;
static struct conf_crypto crypto;
static struct blox_plan plan;
static struct blox_text why;
static char sentence[160];
static const char *frozen = "";

static int setup(void **state) {
    (void)state;
    storage_ram_init(&ram);
    storage_ram_mkdir(&ram, BLOX_FILE_FOLDER);
    conf_crypto_open(&crypto);
    blox_text_init(&why, sentence, sizeof sentence);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    blox_plan_close(&plan);
    frozen = "";
    assert_int_equal(ram.open_files, 0);
    conf_crypto_close(&crypto);
    storage_ram_free(&ram);
    return 0;
}

static enum blox_plan_trust trust;

// Plans a list. Returns what the last step returned.
static int run(const char *list) {
    storage_ram_put(&ram, BLOX_FILE_LIST, list, strlen(list));
    struct blox_plan_config config = {
        .storage = &ram.ops,
        .sha256 = &crypto.hash,
        .list = BLOX_FILE_LIST,
        .trust = trust,
        .platform = blox_span_text("esp32c3"),
        .mpy = blox_span_text("6.3"),
        .frozen = blox_span_text(frozen),
        .why = &why,
    };
    blox_plan_init(&plan, &config);
    int result;
    while ((result = blox_plan_step(&plan)) == 1) {
    }
    return result;
}

// What is to be done, as text.
static const char *todo(void) {
    static char text[2000];
    struct blox_todo todo = {.file = NULL};
    text[0] = '\0';
    assert_int_equal(blox_todo_open(&todo, &ram.ops, BLOX_FILE_TODO), BLOX_OK);
    assert_memory_equal(todo.set, plan.set, sizeof plan.set);
    uint32_t count = 0;
    while (blox_todo_next(&todo) == 1) {
        sprintf(text + strlen(text), "%s%s%s ", todo.entry.name,
                todo.entry.version[0] == '\0' ? "" : "=", todo.entry.version);
        ++count;
    }
    blox_todo_close(&todo);
    assert_int_equal(count, plan.needed);
    return text;
}

#define WHEEL(name, version)                                                   \
    "{\"type\":\"wheel\",\"name\":\"" name "\",\"version\":\"" version         \
    "\",\"pkg_sha256\":\"" SHA "\"}"
#define PLATFORM(tag, more, version)                                           \
    "{\"type\":\"platform-wheel\",\"tag\":\"" tag "\"," more                   \
    "\"name\":\"a\",\"version\":\"" version "\",\"pkg_sha256\":\"" SHA "\"}"
#define SRC(path, sha)                                                         \
    "{\"type\":\"src\",\"path\":\"" path "\",\"pkg_sha256\":\"" sha "\"}"
#define DELETE(path) "{\"type\":\"delete\",\"path\":\"" path "\"}"

static void an_empty_list_needs_nothing(void **state) {
    (void)state;
    assert_int_equal(run("[]"), 0);
    assert_int_equal(plan.needed, 0);
    assert_string_equal(todo(), "");
}

static void a_wheel_is_needed_unless_this_version_is_installed(void **state) {
    (void)state;
    storage_ram_put(&ram, "/lib/My_Pkg-1.0.dist-info/METADATA", "x", 1);
    storage_ram_put(&ram, "/lib/torn-1.0.dist-info/RECORD", "x", 1);
    storage_ram_put(&ram, "/lib/dash-1_2.dist-info/METADATA", "x", 1);
    assert_int_equal(
        run("[" WHEEL("my.pkg", "1.0") "," WHEEL("torn", "1.0") "," WHEEL(
            "dash", "1-2") "," WHEEL("none", "1.0") "]"),
        0);
    assert_string_equal(todo(), "torn=1.0 none=1.0 ");
    assert_int_equal(run("[" WHEEL("my-pkg", "1.1") "]"), 0);
    assert_string_equal(todo(), "my-pkg=1.1 ");
    assert_int_equal(run("[" WHEEL("my-pkg", "1") "]"), 0);
    assert_string_equal(todo(), "my-pkg=1 ");
}

static void a_file_is_needed_when_its_hash_differs(void **state) {
    (void)state;
    char list[400], sha[65];
    static char large[5000];
    memset(large, 'x', sizeof large);
    device_sha256(large, sizeof large, sha);
    storage_ram_put(&ram, "/same.py", large, sizeof large);
    storage_ram_put(&ram, "/other.py", large, sizeof large - 1);
    sprintf(list,
            "[" SRC("same.py", "%s") "," SRC("other.py",
                                             "%s") "," SRC("no.py", "%s") "]",
            sha, sha, sha);
    assert_int_equal(run(list), 0);
    assert_string_equal(todo(), "other.py no.py ");
    assert_int_equal(plan.fetched, 2);
}

static void a_delete_is_needed_when_the_file_is_there(void **state) {
    (void)state;
    storage_ram_put(&ram, "/there.py", "x", 1);
    assert_int_equal(run("[" DELETE("there.py") "," DELETE("no.py") "]"), 0);
    assert_string_equal(todo(), "there.py ");
    assert_int_equal(plan.fetched, 0);
}

static void of_entries_for_one_thing_the_last_counts(void **state) {
    (void)state;
    storage_ram_put(&ram, "/x", "x", 1);
    assert_int_equal(
        run("[" WHEEL("A_b", "1") "," WHEEL("a-B", "2") "," SRC(
            "x",
            SHA) "," DELETE("x") "," DELETE("y") "," SRC("y",
                                                         SHA) "," WHEEL("x",
                                                                        "3") "]"),
        0);
    assert_string_equal(todo(), "a-B=2 x y x=3 ");
}

static void a_platform_wheel_that_fits_goes_first(void **state) {
    (void)state;
    assert_int_equal(run("[" PLATFORM("mpy6-bytecode-esp32c3", "",
                                      "2") "," WHEEL("a", "1") "]"),
                     0);
    assert_string_equal(todo(), "a=2 ");
    assert_int_equal(run("[" WHEEL("a", "1") "," PLATFORM("mpy6-bytecode-esp32",
                                                          "", "2") "]"),
                     0);
    assert_string_equal(todo(), "a=1 ");
    assert_int_equal(run("[" WHEEL("a", "1") "," PLATFORM(
                         "mpy6-bytecode-esp32c3", "\"mpy\":\"6.2\",", "2") "]"),
                     0);
    assert_string_equal(todo(), "a=1 ");
    assert_int_equal(
        run("[" PLATFORM("mpy6-bytecode-esp32c3", "\"mpy\":\"6.3\",",
                         "2") "," PLATFORM("mpy6-bytecode-esp32", "", "3") "]"),
        0);
    assert_string_equal(todo(), "a=2 ");
}

static void what_is_for_others_is_said_and_the_rest_goes_on(void **state) {
    (void)state;
    assert_int_equal(
        run("[" SRC("x", SHA) "," PLATFORM("mpy6-bytecode-esp32", "", "3") "]"),
        0);
    assert_string_equal(todo(), "x ");
    assert_string_equal(sentence, "list 'a': not for me");
    assert_int_equal(
        run("[" PLATFORM("mpy6-bytecode-esp32c3", "\"mpy\":\"6.2\",", "2") "]"),
        0);
    assert_string_equal(todo(), "");
    assert_string_equal(sentence, "list 'a': not for me");
    assert_int_equal(
        run("[" PLATFORM("mpy6-bytecode-esp32", "", "3") "," PLATFORM(
            "mpy6-bytecode-esp32c3", "", "2") "]"),
        0);
    assert_string_equal(sentence, "");
    assert_int_equal(run("[" PLATFORM("mpy6-bytecode-esp32", "",
                                      "3") "," WHEEL("a", "1") "]"),
                     0);
    assert_string_equal(todo(), "a=1 ");
    assert_string_equal(sentence, "");
}

#define TAGGED(tag, version)                                                   \
    "{\"type\":\"wheel\",\"tag\":\"" tag                                       \
    "\",\"name\":\"a\",\"version\":\"" version "\",\"pkg_sha256\":\"" SHA      \
    "\"}"

static void a_wheel_with_a_tag_is_for_that_tag_alone(void **state) {
    (void)state;
    assert_int_equal(run("[" TAGGED("mpy6-bytecode-esp32", "1") "]"), 0);
    assert_string_equal(todo(), "");
    assert_int_equal(run("[" TAGGED("mpy6-bytecode-esp32c3", "1") "," TAGGED(
                         "mpy6-bytecode-esp32", "2") "]"),
                     0);
    assert_string_equal(todo(), "a=1 ");
    assert_int_equal(
        run("[" PLATFORM("mpy6-bytecode-esp32c3", "",
                         "2") "," TAGGED("mpy6-bytecode-esp32c3", "1") "]"),
        0);
    assert_string_equal(todo(), "a=2 ");
    assert_int_equal(run("[" TAGGED("py3-none-any", "3") "]"), 0);
    assert_string_equal(todo(), "a=3 ");
}

static void the_set_is_named_by_names_and_hashes_alone(void **state) {
    (void)state;
    uint8_t set[BLOX_SHA256_SIZE];
    assert_int_equal(run("[" SRC("a", SHA) "]"), 0);
    memcpy(set, plan.set, sizeof set);
    assert_int_equal(run(" [ {\"size\":7,\"type\":\"src\",\"pkg_sha256\":\"" SHA
                         "\",\"path\":\"a\"} ]"),
                     0);
    assert_memory_equal(plan.set, set, sizeof set);
    assert_int_equal(run("[" SRC("b", SHA) "]"), 0);
    assert_memory_not_equal(plan.set, set, sizeof set);
}

static void says_what_was_skipped(void **state) {
    (void)state;
    assert_int_equal(run("[{\"type\":\"firmware\"},{\"type\":\"new\"}]"), 0);
    assert_string_equal(sentence, "list 'firmware': not known here; skipped");
    assert_int_equal(run("[" SRC("a", SHA) "]"), 0);
    assert_string_equal(sentence, "");
}

#define SKIPPED ": the firmware has its own, which goes first; skipped"

static void skips_what_the_firmware_has_frozen(void **state) {
    (void)state;
    frozen = "asyncio main mpy_blox";
    assert_int_equal(
        run("[" WHEEL("Mpy.Blox", "9") "," SRC("main.py", SHA) "," SRC(
            "boot.py", SHA) "," WHEEL("mpy", "1") "]"),
        0);
    assert_string_equal(todo(), "boot.py mpy=1 ");
    assert_string_equal(sentence, "list 'Mpy.Blox'" SKIPPED);
    assert_int_equal(
        run("[" SRC("main.py", SHA) "," SRC("asyncio.py", SHA) "]"), 0);
    assert_string_equal(todo(), "asyncio.py ");
    assert_string_equal(sentence, "list 'main.py'" SKIPPED);
    frozen = "boot";
    assert_int_equal(run("[" SRC("boot.py", SHA) "," SRC("main.py", SHA) "]"),
                     0);
    assert_string_equal(todo(), "main.py ");
    assert_string_equal(sentence, "list 'boot.py'" SKIPPED);
}

static void what_is_frozen_is_no_part_of_the_set(void **state) {
    uint8_t set[BLOX_SHA256_SIZE];
    (void)state;
    frozen = "a";
    assert_int_equal(run("[" SRC("f", SHA) "]"), 0);
    memcpy(set, plan.set, sizeof set);
    assert_int_equal(run("[" PLATFORM("mpy6-bytecode-esp32c3", "", "2") "," SRC(
                         "f", SHA) "," WHEEL("a", "1") "]"),
                     0);
    assert_memory_equal(plan.set, set, sizeof set);
    assert_string_equal(todo(), "f ");
}

static void refuses_a_path_that_is_a_directory(void **state) {
    (void)state;
    storage_ram_mkdir(&ram, "/dir");
    assert_int_equal(run("[" DELETE("dir") "]"), BLOX_ERROR_PATH);
    assert_string_equal(sentence, "list 'dir': here that is a directory");
    assert_null(storage_ram_get(&ram, BLOX_FILE_TODO));
    assert_null(storage_ram_get(&ram, BLOX_FILE_TODO_NEW));
}

static void counts_the_blocks_of_flash(void **state) {
    (void)state;
    assert_int_equal(
        run("[{\"type\":\"wheel\",\"name\":\"a\",\"version\":\"1\","
            "\"size\":4097,\"pkg_sha256\":\"" SHA "\"},"
            "{\"type\":\"src\",\"path\":\"b\",\"size\":1,"
            "\"pkg_sha256\":\"" SHA "\"}," SRC("c", SHA) "]"),
        0);
    assert_int_equal(plan.needed, 3);
    assert_int_equal(plan.blocks, 2 * 2 + 1);
}

static void every_operation_may_fail(void **state) {
    (void)state;
    storage_ram_put(&ram, "/x", "x", 1);
    storage_ram_put(&ram, "/lib/a-1.dist-info/METADATA", "x", 1);
    bool failed = true;
    for (uint32_t at = 1; failed; ++at) {
        ram.operations = 0;
        ram.fail_at = at;
        ram.fail_with = BLOX_ERROR_IO;
        int result =
            run("[" WHEEL("a", "1") "," SRC("x", SHA) "," DELETE("y") "]");
        failed = ram.operations >= at;
        assert_int_equal(ram.open_files, 0);
        assert_true(result <= 0);
        assert_int_equal(result < 0, sentence[0] != '\0');
        assert_true(at < 300);
    }
    for (unsigned at = 1; at < 20; ++at) {
        ram.fail_at = 0;
        crypto.operations = 0;
        crypto.fail_at = at;
        run("[" SRC("x", SHA) "]");
        assert_int_equal(ram.open_files, 0);
    }
}

static void refuses_a_file_in_the_place_of_anothers_folder(void **state) {
    (void)state;
    assert_int_equal(run("[" SRC("a/b", SHA) "," SRC("a/b/c/d", SHA) "]"),
                     BLOX_ERROR_PATH);
    assert_string_equal(sentence,
                        "list 'a/b/c/d': its folder is a file of this list");
    assert_null(storage_ram_get(&ram, BLOX_FILE_TODO));
    assert_int_equal(run("[" SRC("a/b/c", SHA) "," SRC("a", SHA) "]"),
                     BLOX_ERROR_PATH);
    assert_int_equal(run("[" SRC("a/b", SHA) "," SRC("a/b.c", SHA) "]"), 0);
    assert_int_equal(run("[" DELETE("a") "," SRC("a/b", SHA) "]"), 0);
    assert_int_equal(run("[" WHEEL("a", "1") "," SRC("a/b", SHA) "]"), 0);
}

static void stops_in_the_middle(void **state) {
    (void)state;
    storage_ram_put(&ram, "/x", "x", 1);
    for (int steps = 0; steps < 12; ++steps) {
        run("[" SRC("x", SHA) "," WHEEL("a", "1") "]");
        struct blox_plan_config config = plan.config;
        blox_plan_init(&plan, &config);
        for (int i = 0; i < steps; ++i) {
            blox_plan_step(&plan);
        }
        blox_plan_close(&plan);
        assert_int_equal(ram.open_files, 0);
    }
}

#define TEST(function)                                                         \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

#define KEY "{\"type\":\"key\",\"key\":\"x\"}"
#define SIGNATURE "{\"type\":\"signature\"}"

static void
a_key_comes_in_a_list_that_is_signed_by_the_one_before_it(void **state) {
    static const struct {
        const char *list;
        enum blox_plan_trust trust;
        int result;
    } cases[] = {
        {"[" KEY "]", BLOX_PLAN_UNSIGNED, BLOX_ERROR_FORMAT},
        {"[" KEY "," SRC("x", SHA) "]", BLOX_PLAN_UNSIGNED, BLOX_ERROR_FORMAT},
        // Signed for others, who have a key.
        {"[" KEY "," SIGNATURE "]", BLOX_PLAN_UNSIGNED, BLOX_OK},
        // The verifier did not find what it can read.
        {"[" KEY "," SIGNATURE "]", BLOX_PLAN_SIGNED, BLOX_ERROR_FORMAT},
        {"[" KEY "," SIGNATURE "]", BLOX_PLAN_NEW_KEY, BLOX_OK},
        {"[" SIGNATURE "]", BLOX_PLAN_SIGNED, BLOX_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        trust = cases[i].trust;
        assert_int_equal(run(cases[i].list), cases[i].result);
        if (cases[i].result != BLOX_OK) {
            assert_string_equal(sentence,
                                "list 'key': not signed by the key before it");
        }
    }
    trust = BLOX_PLAN_UNSIGNED;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_empty_list_needs_nothing),
        TEST(a_wheel_is_needed_unless_this_version_is_installed),
        TEST(a_file_is_needed_when_its_hash_differs),
        TEST(a_delete_is_needed_when_the_file_is_there),
        TEST(of_entries_for_one_thing_the_last_counts),
        TEST(a_platform_wheel_that_fits_goes_first),
        TEST(what_is_for_others_is_said_and_the_rest_goes_on),
        TEST(a_wheel_with_a_tag_is_for_that_tag_alone),
        TEST(the_set_is_named_by_names_and_hashes_alone),
        TEST(says_what_was_skipped),
        TEST(skips_what_the_firmware_has_frozen),
        TEST(what_is_frozen_is_no_part_of_the_set),
        TEST(a_key_comes_in_a_list_that_is_signed_by_the_one_before_it),
        TEST(refuses_a_path_that_is_a_directory),
        TEST(counts_the_blocks_of_flash),
        TEST(every_operation_may_fail),
        TEST(refuses_a_file_in_the_place_of_anothers_folder),
        TEST(stops_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
