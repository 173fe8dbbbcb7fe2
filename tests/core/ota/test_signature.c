// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "bind/verify/p256.h"
#include "core/base/error.h"
#include "core/ota/signature.h"
#include "tests/core/conf/host_crypto.h"
#include "tests/core/ota/signer.h"

static const char TOPIC[] = "mpypi/channels/latest";
static const char ENTRIES[] =
    "{\"type\":\"src\",\"path\":\"user_main.py\",\"pkg_sha256\":"
    "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"},"
    "{\"type\":\"delete\",\"path\":\"a ]}\\\"[{.py\"}";
static const char UNSIGNED[] = "list: not signed";

// What a device knows, and what it made of the last list.
struct checker {
    struct signer signer, other;
    struct conf_crypto crypto;
    struct blox_ecdsa_p256 ecdsa;
    struct blox_signature signature;
    struct blox_text why;
    char sentence[160];
    uint8_t last[BLOX_SIGNATURE_RECORD];
    size_t last_size;
    const uint8_t *next;
    const char *topic;
    bool command;
    size_t piece; // bytes fed at once; 0: all
};

static int set_up(void **state) {
    struct checker *checker = calloc(1, sizeof *checker);
    signer_init(&checker->signer);
    signer_init(&checker->other);
    conf_crypto_open(&checker->crypto);
    blox_p256_init(&checker->ecdsa);
    blox_text_init(&checker->why, checker->sentence, sizeof checker->sentence);
    checker->topic = TOPIC;
    *state = checker;
    return 0;
}

static int tear_down(void **state) {
    struct checker *checker = *state;
    conf_crypto_close(&checker->crypto);
    signer_free(&checker->signer);
    signer_free(&checker->other);
    free(checker);
    return 0;
}

static int feed(struct checker *checker, const char *list, size_t size) {
    size_t piece = checker->piece == 0 ? size : checker->piece;
    for (size_t at = 0; at < size; at += piece) {
        size_t count = size - at < piece ? size - at : piece;
        blox_signature_feed(&checker->signature, blox_span(list + at, count));
    }
    return blox_signature_end(&checker->signature);
}

static int check_bytes(struct checker *checker, const char *list, size_t size) {
    struct blox_signature_config config = {
        .sha256 = &checker->crypto.hash,
        .ecdsa = &checker->ecdsa,
        .topic = blox_span_text(checker->topic),
        .command = checker->command,
        .key = checker->signer.key,
        .next = checker->next,
        .last = blox_span(checker->last, checker->last_size),
        .why = &checker->why,
    };
    blox_signature_init(&checker->signature, &config);
    int result = feed(checker, list, size);
    return result == 1 ? feed(checker, list, size) : result;
}

static int check(struct checker *checker, const char *list) {
    return check_bytes(checker, list, strlen(list));
}

// The list is refused, with one sentence that begins so.
static void assert_refused(struct checker *checker, const char *list, int error,
                           const char *sentence) {
    assert_int_equal(check(checker, list), error);
    assert_memory_equal(checker->sentence, sentence, strlen(sentence));
    assert_null(strchr(checker->sentence, '\n'));
    assert_false(checker->why.cut);
    // It stays so, whatever comes.
    assert_int_equal(blox_signature_end(&checker->signature), error);
}

static void sign(struct checker *checker, const char *serial, char list[2048]) {
    signer_sign(&checker->signer, TOPIC, serial, ENTRIES, list, 2048);
}

// Keeps what is to be kept of an accepted list.
static void accept(struct checker *checker) {
    memcpy(checker->last, checker->signature.record, sizeof checker->last);
    checker->last_size = sizeof checker->last;
}

// The list with one text in it replaced by another.
static void replace(char list[2048], const char *old, const char *new) {
    char copy[2048];
    char *at = strstr(list, old);
    assert_non_null(at);
    memcpy(copy, list, (size_t)(at - list));
    snprintf(copy + (at - list), sizeof copy - (size_t)(at - list), "%s%s", new,
             at + strlen(old));
    memcpy(list, copy, sizeof copy);
}

static void a_signed_list_is_right_cut_anywhere(void **state) {
    struct checker *checker = *state;
    char list[2048];
    sign(checker, "1795334400", list);
    for (checker->piece = 0; checker->piece <= strlen(list); ++checker->piece) {
        assert_int_equal(check(checker, list), BLOX_OK);
        assert_string_equal(checker->signature.serial, "1795334400");
    }
    assert_int_equal(checker->why.size, 0);
}

static void a_list_without_entries_can_be_signed(void **state) {
    struct checker *checker = *state;
    char list[2048];
    signer_sign(&checker->signer, TOPIC, "7", "", list, sizeof list);
    assert_int_equal(check(checker, list), BLOX_OK);
    replace(list, "[{", "[,{");
    assert_refused(checker, list, BLOX_ERROR_FORMAT, UNSIGNED);
}

static void no_byte_of_a_signed_list_can_change(void **state) {
    struct checker *checker = *state;
    char list[2048];
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
    char list[2048];
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
    char list[2048];
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
    char list[2048];
    sign(checker, "7", list);
    replace(list, "\"}]", "\"},{\"type\":\"delete\",\"path\":\"x\"}]");
    assert_refused(checker, list, BLOX_ERROR_FORMAT, UNSIGNED);
    sign(checker, "7", list);
    replace(list, "\"}]", "\"}]]");
    assert_refused(checker, list, BLOX_ERROR_FORMAT, UNSIGNED);
}

static void what_is_signed_but_no_array_is_refused(void **state) {
    struct checker *checker = *state;
    char list[2048];
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
        char list[2048];
        sign(checker, "7", list);
        replace(list, places[i][0], places[i][1]);
        assert_int_equal(check(checker, list), BLOX_ERROR_FORMAT);
    }
}

static void white_space_that_was_signed_is_named(void **state) {
    struct checker *checker = *state;
    char list[2048];
    signer_sign(&checker->signer, TOPIC, "7",
                "{\"type\": \"delete\",\"path\":\"x\"}", list, sizeof list);
    assert_refused(checker, list, BLOX_ERROR_FORMAT,
                   "list: white space outside strings");
}

static void an_entry_added_or_removed_after_signing_is_noticed(void **state) {
    struct checker *checker = *state;
    const char *wrong = "list: wrong signature";
    char list[2048];
    sign(checker, "7", list);
    replace(list, "[{", "[{\"type\":\"delete\",\"path\":\"b\"},{");
    assert_refused(checker, list, BLOX_ERROR_DIGEST, wrong);
    sign(checker, "7", list);
    replace(list, "},{\"type\":\"sig",
            "},{\"type\":\"delete\",\"path\":\"b\"},{\"type\":\"sig");
    assert_refused(checker, list, BLOX_ERROR_DIGEST, wrong);
    sign(checker, "7", list);
    char *behind = strstr(list, ",{\"type\":\"sig");
    char shorter[2048];
    snprintf(shorter, sizeof shorter, "[%s", behind + 1);
    assert_refused(checker, shorter, BLOX_ERROR_DIGEST, wrong);
}

static void other_keys_topics_and_serials_are_refused(void **state) {
    struct checker *checker = *state;
    const char *wrong = "list: wrong signature: signed with another key";
    char list[2048];
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
    char list[2048], later[2048];
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
    char list[2048], older[2048], again[2048];
    sign(checker, "10", list);
    sign(checker, "9", older);
    assert_int_equal(check(checker, older), BLOX_OK);
    accept(checker);
    assert_int_equal(check(checker, list), BLOX_OK);
    accept(checker);
    assert_refused(checker, older, BLOX_ERROR_DUPLICATE, "list: replayed");
    // The same again is no other list, even if it was signed anew.
    assert_int_equal(check(checker, list), BLOX_OK);
    sign(checker, "10", again);
    assert_string_not_equal(list, again);
    assert_int_equal(check(checker, again), BLOX_OK);
}

static void an_equal_serial_does_not_serve_another_list(void **state) {
    struct checker *checker = *state;
    char list[2048], other[2048];
    sign(checker, "10", list);
    signer_sign(&checker->signer, TOPIC, "10",
                "{\"type\":\"delete\",\"path\":\"b\"}", other, sizeof other);
    assert_int_equal(check(checker, list), BLOX_OK);
    accept(checker);
    assert_refused(checker, other, BLOX_ERROR_DUPLICATE,
                   "list: its serial was used before");
}

static void cmd_takes_nothing_twice(void **state) {
    struct checker *checker = *state;
    char list[2048], later[2048];
    checker->command = true;
    sign(checker, "10", list);
    sign(checker, "11", later);
    assert_int_equal(check(checker, list), BLOX_OK);
    accept(checker);
    assert_refused(checker, list, BLOX_ERROR_DUPLICATE,
                   "list: its serial was used before");
    assert_int_equal(check(checker, later), BLOX_OK);
    accept(checker);
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
        char list[2048];
        sign(checker, rising[i], list);
        checker->command = true;
        assert_int_equal(check(checker, list), BLOX_OK);
        accept(checker);
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
        char list[2048];
        sign(checker, wrong[i], list);
        assert_refused(checker, list, BLOX_ERROR_FORMAT, "list: its serial");
    }
}

static void a_damaged_record_refuses_and_says_so(void **state) {
    struct checker *checker = *state;
    char list[2048];
    sign(checker, "7", list);
    checker->last_size = BLOX_SIGNATURE_RECORD - 1;
    assert_refused(checker, list, BLOX_ERROR_STATE,
                   "list: the serial kept in NVS is damaged");
}

static void the_entry_has_four_members_and_no_more(void **state) {
    struct checker *checker = *state;
    static const char *const changes[][2] = {
        {"\"alg\":\"ES256\",", ""},
        {"\"alg\":\"ES256\",", "\"alg\":\"ES256\",\"alg\":\"ES256\","},
        {"\"alg\":\"ES256\",", "\"alg\":\"ES256\",\"kid\":\"1\","},
        {"\"alg\":\"ES256\",", "\"alg\":\"\\u0045S256\","},
        {"\"alg\":\"ES256\",", "\"alg\":[\"ES256\"],"},
        {"\"serial\":\"7\",", "\"alg\":\"ES256\","}, // twice, one missing
        {"\"serial\":\"7\",", "\"serial\":7,"},
        {"\"serial\":\"7\",", "\"serial\":\"\","},
        {"\"type\":\"signature\",", ""},
        {"{\"type\":\"signature\",", "{,\"type\":\"signature\","},
        {"\"type\":\"signature\"", "\"type\":\"Signature\""},
        {"\"}]", "\",\"x\":{}}]"},
        {"\"}]", "\",}]"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; ++i) {
        char list[2048];
        sign(checker, "7", list);
        replace(list, changes[i][0], changes[i][1]);
        assert_refused(checker, list, BLOX_ERROR_FORMAT, UNSIGNED);
    }
}

static void the_members_may_stand_in_any_order(void **state) {
    struct checker *checker = *state;
    char list[2048];
    sign(checker, "7", list);
    replace(list, "\"type\":\"signature\",\"alg\":\"ES256\",",
            "\"alg\":\"ES256\",\"type\":\"signature\",");
    assert_int_equal(check(checker, list), BLOX_OK);
}

static void other_algorithms_are_refused(void **state) {
    struct checker *checker = *state;
    char list[2048];
    sign(checker, "7", list);
    replace(list, "ES256", "none");
    assert_refused(checker, list, BLOX_ERROR_FORMAT,
                   "list: its signature is not ES256");
}

// A signed list whose signature is der instead.
static void put_der(struct checker *checker, const uint8_t *der, size_t size,
                    char list[2048]) {
    char sig[200];
    EVP_EncodeBlock((uint8_t *)sig, der, (int)size);
    sign(checker, "7", list);
    char *at = strstr(list, "\"sig\":\"") + 7;
    snprintf(at, (size_t)(list + 2048 - at), "%s\"}]", sig);
}

static size_t get_der(struct checker *checker, uint8_t der[100]) {
    char list[2048];
    sign(checker, "7", list);
    char *at = strstr(list, "\"sig\":\"") + 7;
    int size = EVP_DecodeBlock(der, (uint8_t *)at, (int)strcspn(at, "\""));
    return (size_t)size > 2u + der[1] ? 2u + der[1] : (size_t)size;
}

static void der_that_is_cut_or_longer_is_refused(void **state) {
    struct checker *checker = *state;
    const char *sentence = "list: its sig is not the base64 of an ECDSA";
    uint8_t der[100] = {0};
    char list[2048];
    size_t size = get_der(checker, der);
    for (size_t cut = 1; cut < size; ++cut) {
        put_der(checker, der, cut, list);
        assert_refused(checker, list, BLOX_ERROR_FORMAT, sentence);
    }
    put_der(checker, der, size + 1, list);
    assert_refused(checker, list, BLOX_ERROR_FORMAT, sentence);
    ++der[1];
    put_der(checker, der, size + 1, list);
    assert_refused(checker, list, BLOX_ERROR_FORMAT, sentence);
}

// DER of another form than the one, made of a right signature: each named by
// what is replaced, and by what.
static void der_has_one_form(void **state) {
    struct checker *checker = *state;
    const char *sentence = "list: its sig is not the base64 of an ECDSA";
    static const struct {
        int at;      // offset; -1: at the end, -2: length of r, -3: tag of s
        int removed; // bytes
        uint8_t put[6];
        int count;
        int longer; // what is added to the length of the sequence
    } changes[] = {
        {0, 1, {0x31}, 1, 0},     // a set
        {0, 1, {0x10}, 1, 0},     // not constructed
        {1, 0, {0x81}, 1, 0},     // length in the long form
        {1, 0, {0x82, 0}, 2, 0},  // with a zero in front
        {1, 1, {0x80}, 1, 0},     // indefinite length
        {-1, 0, {0}, 1, 0},       // more behind it
        {-1, 0, {0}, 1, 1},       // more within it
        {-1, 0, {5, 0}, 2, 2},    // a null within it
        {-1, 0, {2, 1, 1}, 3, 3}, // a third number
        {2, 0, {2, 1, 1}, 3, 3},  // in front
        {2, 1, {3}, 1, 0},        // r is a bit string
        {2, 1, {0x22}, 1, 0},     // constructed
        {3, 0, {0x81}, 1, 1},     // its length in the long form
        {-2, 0, {0}, 1, 1},       // r with a zero in front
        {-2, 0, {0, 0}, 2, 2},    // with two
        {-2, 0, {0xff}, 1, 1},    // with ones
        {-3, 1, {4}, 1, 0},       // s is an octet string
        {-3, 0, {2, 0}, 2, 2},    // an empty number between
        {1, 1, {0}, 1, 0},        // no length
        {1, 1, {0xff}, 1, 0},     // too much of it
        {3, 1, {0}, 1, 0},        // of r
        {3, 1, {0x7f}, 1, 0},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; ++i) {
        uint8_t der[100] = {0}, made[120];
        char list[2048];
        size_t size = get_der(checker, der);
        size_t at = changes[i].at >= 0    ? (size_t)changes[i].at
                    : changes[i].at == -1 ? size
                    : changes[i].at == -2 ? 4
                                          : 4u + der[3];
        if (changes[i].at == -2) {
            der[3] = (uint8_t)(der[3] + changes[i].count);
        }
        size_t count = (size_t)changes[i].count;
        size_t behind = at + (size_t)changes[i].removed;
        der[1] = (uint8_t)(der[1] + changes[i].longer);
        memcpy(made, der, at);
        memcpy(made + at, changes[i].put, count);
        memcpy(made + at + count, der + behind, size - behind);
        put_der(checker, made, size - behind + at + count, list);
        assert_refused(checker, list, BLOX_ERROR_FORMAT, sentence);
    }
}

static void r_and_s_are_positive_and_below_the_order(void **state) {
    struct checker *checker = *state;
    static const uint8_t n[] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    const uint8_t zeros[] = {0x30, 6, 2, 1, 0, 2, 1, 0};
    const uint8_t r_zero[] = {0x30, 6, 2, 1, 0, 2, 1, 1};
    const uint8_t s_zero[] = {0x30, 6, 2, 1, 1, 2, 1, 0};
    const uint8_t negative[] = {0x30, 6, 2, 1, 0x80, 2, 1, 1};
    const uint8_t long_one[] = {0x30, 7, 2, 2, 0, 1, 2, 1, 1};
    uint8_t order[40] = {0x30, 38, 2, 33, 0};
    uint8_t wide[41] = {0x30, 39, 2, 34, 0, 0xff};
    char list[2048];
    memcpy(order + 5, n, sizeof n);
    memcpy(order + 37, (const uint8_t[]){2, 1, 1}, 3);
    memcpy(wide + 38, (const uint8_t[]){2, 1, 1}, 3);
    const struct {
        const uint8_t *der;
        size_t size;
        int error;
    } cases[] = {
        {zeros, sizeof zeros, BLOX_ERROR_DIGEST},
        {r_zero, sizeof r_zero, BLOX_ERROR_DIGEST},
        {s_zero, sizeof s_zero, BLOX_ERROR_DIGEST},
        {order, sizeof order, BLOX_ERROR_DIGEST},
        {negative, sizeof negative, BLOX_ERROR_FORMAT},
        {long_one, sizeof long_one, BLOX_ERROR_FORMAT},
        {wide, sizeof wide, BLOX_ERROR_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        put_der(checker, cases[i].der, cases[i].size, list);
        assert_int_equal(check(checker, list), cases[i].error);
    }
}

static void base64_has_one_form(void **state) {
    struct checker *checker = *state;
    static const char *const wrong[] = {
        "A", "====", "AA A", "MAYC_wEC", "MAYC-wEC", "MAYCAQECAQE", "!!!!"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        char list[2048];
        sign(checker, "7", list);
        char *at = strstr(list, "\"sig\":\"") + 7;
        snprintf(at, (size_t)(list + sizeof list - at), "%s\"}]", wrong[i]);
        assert_refused(checker, list, BLOX_ERROR_FORMAT, "list: its sig");
    }
}

// A key in base64.
static void write_key(const uint8_t key[BLOX_P256_KEY], char text[100]) {
    EVP_EncodeBlock((uint8_t *)text, key, BLOX_P256_KEY);
}

static void sign_key(struct checker *checker, const char *form,
                     const uint8_t key[BLOX_P256_KEY], char list[2048]) {
    char text[100], entries[512];
    write_key(key, text);
    snprintf(entries, sizeof entries, form, text);
    signer_sign(&checker->signer, TOPIC, "7", entries, list, 2048);
}

static void a_key_entry_is_found(void **state) {
    struct checker *checker = *state;
    static const char *const forms[] = {
        "{\"type\":\"key\",\"key\":\"%s\"}",
        "{\"key\":\"%s\",\"type\":\"key\"}",
        "{\"type\":\"delete\",\"path\":\"a\"},"
        "{\"type\":\"key\",\"key\":\"BA==\"},"
        "{\"type\":\"key\",\"key\":\"%s\"},{\"type\":\"later\"}",
    };
    char list[2048], text[100];
    write_key(checker->other.key, text);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; ++i) {
        sign_key(checker, forms[i], checker->other.key, list);
        for (checker->piece = 0; checker->piece < 9; ++checker->piece) {
            assert_int_equal(check(checker, list), BLOX_OK);
            assert_string_equal(checker->signature.new_key, text);
        }
    }
    sign(checker, "7", list);
    assert_int_equal(check(checker, list), BLOX_OK);
    assert_string_equal(checker->signature.new_key, "");
}

static void a_key_entry_that_holds_none_is_refused(void **state) {
    struct checker *checker = *state;
    static const char form[] = "{\"type\":\"key\",\"key\":\"%s\"}";
    const char *sentence = "list: its key entry holds no public key";
    char list[2048];
    checker->other.key[64] ^= 1; // beside the curve
    sign_key(checker, form, checker->other.key, list);
    assert_refused(checker, list, BLOX_ERROR_FORMAT, sentence);
    checker->other.key[64] ^= 1;
    sign_key(checker, "{\"type\":\"key\",\"key\":\"A%s\"}", checker->other.key,
             list);
    assert_refused(checker, list, BLOX_ERROR_FORMAT, sentence);
    signer_sign(&checker->signer, TOPIC, "7",
                "{\"type\":\"key\",\"key\":\"BA==\"}", list, sizeof list);
    assert_refused(checker, list, BLOX_ERROR_FORMAT, sentence);
}

static void what_only_looks_like_a_key_entry_is_none(void **state) {
    struct checker *checker = *state;
    static const char *const forms[] = {
        "{\"type\":\"key\",\"kex\":\"%s\"}",
        "{\"type\":\"Key\",\"key\":\"%s\"}",
        "{\"type\":\"key\",\"key\":\"%s\",\"x\":\"y\"}",
        "{\"type\":\"later\",\"in\":{\"type\":\"key\",\"key\":\"%s\"}}",
        "{\"type\":\"later\",\"in\":[{\"type\":\"key\",\"key\":\"%s\"}]}",
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; ++i) {
        char list[2048];
        sign_key(checker, forms[i], checker->other.key, list);
        assert_int_equal(check(checker, list), BLOX_OK);
        assert_string_equal(checker->signature.new_key, "");
    }
}

static void a_key_is_the_base64_of_an_uncompressed_point(void **state) {
    struct checker *checker = *state;
    uint8_t point[BLOX_P256_KEY], key[BLOX_P256_KEY];
    char text[100];
    memcpy(point, checker->signer.key, sizeof point);
    EVP_EncodeBlock((uint8_t *)text, point, sizeof point);
    assert_int_equal(
        blox_signature_key(blox_span_text(text), key, &checker->why), BLOX_OK);
    assert_memory_equal(key, point, sizeof key);
    point[0] = 3; // compressed
    EVP_EncodeBlock((uint8_t *)text, point, sizeof point);
    assert_int_equal(
        blox_signature_key(blox_span_text(text), key, &checker->why),
        BLOX_ERROR_FORMAT);
    static const char *const wrong[] = {"", "BA==", "hello"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        assert_int_equal(
            blox_signature_key(blox_span_text(wrong[i]), key, &checker->why),
            BLOX_ERROR_FORMAT);
        assert_memory_equal(checker->sentence,
                            "update.public_key: not the base64", 33);
    }
}

static void a_hash_that_fails_is_an_error(void **state) {
    struct checker *checker = *state;
    char list[2048];
    sign(checker, "7", list);
    for (unsigned fail_at = 1; fail_at <= 8; ++fail_at) {
        checker->crypto.operations = 0;
        checker->crypto.fail_at = fail_at;
        assert_int_equal(check(checker, list), BLOX_ERROR_IO);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
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
        TEST(the_entry_has_four_members_and_no_more),
        TEST(the_members_may_stand_in_any_order),
        TEST(other_algorithms_are_refused),
        TEST(der_that_is_cut_or_longer_is_refused),
        TEST(der_has_one_form),
        TEST(r_and_s_are_positive_and_below_the_order),
        TEST(base64_has_one_form),
        TEST(a_key_entry_is_found),
        TEST(a_key_entry_that_holds_none_is_refused),
        TEST(what_only_looks_like_a_key_entry_is_none),
        TEST(a_key_is_the_base64_of_an_uncompressed_point),
        TEST(a_hash_that_fails_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
