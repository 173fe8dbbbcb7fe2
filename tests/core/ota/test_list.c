// SPDX-License-Identifier: MIT
#include "core/ota/list.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "tests/core/test.h"

#define SHA "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define WHEEL(name)                                                            \
    "{\"type\":\"wheel\",\"name\":\"" name                                     \
    "\",\"version\":\"1.0\",\"pkg_sha256\":\"" SHA "\"}"
#define SRC(path)                                                              \
    "{\"type\":\"src\",\"path\":\"" path "\",\"pkg_sha256\":\"" SHA "\"}"
#define DELETE(path) "{\"type\":\"delete\",\"path\":\"" path "\"}"

struct reading {
    struct blox_list list;
    char sentence[160];
    struct blox_text why;
    char log[4096]; // what came out, as text
    struct blox_text out;
};

static void show(struct blox_text *out, const struct blox_list_entry *entry) {
    static const char types[] = "wpsdgkuc";
    blox_text_add_char(out, types[entry->type]);
    blox_text_add_u32(out, entry->index);
    const struct blox_span spans[] = {entry->name, entry->version,
                                      entry->tag,  entry->mpy,
                                      entry->path, entry->command};
    for (size_t i = 0; i < 6; ++i) {
        blox_text_add_char(out, ' ');
        blox_text_add_span(out, spans[i]);
    }
    if (entry->id.size > 0) {
        blox_text_add(out, entry->id_is_text ? "#'" : "#");
        blox_text_add_span(out, entry->id);
    }
    if (entry->has_size) {
        blox_text_add_char(out, '=');
        blox_text_add_u32(out, entry->size);
    }
    blox_text_add(out, entry->empty ? " empty" : "");
    if (entry->unknown.size > 0) {
        blox_text_add_char(out, '?');
        blox_text_add_span(out, entry->unknown);
    }
    blox_text_add_char(out, '\n');
}

static int feed(struct reading *reading, struct blox_span text) {
    int result;
    while ((result = blox_list_feed(&reading->list, &text)) == 1) {
        show(&reading->out, &reading->list.entry);
    }
    return result;
}

static void start(struct reading *reading) {
    blox_text_init(&reading->why, reading->sentence, sizeof reading->sentence);
    blox_text_init(&reading->out, reading->log, sizeof reading->log);
    blox_list_init(&reading->list, true, &reading->why);
}

// Reads text cut at a byte, the pieces in memory of their own so that a read
// beyond them is found.
static int read_cut(struct reading *reading, struct blox_span text,
                    size_t cut) {
    start(reading);
    int result = BLOX_OK;
    for (int part = 0; part < 2 && result == BLOX_OK; ++part) {
        struct blox_span piece = part == 0
                                     ? blox_span_part(text, 0, cut)
                                     : blox_span_part(text, cut, text.size);
        uint8_t *copy = malloc(piece.size + 1);
        if (piece.size > 0) {
            memcpy(copy, piece.data, piece.size);
        }
        result = feed(reading, blox_span(copy, piece.size));
        memset(copy, '#', piece.size + 1);
        free(copy);
    }
    return result == BLOX_OK ? blox_list_end(&reading->list) : result;
}

static void assert_reads(const char *text, const char *expected) {
    for (size_t cut = 0; cut <= strlen(text); ++cut) {
        struct reading reading;
        int result = read_cut(&reading, blox_span_text(text), cut);
        if (result != BLOX_OK) {
            fail_msg("cut %zu: %s", cut, reading.sentence);
        }
        assert_string_equal(reading.log, expected);
    }
}

static void assert_refused(const char *text, int error, const char *sentence) {
    for (size_t cut = 0; cut <= strlen(text); ++cut) {
        struct reading reading;
        int result = read_cut(&reading, blox_span_text(text), cut);
        if (result != error || strstr(reading.sentence, sentence) == NULL) {
            fail_msg("%s\ncut %zu: %d, '%s' instead of %d, '%s'", text, cut,
                     result, reading.sentence, error, sentence);
        }
        struct blox_span more = blox_span("[]", 2);
        assert_int_equal(blox_list_feed(&reading.list, &more), error);
    }
}

static void reads_every_type_of_entry(void **state) {
    (void)state;
    assert_reads(
        "[{\"type\":\"wheel\",\"name\":\"mpy-blox\",\"version\":\"1.2.0\","
        "\"pkg_sha256\":\"" SHA "\",\"size\":61234},\r\n\t "
        "{\"type\":\"platform-wheel\",\"tag\":\"mpy6-bytecode-esp32c3\","
        "\"mpy\":\"6.3\",\"name\":\"x\",\"version\":\"2+a\",\"pkg_sha256\":"
        "\"" SHA "\"} , " SRC("a b/\\u00e9\\ud83d\\ude00.py") "," DELETE(
            "old.py") ",{\"type\":\"key\",\"key\":\"AA=="
                      "\"},{\"type\":\"signature\","
                      "\"alg\":\"ES256\",\"serial\":"
                      "\"1\",\"sig\":\"x\"}] \n",
        "w0 mpy-blox 1.2.0    =61234\n"
        "p1 x 2+a mpy6-bytecode-esp32c3 6.3  \n"
        "s2     a b/\xc3\xa9\xf0\x9f\x98\x80.py \n"
        "d3     old.py \n"
        "k4      \n"
        "g5      \n");
}

static void reads_an_empty_list(void **state) {
    (void)state;
    assert_reads("[]", "");
    assert_reads(" [ ] ", "");
}

static void skips_what_tomorrow_brings(void **state) {
    (void)state;
    assert_reads("[{\"type\":\"firmware\",\"deep\":{\"a\":[1,{\"type\":\"src\"}"
                 "]},\"n\":-1.5e3},"
                 "{\"chunks\":[\"" SHA
                 "\",\"}\"],\"type\":\"delete\",\"path\":\"x\",\"y\":null}]",
                 "u0      ?firmware\n"
                 "d1     x ?chunks\n");
}

static void takes_large_values_of_unknown_keys(void **state) {
    (void)state;
    static char text[60000];
    size_t size = (size_t)sprintf(text, "[{\"chunks\":[");
    while (size < 50000) {
        size += (size_t)sprintf(text + size, "\"%s\",", SHA);
    }
    sprintf(text + size, "0],\"type\":\"delete\",\"path\":\"x\"}]");
    struct reading reading;
    assert_int_equal(read_cut(&reading, blox_span_text(text), 1000), BLOX_OK);
    assert_string_equal(reading.log, "d0     x ?chunks\n");
}

static void of_two_members_of_one_name_the_last_counts(void **state) {
    (void)state;
    assert_reads(
        "[{\"type\":\"wheel\",\"type\":\"delete\",\"path\":5,\"path\":\"x\"}]",
        "d0     x \n");
    assert_refused("[{\"type\":\"delete\",\"path\":\"x\",\"path\":5}]",
                   BLOX_ERROR_FORMAT, "path");
}

static void knows_an_empty_file(void **state) {
    (void)state;
    assert_reads("[{\"type\":\"src\",\"path\":\"a\",\"pkg_sha256\":\"" EMPTY
                 "\"},"
                 "{\"type\":\"src\",\"path\":\"b\",\"pkg_sha256\":\"" EMPTY
                 "\",\"size\":0}]",
                 "s0     a  empty\ns1     b =0 empty\n");
    assert_refused("[{\"type\":\"src\",\"path\":\"b\",\"pkg_sha256\":\"" SHA
                   "\",\"size\":0}]",
                   BLOX_ERROR_FORMAT, "contradicts");
    assert_refused("[{\"type\":\"src\",\"path\":\"b\",\"pkg_sha256\":\"" EMPTY
                   "\",\"size\":1}]",
                   BLOX_ERROR_FORMAT, "contradicts");
}

static void reads_a_command(void **state) {
    (void)state;
    assert_reads("{\"cmd\":\"install\"}", "c0      install\n");
    assert_reads("[{\"type\":\"command\",\"cmd\":\"hash\",\"path\":\"a.py\","
                 "\"id\":7},{\"type\":\"signature\",\"sig\":\"x\"}]",
                 "c0     a.py hash#7\ng1      \n");
    assert_reads("{\"id\":\"\\u0041b\",\"cmd\":\"info\"}",
                 "c0      info#'Ab\n");
    assert_reads(" {\"more\":{\"cmd\":\"no\"},\"cmd\":\"info\"}\n",
                 "c0      info\n");
    assert_refused("{\"command\":1}", BLOX_ERROR_FORMAT,
                   "command 'cmd': the key is missing");
    assert_refused("{}", BLOX_ERROR_FORMAT, "'cmd': the key is missing");
    assert_refused("{\"cmd\":\"dance-dance-dance\"}", BLOX_ERROR_LIMIT, "cmd");
    assert_refused("{\"cmd\":\"a\",\"id\":[1]}", BLOX_ERROR_FORMAT,
                   "command 'id': a text or a number belongs here");
    assert_refused("{\"cmd\":\"a\",\"id\":null}", BLOX_ERROR_FORMAT, "'id'");
    assert_refused("{\"cmd\":\"a\",\"id\":"
                   "\"12345678901234567890123456789012345678901\"}",
                   BLOX_ERROR_LIMIT, "command 'id': too long");
    assert_refused("{\"cmd\":\"hash\",\"path\":\"/a\"}", BLOX_ERROR_PATH,
                   "command '/a'");
    assert_refused("{\"cmd\":\"hash\",\"path\":\"Provision.json\"}",
                   BLOX_ERROR_PATH, "it holds secrets");
    assert_refused("{\"cmd\":\"hash\",\"path\":3}", BLOX_ERROR_FORMAT, "path");
    assert_refused("{\"cmd\":1}", BLOX_ERROR_FORMAT, "cmd");
}

static void takes_a_command_only_where_one_may_come(void **state) {
    (void)state;
    struct reading reading;
    start(&reading);
    blox_list_init(&reading.list, false, &reading.why);
    assert_int_equal(feed(&reading, blox_span_text("{\"cmd\":\"install\"}")),
                     BLOX_ERROR_FORMAT);
    assert_string_equal(reading.sentence,
                        "list: a JSON array of entries belongs here");
    start(&reading);
    blox_list_init(&reading.list, false, &reading.why);
    assert_int_equal(
        feed(&reading,
             blox_span_text("[{\"type\":\"command\",\"cmd\":\"reboot\"}]")),
        BLOX_OK);
    assert_string_equal(reading.log, "u0      ?command\n");
}

static void refuses_what_is_no_list(void **state) {
    (void)state;
    assert_refused("", BLOX_ERROR_FORMAT, "empty");
    assert_refused("5", BLOX_ERROR_FORMAT, "array");
    assert_refused("\"[]\"", BLOX_ERROR_FORMAT, "array");
    assert_refused("[", BLOX_ERROR_FORMAT, "list");
    assert_refused("[]]", BLOX_ERROR_FORMAT, "column 3");
    assert_refused("[" SRC("a") ",]", BLOX_ERROR_FORMAT, "list");
    assert_refused("[" SRC("a") " " SRC("b") "]", BLOX_ERROR_FORMAT, "list");
    assert_refused("[{'type':'src'}]", BLOX_ERROR_FORMAT, "list");
    assert_refused("hello", BLOX_ERROR_FORMAT, "list");
    assert_refused("[5]", BLOX_ERROR_FORMAT, "entry 1: a JSON object");
    assert_refused("[" SRC("a") ",[" SRC("b") "]]", BLOX_ERROR_FORMAT,
                   "entry 2: a JSON object");
    assert_refused("[\"x\"]", BLOX_ERROR_FORMAT, "entry 1");
    assert_refused("[null]", BLOX_ERROR_FORMAT, "entry 1");
}

static void refuses_an_entry_without_its_keys(void **state) {
    (void)state;
    assert_refused("[{}]", BLOX_ERROR_FORMAT, "'type': the key is missing");
    assert_refused("[{\"type\":7}]", BLOX_ERROR_FORMAT, "'type': a text");
    assert_refused("[{\"type\":\"wheel\"}]", BLOX_ERROR_FORMAT,
                   "'name': the key is missing");
    assert_refused("[{\"type\":\"wheel\",\"name\":\"a\",\"pkg_sha256\":\"" SHA
                   "\"}]",
                   BLOX_ERROR_FORMAT, "'version': the key is missing");
    assert_refused("[" SRC("a") ",{\"type\":\"src\",\"path\":\"a\"}]",
                   BLOX_ERROR_FORMAT,
                   "entry 2 'pkg_sha256': the key is missing");
    assert_refused("[{\"type\":\"delete\"}]", BLOX_ERROR_FORMAT,
                   "'path': the key is missing");
    assert_refused("[{\"type\":\"delete\",\"path\":\"\"}]", BLOX_ERROR_FORMAT,
                   "'path': a text");
    assert_refused("[{\"type\":\"delete\",\"path\":null}]", BLOX_ERROR_FORMAT,
                   "'path': a text");
    assert_refused(
        "[{\"type\":\"platform-wheel\",\"name\":\"a\",\"version\":\"1\","
        "\"pkg_sha256\":\"" SHA "\"}]",
        BLOX_ERROR_FORMAT, "'tag': the key is missing");
}

static void refuses_a_hash_that_is_not_64_hex_digits(void **state) {
    (void)state;
    static const char long_one[] = SHA "0";
    const char *bad[] = {"00", long_one, "", "zz"};
    for (size_t i = 0; i < 4; ++i) {
        char text[300];
        sprintf(text,
                "[{\"type\":\"src\",\"path\":\"a\",\"pkg_sha256\":\"%s\"}]",
                bad[i]);
        assert_refused(text, BLOX_ERROR_FORMAT, "pkg_sha256");
    }
    char wrong[] = "[" SRC("a") "]";
    *strstr(wrong, "0011") = 'g';
    assert_refused(wrong, BLOX_ERROR_FORMAT, "64 hex digits");
}

static void refuses_wrong_names_versions_and_sizes(void **state) {
    (void)state;
    assert_refused("[" WHEEL("../x") "]", BLOX_ERROR_FORMAT,
                   "'../x': name or version is not one");
    assert_refused("[" WHEEL("a b") "]", BLOX_ERROR_FORMAT,
                   "name or version is not one");
    char text[400];
    const char *sizes[] = {"-1",    "1.5",  "4294967296", "1e3",
                           "\"5\"", "true", "[1]"};
    for (size_t i = 0; i < 7; ++i) {
        sprintf(text,
                "[{\"type\":\"src\",\"path\":\"a\",\"size\":%s,\"pkg_sha256\":"
                "\"%s\"}]",
                sizes[i], SHA);
        assert_refused(text, BLOX_ERROR_FORMAT, "'size': a number");
    }
    sprintf(text,
            "[{\"type\":\"wheel\",\"name\":\"a\",\"version\":\"1 "
            "0\",\"pkg_sha256\":\"%s\"}]",
            SHA);
    assert_refused(text, BLOX_ERROR_FORMAT, "name or version is not one");
}

static void refuses_paths_that_are_not_allowed(void **state) {
    (void)state;
    const char *paths[] = {"/a",    "..",        "a/../b",   "a//b",
                           "a/",    "./main.py", "a\\u0000", "a\\u0001b",
                           "a+b",   "a#",        ".blox/x",  ".BLOX/journal",
                           ".blox", "a\\n",      "a\\tb",    "provision.json"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; ++i) {
        char text[300];
        sprintf(text,
                "[{\"type\":\"src\",\"path\":\"%s\",\"pkg_sha256\":\"%s\"}]",
                paths[i], SHA);
        assert_refused(text, BLOX_ERROR_PATH, "entry 1");
        sprintf(text, "[{\"type\":\"delete\",\"path\":\"%s\"}]", paths[i]);
        assert_refused(text, BLOX_ERROR_PATH, "entry 1");
    }
    assert_refused("[" DELETE("main.py") "]", BLOX_ERROR_PATH,
                   "cannot be deleted");
    assert_refused("[" DELETE("boot.py") "]", BLOX_ERROR_PATH,
                   "cannot be deleted");
    assert_reads("[" SRC("main.py") "]", "s0     main.py \n");
}

static void refuses_what_is_over_a_limit(void **state) {
    (void)state;
    char path[BLOX_PATH_MAX + 2];
    char text[600];
    memset(path, 'p', sizeof path);
    path[BLOX_PATH_MAX + 1] = '\0';
    sprintf(text, "[{\"type\":\"delete\",\"path\":\"%s\"}]", path);
    assert_refused(text, BLOX_ERROR_LIMIT, "too long");
    path[BLOX_PATH_MAX] = '\0';
    sprintf(text, "[{\"type\":\"delete\",\"path\":\"%s\"}]", path);
    struct reading reading;
    assert_int_equal(read_cut(&reading, blox_span_text(text), 5), BLOX_OK);
}

static int read_many(struct reading *reading, size_t count) {
    start(reading);
    int result = feed(reading, blox_span_text("["));
    for (size_t i = 0; i < count && result == BLOX_OK; ++i) {
        result = feed(reading,
                      blox_span_text(i == 0 ? DELETE("x") : "," DELETE("x")));
        blox_text_clear(&reading->out);
    }
    result = result == BLOX_OK ? feed(reading, blox_span_text("]")) : result;
    return result == BLOX_OK ? blox_list_end(&reading->list) : result;
}

static void takes_256_entries_and_no_more(void **state) {
    (void)state;
    struct reading reading;
    assert_int_equal(read_many(&reading, 256), BLOX_OK);
    assert_int_equal(read_many(&reading, 257), BLOX_ERROR_LIMIT);
    assert_string_equal(reading.sentence,
                        "list entry 257: a list has at most 256");
}

static void takes_64_kib_and_no_more(void **state) {
    (void)state;
    static char text[BLOX_LIST_MAX + 1];
    memset(text, ' ', sizeof text);
    memcpy(text, "[]", 2);
    struct reading reading;
    assert_int_equal(read_cut(&reading, blox_span(text, BLOX_LIST_MAX), 7),
                     BLOX_OK);
    assert_int_equal(read_cut(&reading, blox_span(text, sizeof text), 7),
                     BLOX_ERROR_LIMIT);
    assert_non_null(strstr(reading.sentence, "64 KiB"));
}

static void wants_the_signature_last(void **state) {
    (void)state;
    assert_refused("[{\"type\":\"signature\"}," DELETE("x") "]",
                   BLOX_ERROR_FORMAT, "entry 2: stands behind the signature");
}

static void never_reads_over_its_end(void **state) {
    (void)state;
    const char text[] =
        "[" SRC("a\\u00e9b") "," WHEEL("b") ",{\"type\":\"x\",\"y\":[{}]}]";
    for (size_t flip = 0; flip < sizeof text - 1; ++flip) {
        for (int bit = 0; bit < 8; ++bit) {
            char *copy = malloc(sizeof text - 1);
            memcpy(copy, text, sizeof text - 1);
            copy[flip] = (char)(copy[flip] ^ 1 << bit);
            struct reading reading;
            read_cut(&reading, blox_span(copy, sizeof text - 1), flip);
            free(copy);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type_of_entry),
        cmocka_unit_test(reads_an_empty_list),
        cmocka_unit_test(skips_what_tomorrow_brings),
        cmocka_unit_test(takes_large_values_of_unknown_keys),
        cmocka_unit_test(of_two_members_of_one_name_the_last_counts),
        cmocka_unit_test(knows_an_empty_file),
        cmocka_unit_test(reads_a_command),
        cmocka_unit_test(takes_a_command_only_where_one_may_come),
        cmocka_unit_test(refuses_what_is_no_list),
        cmocka_unit_test(refuses_an_entry_without_its_keys),
        cmocka_unit_test(refuses_a_hash_that_is_not_64_hex_digits),
        cmocka_unit_test(refuses_wrong_names_versions_and_sizes),
        cmocka_unit_test(refuses_paths_that_are_not_allowed),
        cmocka_unit_test(refuses_what_is_over_a_limit),
        cmocka_unit_test(takes_256_entries_and_no_more),
        cmocka_unit_test(takes_64_kib_and_no_more),
        cmocka_unit_test(wants_the_signature_last),
        cmocka_unit_test(never_reads_over_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
