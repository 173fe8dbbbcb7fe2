// SPDX-License-Identifier: MIT
// Which signed lists are taken: by whom, for what, and when.
#include "core/ota/signature.h"

#include <stdio.h>

#include "core/base/error.h"
#include "tests/core/ota/checking.h"
#include "tests/core/test.h"

static void a_signed_list_is_right_cut_anywhere(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    sign(checker, "1795334400", list);
    for (checker->piece = 0; checker->piece <= strlen(list); ++checker->piece) {
        assert_int_equal(check(checker, list), BLOX_OK);
        assert_string_equal(checker->signature.serial, "1795334400");
    }
    assert_int_equal(checker->why.size, 0);
}

static void a_list_without_entries_can_be_signed(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    signer_sign(&checker->signer, TOPIC, "7", "", list, sizeof list);
    assert_int_equal(check(checker, list), BLOX_OK);
    replace(list, "[{", "[,{");
    assert_refused(checker, list, BLOX_ERROR_FORMAT, UNSIGNED);
}

static void no_byte_of_a_signed_list_can_change(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    sign(checker, "7", list);
    size_t size = strlen(list);
    for (size_t i = 0; i < size; ++i) {
        list[i] = (char)(list[i] ^ 1 << i % 8);
        assert_true(check_bytes(checker, list, size) < 0);
        assert_true(checker->why.size > 0 && !checker->why.cut);
        list[i] = (char)(list[i] ^ 1 << i % 8);
    }
    assert_int_equal(check_bytes(checker, list, size), BLOX_OK);
}

static void what_is_read_the_second_time_is_what_counts(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    sign(checker, "7", list);
    check(checker, list);
    struct blox_signature_config config = checker->signature.config;
    for (size_t cut = 1; cut <= strlen(list); cut += 20) {
        blox_signature_init(&checker->signature, &config);
        assert_int_equal(feed(checker, list, strlen(list)), 1);
        int result = feed(checker, list, strlen(list) - cut);
        bool all = strlen(list) - cut >= checker->signature.signed_size;
        assert_int_equal(result, all ? BLOX_OK : BLOX_ERROR_DIGEST);
    }
}

static void a_list_that_is_cut_off_is_refused(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    sign(checker, "7", list);
    for (size_t size = 0; size < strlen(list); ++size) {
        assert_int_equal(check_bytes(checker, list, size), BLOX_ERROR_FORMAT);
        assert_memory_equal(checker->sentence, UNSIGNED, strlen(UNSIGNED));
    }
}

static void a_list_without_signature_is_refused(void **state) {
    struct checker *checker = *state;
    static const char *const lists[] = {
        "",
        "[]",
        "{}",
        "{\"cmd\":\"reboot\"}",
        "[1]",
        "]",
        "[[]]",
        "hello",
        "[{}]",
        "[{},]",
        "[{}]]]",
        "[{\"type\":\"signature\"}]",
        "[{\"type\":\"src\",\"path\":\"a\",\"pkg_sha256\":\"0\",\"x\":\"y\"}]",
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; ++i) {
        assert_refused(checker, lists[i], BLOX_ERROR_FORMAT, UNSIGNED);
    }
}

static void a_signature_that_is_not_last_is_none(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    sign(checker, "7", list);
    replace(list, "\"}]", "\"},{\"type\":\"delete\",\"path\":\"x\"}]");
    assert_refused(checker, list, BLOX_ERROR_FORMAT, UNSIGNED);
    sign(checker, "7", list);
    replace(list, "\"}]", "\"}]]");
    assert_refused(checker, list, BLOX_ERROR_FORMAT, UNSIGNED);
}

static void what_is_signed_but_no_array_is_refused(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    sign(checker, "7", list);
    list[0] = '{';
    assert_refused(checker, list, BLOX_ERROR_FORMAT, UNSIGNED);
}

static void white_space_is_refused_wherever_it_stands(void **state) {
    struct checker *checker = *state;
    static const char *const places[][2] = {
        {"[", " ["},
        {"},{", "}, {"},
        {"\"alg\":", "\"alg\": "},
        {"\"}]", "\"}\n]"},
        {"\"}]", "\"}]\r\n"},
        {"\"}]", "\" }]"},
        {"{\"type\":\"sig", "\t{\"type\":\"sig"},
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; ++i) {
        char list[LIST_SIZE];
        sign(checker, "7", list);
        replace(list, places[i][0], places[i][1]);
        assert_int_equal(check(checker, list), BLOX_ERROR_FORMAT);
    }
}

static void white_space_that_was_signed_is_named(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    signer_sign(&checker->signer, TOPIC, "7",
                "{\"type\": \"delete\",\"path\":\"x\"}", list, sizeof list);
    assert_refused(checker, list, BLOX_ERROR_FORMAT,
                   "list: white space outside strings");
}

static void an_entry_added_or_removed_after_signing_is_noticed(void **state) {
    struct checker *checker = *state;
    const char *wrong = "list: wrong signature";
    char list[LIST_SIZE];
    sign(checker, "7", list);
    replace(list, "[{", "[{\"type\":\"delete\",\"path\":\"b\"},{");
    assert_refused(checker, list, BLOX_ERROR_DIGEST, wrong);
    sign(checker, "7", list);
    replace(list, "},{\"type\":\"sig",
            "},{\"type\":\"delete\",\"path\":\"b\"},{\"type\":\"sig");
    assert_refused(checker, list, BLOX_ERROR_DIGEST, wrong);
    sign(checker, "7", list);
    char *behind = strstr(list, ",{\"type\":\"sig");
    char shorter[LIST_SIZE];
    snprintf(shorter, sizeof shorter, "[%s", behind + 1);
    assert_refused(checker, shorter, BLOX_ERROR_DIGEST, wrong);
}

static void other_keys_topics_and_serials_are_refused(void **state) {
    struct checker *checker = *state;
    const char *wrong = "list: wrong signature: signed with another key";
    char list[LIST_SIZE];
    signer_sign(&checker->other, TOPIC, "7", ENTRIES, list, sizeof list);
    assert_refused(checker, list, BLOX_ERROR_DIGEST, wrong);
    signer_sign(&checker->signer, "mpypi/channels/late", "7", ENTRIES, list,
                sizeof list);
    assert_refused(checker, list, BLOX_ERROR_DIGEST, wrong);
    signer_sign(&checker->signer, "mpypi/nodes/esp32-00/cmd", "7", ENTRIES,
                list, sizeof list);
    assert_refused(checker, list, BLOX_ERROR_DIGEST, wrong);
    sign(checker, "7", list);
    replace(list, "\"7\"", "\"8\"");
    assert_refused(checker, list, BLOX_ERROR_DIGEST, wrong);
}

static void the_next_key_counts_where_there_is_one(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE], later[LIST_SIZE];
    sign(checker, "7", list);
    signer_sign(&checker->other, TOPIC, "8", ENTRIES, later, sizeof later);
    checker->next = checker->other.key;
    assert_int_equal(check(checker, list), BLOX_OK);
    assert_int_equal(check(checker, later), BLOX_OK);
    checker->next = NULL;
    assert_int_equal(check(checker, later), BLOX_ERROR_DIGEST);
}

static void a_channel_takes_no_older_list(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE], older[LIST_SIZE], again[LIST_SIZE];
    sign(checker, "10", list);
    sign(checker, "9", older);
    assert_int_equal(check(checker, older), BLOX_OK);
    keep_serial(checker);
    assert_int_equal(check(checker, list), BLOX_OK);
    keep_serial(checker);
    assert_refused(checker, older, BLOX_ERROR_DUPLICATE, "list: replayed");
    // The same again is no other list, even if it was signed anew.
    assert_int_equal(check(checker, list), BLOX_OK);
    sign(checker, "10", again);
    assert_string_not_equal(list, again);
    assert_int_equal(check(checker, again), BLOX_OK);
}

static void an_equal_serial_does_not_serve_another_list(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE], other[LIST_SIZE];
    sign(checker, "10", list);
    signer_sign(&checker->signer, TOPIC, "10",
                "{\"type\":\"delete\",\"path\":\"b\"}", other, sizeof other);
    assert_int_equal(check(checker, list), BLOX_OK);
    keep_serial(checker);
    assert_refused(checker, other, BLOX_ERROR_DUPLICATE,
                   "list: its serial was used before");
}

static void cmd_takes_nothing_twice(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE], later[LIST_SIZE];
    checker->command = true;
    sign(checker, "10", list);
    sign(checker, "11", later);
    assert_int_equal(check(checker, list), BLOX_OK);
    keep_serial(checker);
    assert_refused(checker, list, BLOX_ERROR_DUPLICATE,
                   "list: its serial was used before");
    assert_int_equal(check(checker, later), BLOX_OK);
    keep_serial(checker);
    assert_refused(checker, list, BLOX_ERROR_DUPLICATE, "list: replayed");
}

static void serials_are_compared_as_numbers_up_to_2_63(void **state) {
    struct checker *checker = *state;
    static const char *const rising[] = {
        "0",
        "9",
        "10",
        "255",
        "256",
        "4294967295",
        "4294967296",
        "1795334400000000",
        "9223372036854775807",
        "9223372036854775808",
    };
    for (size_t i = 0; i < sizeof rising / sizeof rising[0]; ++i) {
        char list[LIST_SIZE];
        sign(checker, rising[i], list);
        checker->command = true;
        assert_int_equal(check(checker, list), BLOX_OK);
        keep_serial(checker);
        if (i > 0) {
            sign(checker, rising[i - 1], list);
            assert_int_equal(check(checker, list), BLOX_ERROR_DUPLICATE);
        }
    }
}

static void what_is_no_serial_is_refused(void **state) {
    struct checker *checker = *state;
    static const char *const wrong[] = {
        "-1",
        "+1",
        "01",
        "00",
        "0x10",
        "1e3",
        "1.0",
        " 1",
        "1 ",
        "9223372036854775809",
        "9999999999999999999",
        "18446744073709551617",
        "a",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        char list[LIST_SIZE];
        sign(checker, wrong[i], list);
        assert_refused(checker, list, BLOX_ERROR_FORMAT, "list: its serial");
    }
}

static void a_damaged_record_refuses_and_says_so(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    sign(checker, "7", list);
    checker->last_size = BLOX_SIGNATURE_RECORD - 1;
    assert_refused(checker, list, BLOX_ERROR_STATE,
                   "list: the serial kept in NVS is damaged");
}

static void a_hash_that_fails_is_an_error(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    sign(checker, "7", list);
    for (unsigned fail_at = 1; fail_at <= 8; ++fail_at) {
        checker->crypto.operations = 0;
        checker->crypto.fail_at = fail_at;
        assert_int_equal(check(checker, list), BLOX_ERROR_IO);
    }
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, checking_setup, checking_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_signed_list_is_right_cut_anywhere),
        TEST(a_list_without_entries_can_be_signed),
        TEST(no_byte_of_a_signed_list_can_change),
        TEST(what_is_read_the_second_time_is_what_counts),
        TEST(a_list_that_is_cut_off_is_refused),
        TEST(a_list_without_signature_is_refused),
        TEST(a_signature_that_is_not_last_is_none),
        TEST(what_is_signed_but_no_array_is_refused),
        TEST(white_space_is_refused_wherever_it_stands),
        TEST(white_space_that_was_signed_is_named),
        TEST(an_entry_added_or_removed_after_signing_is_noticed),
        TEST(other_keys_topics_and_serials_are_refused),
        TEST(the_next_key_counts_where_there_is_one),
        TEST(a_channel_takes_no_older_list),
        TEST(an_equal_serial_does_not_serve_another_list),
        TEST(cmd_takes_nothing_twice),
        TEST(serials_are_compared_as_numbers_up_to_2_63),
        TEST(what_is_no_serial_is_refused),
        TEST(a_damaged_record_refuses_and_says_so),
        TEST(a_hash_that_fails_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
