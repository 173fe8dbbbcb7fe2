// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/pkg/path.h"

static const char *source(const char *path) {
    return blox_path_refuse_source(blox_span_text(path));
}

static const char *member(const char *path) {
    return blox_path_refuse_member(blox_span_text(path));
}

static void plain_paths_are_allowed(void **state) {
    (void)state;
    static const char *const good[] = {
        "user_main.py", "a/b/c.mpy",     "..a",    "a..",  "...",
        ".hidden",      "lib/.blox",     ".bloxy", ".blo", "a b",
        "\xc3\xbc.py",  "settings.json", ".blo/x", "blox",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; ++i) {
        assert_null(source(good[i]));
        assert_null(member(good[i]));
    }
}

struct refused {
    const char *path, *why;
};

static void paths_that_escape_or_confuse_are_refused(void **state) {
    (void)state;
    static const struct refused cases[] = {
        {"", "the path is empty"},
        {"/a", "the path is absolute"},
        {"/", "the path is absolute"},
        {"..", "the path has a '..' segment"},
        {"../a", "the path has a '..' segment"},
        {"a/..", "the path has a '..' segment"},
        {"a/../b", "the path has a '..' segment"},
        {".", "the path has a '.' segment"},
        {"./a", "the path has a '.' segment"},
        {"a//b", "the path has an empty segment"},
        {"a/", "the path has an empty segment"},
        {"a\nb", "the path has a control character"},
        {"a\x7f", "the path has a control character"},
        {"a\x1b[0m", "the path has a control character"},
        {"a\\b", "the path has a backslash"},
        {"a\xff", "the path is not UTF-8"},
        {"\xc0\xae\xc0\xae/a", "the path is not UTF-8"},
        {".blox", "the path is under .blox, which is the updater's own"},
        {".blox/journal",
         "the path is under .blox, which is the updater's own"},
        {".BLOX/x", "the path is under .blox, which is the updater's own"},
        {".bLoX", "the path is under .blox, which is the updater's own"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        assert_string_equal(source(cases[i].path), cases[i].why);
        assert_string_equal(member(cases[i].path), cases[i].why);
    }
}

static void a_nul_is_refused(void **state) {
    (void)state;
    assert_string_equal(blox_path_refuse_source(blox_span("a\0b", 3)),
                        "the path has a NUL");
    assert_string_equal(blox_path_refuse_member(blox_span("a\0b", 3)),
                        "the path has a NUL");
}

static void wildcards_of_topics_are_refused_in_sources_alone(void **state) {
    (void)state;
    assert_string_equal(source("a+b"), "the path has a '+'");
    assert_string_equal(source("a/#"), "the path has a '#'");
    assert_null(member("x-1.0+local.dist-info/RECORD"));
    assert_null(member("c#.py"));
}

static void two_hundred_bytes_are_the_limit(void **state) {
    (void)state;
    char path[BLOX_PATH_MAX + 2] = {0};
    memset(path, 'a', BLOX_PATH_MAX);
    assert_null(source(path));
    path[BLOX_PATH_MAX] = 'a';
    assert_string_equal(source(path), "the path is over 200 bytes");
    assert_string_equal(member(path), "the path is over 200 bytes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_paths_are_allowed),
        cmocka_unit_test(paths_that_escape_or_confuse_are_refused),
        cmocka_unit_test(a_nul_is_refused),
        cmocka_unit_test(wildcards_of_topics_are_refused_in_sources_alone),
        cmocka_unit_test(two_hundred_bytes_are_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
