// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/pkg/record.h"
#include "tests/core/storage_ram.h"

#define HASH "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"

static char seen[500];

// Adds "path|size or -;" to seen.
static void note(struct blox_text *out, const struct blox_record_line *line) {
    assert_int_equal(strlen(line->path), line->path_size);
    blox_text_add(out, line->path);
    blox_text_add_char(out, '|');
    if (line->has_hash) {
        assert_memory_equal(line->sha256, "\xe3\xb0\xc4\x42", 4);
        assert_memory_equal(line->sha256 + 28, "\x78\x52\xb8\x55", 4);
        blox_text_add_u32(out, line->size);
    } else {
        blox_text_add_char(out, '-');
    }
    blox_text_add_char(out, ';');
}

static int read_record(const char *text, size_t piece, const char **why) {
    struct blox_record record;
    struct blox_text out;
    struct blox_span all = blox_span_text(text);
    int result = 0;
    blox_record_init(&record);
    blox_text_init(&out, seen, sizeof seen);
    for (size_t at = 0; result >= 0 && at < all.size; at += piece) {
        struct blox_span part = blox_span_part(all, at, piece);
        while ((result = blox_record_feed(&record, &part)) > 0) {
            note(&out, &record.line);
        }
    }
    if (result == 0 && (result = blox_record_end(&record)) > 0) {
        note(&out, &record.line);
        result = blox_record_end(&record);
    }
    *why = record.why;
    return result;
}

static void lines_are_read_wherever_the_text_is_cut(void **state) {
    (void)state;
    const char *text = "a/b.py," HASH ",0\r\n\n\"x,\"\"y\"\".py\",\"" HASH
                       "\",4294967295\nd/RECORD,,\r\n\"d/RECORD.jws\",,\n"
                       "last," HASH ",12";
    for (size_t piece = 1; piece <= strlen(text); ++piece) {
        const char *why;
        assert_int_equal(read_record(text, piece, &why), 0);
        assert_string_equal(seen, "a/b.py|0;x,\"y\".py|4294967295;d/RECORD|-;"
                                  "d/RECORD.jws|-;last|12;");
    }
}

static void an_empty_record_has_no_lines(void **state) {
    (void)state;
    const char *why;
    assert_int_equal(read_record("", 1, &why), 0);
    assert_int_equal(read_record("\r\n\n", 1, &why), 0);
    assert_string_equal(seen, "");
}

struct wrong {
    const char *text;
    int error;
    const char *why;
};

static void malformed_lines_are_refused(void **state) {
    (void)state;
    static const struct wrong cases[] = {
        {"a", BLOX_ERROR_FORMAT, "a line has not three fields"},
        {"a,b\n", BLOX_ERROR_FORMAT, "a line has not three fields"},
        {"a," HASH ",1,2\n", BLOX_ERROR_FORMAT, "a line has not three fields"},
        {"a,md5=abc,1\n", BLOX_ERROR_FORMAT, "the hash is not sha256"},
        {"a,sha256=abc,1\n", BLOX_ERROR_FORMAT, "the sha256 is malformed"},
        {"a," HASH "U,1\n", BLOX_ERROR_FORMAT, "the sha256 is malformed"},
        {"a," HASH "0123456789,1\n", BLOX_ERROR_FORMAT, "the hash is too long"},
        {"a," HASH ",x\n", BLOX_ERROR_FORMAT, "the size is not a number"},
        {"a," HASH ",-1\n", BLOX_ERROR_FORMAT, "the size is not a number"},
        {"a," HASH ",4294967296\n", BLOX_ERROR_FORMAT,
         "the size is not a number"},
        {"a," HASH ",42949672950\n", BLOX_ERROR_FORMAT,
         "the size is not a number"},
        {"a," HASH ",\n", BLOX_ERROR_FORMAT,
         "a line has a hash or a size alone"},
        {"a,,1\n", BLOX_ERROR_FORMAT, "a line has a hash or a size alone"},
        {",,\n", BLOX_ERROR_FORMAT, "a line has no path"},
        {"\"\"," HASH ",1\n", BLOX_ERROR_FORMAT, "a line has no path"},
        {"\"a,,\n", BLOX_ERROR_FORMAT, "the file ends inside quotes"},
        {"a\"b,,\n", BLOX_ERROR_FORMAT, "a quote is out of place"},
        {"\"a\"b,,\n", BLOX_ERROR_FORMAT, "a quote is out of place"},
        {"a,,\rb,,\n", BLOX_ERROR_FORMAT, "a quote is out of place"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        for (size_t piece = 1; piece < 5; ++piece) {
            const char *why = NULL;
            assert_int_equal(read_record(cases[i].text, piece, &why),
                             cases[i].error);
            assert_string_equal(why, cases[i].why);
        }
    }
}

static void a_path_too_long_or_with_a_nul_is_refused(void **state) {
    (void)state;
    struct blox_record record;
    char text[BLOX_PATH_MAX + 2];
    memset(text, 'a', sizeof text);
    struct blox_span span = blox_span(text, BLOX_PATH_MAX + 1);
    blox_record_init(&record);
    assert_int_equal(blox_record_feed(&record, &span), BLOX_ERROR_PATH);
    assert_string_equal(record.why, "the path is over 200 bytes");
    span = blox_span("a\0b,,\n", 6);
    blox_record_init(&record);
    assert_int_equal(blox_record_feed(&record, &span), BLOX_ERROR_PATH);
    assert_string_equal(record.why, "the path has a NUL");
}

static void a_file_is_read_line_by_line_and_again(void **state) {
    (void)state;
    static struct storage_ram ram;
    static const char text[] = "a.py," HASH ",1\nb.py," HASH ",2\n"
                               "c.py," HASH ",3";
    struct blox_record_file file;
    storage_ram_init(&ram);
    storage_ram_put(&ram, "/RECORD", text, strlen(text));
    assert_int_equal(blox_record_open(&file, &ram.ops, "/RECORD"), BLOX_OK);
    for (int round = 0; round < 2; ++round) {
        for (uint32_t i = 0; i < 3; ++i) {
            assert_int_equal(blox_record_next(&file), 1);
            assert_int_equal(file.index, i);
            assert_int_equal(file.record.line.path[0], 'a' + i);
            assert_int_equal(file.record.line.size, i + 1);
        }
        assert_int_equal(blox_record_next(&file), 0);
        assert_int_equal(blox_record_next(&file), 0);
        assert_int_equal(blox_record_rewind(&file), BLOX_OK);
    }
    ram.fail_at = ram.operations + 1;
    ram.fail_with = BLOX_ERROR_IO;
    assert_int_equal(blox_record_next(&file), BLOX_ERROR_IO);
    blox_record_close(&file);
    blox_record_close(&file);
    assert_int_equal(ram.open_files, 0);
    assert_int_equal(blox_record_open(&file, &ram.ops, "/none"),
                     BLOX_ERROR_MISSING);
    blox_record_close(&file);
    storage_ram_free(&ram);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_wherever_the_text_is_cut),
        cmocka_unit_test(an_empty_record_has_no_lines),
        cmocka_unit_test(malformed_lines_are_refused),
        cmocka_unit_test(a_path_too_long_or_with_a_nul_is_refused),
        cmocka_unit_test(a_file_is_read_line_by_line_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
