// SPDX-License-Identifier: MIT
// The form of the entry that holds the signature, and of that with a new key.
#include "core/ota/signature.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "core/base/error.h"
#include "tests/core/ota/checking.h"
#include "tests/core/test.h"

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
        char list[LIST_SIZE];
        sign(checker, "7", list);
        replace(list, changes[i][0], changes[i][1]);
        assert_refused(checker, list, BLOX_ERROR_FORMAT, UNSIGNED);
    }
}

static void the_members_may_stand_in_any_order(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    sign(checker, "7", list);
    replace(list, "\"type\":\"signature\",\"alg\":\"ES256\",",
            "\"alg\":\"ES256\",\"type\":\"signature\",");
    assert_int_equal(check(checker, list), BLOX_OK);
}

static void other_algorithms_are_refused(void **state) {
    struct checker *checker = *state;
    char list[LIST_SIZE];
    sign(checker, "7", list);
    replace(list, "ES256", "none");
    assert_refused(checker, list, BLOX_ERROR_FORMAT,
                   "list: its signature is not ES256");
}

// A signed list whose signature is der instead.
static void put_der(struct checker *checker, const uint8_t *der, size_t size,
                    char list[LIST_SIZE]) {
    char sig[200];
    EVP_EncodeBlock((uint8_t *)sig, der, (int)size);
    sign(checker, "7", list);
    char *at = strstr(list, "\"sig\":\"") + 7;
    snprintf(at, (size_t)(list + LIST_SIZE - at), "%s\"}]", sig);
}

static size_t get_der(struct checker *checker, uint8_t der[100]) {
    char list[LIST_SIZE];
    sign(checker, "7", list);
    char *at = strstr(list, "\"sig\":\"") + 7;
    int size = EVP_DecodeBlock(der, (uint8_t *)at, (int)strcspn(at, "\""));
    return (size_t)size > 2u + der[1] ? 2u + der[1] : (size_t)size;
}

static void der_that_is_cut_or_longer_is_refused(void **state) {
    struct checker *checker = *state;
    const char *sentence = "list: its sig is not the base64 of an ECDSA";
    uint8_t der[100] = {0};
    char list[LIST_SIZE];
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

// DER of another form than the one, made of a right signature: what is replaced
// in it, and by what.
struct der_change {
    int at;      // offset; or one of those below
    int removed; // bytes
    uint8_t put[6];
    int count;
    int longer; // what is added to the length of the sequence
};
enum { AT_END = -1, IN_R = -2, AT_S = -3 };

static const struct der_change der_changes[] = {
    {0, 1, {0x31}, 1, 0},         // a set
    {0, 1, {0x10}, 1, 0},         // not constructed
    {1, 0, {0x81}, 1, 0},         // length in the long form
    {1, 0, {0x82, 0}, 2, 0},      // with a zero in front
    {1, 1, {0x80}, 1, 0},         // indefinite length
    {AT_END, 0, {0}, 1, 0},       // more behind it
    {AT_END, 0, {0}, 1, 1},       // more within it
    {AT_END, 0, {5, 0}, 2, 2},    // a null within it
    {AT_END, 0, {2, 1, 1}, 3, 3}, // a third number
    {2, 0, {2, 1, 1}, 3, 3},      // in front
    {2, 1, {3}, 1, 0},            // r is a bit string
    {2, 1, {0x22}, 1, 0},         // constructed
    {3, 0, {0x81}, 1, 1},         // its length in the long form
    {IN_R, 0, {0}, 1, 1},         // r with a zero in front
    {IN_R, 0, {0, 0}, 2, 2},      // with two
    {IN_R, 0, {0xff}, 1, 1},      // with ones
    {AT_S, 1, {4}, 1, 0},         // s is an octet string
    {AT_S, 0, {2, 0}, 2, 2},      // an empty number between
    {1, 1, {0}, 1, 0},            // no length
    {1, 1, {0xff}, 1, 0},         // too much of it
    {3, 1, {0}, 1, 0},            // of r
    {3, 1, {0x7f}, 1, 0},
};

// Changes der and writes the result. Returns its size.
static size_t change_der(uint8_t der[100], size_t size,
                         const struct der_change *change, uint8_t made[120]) {
    size_t at = change->at >= 0        ? (size_t)change->at
                : change->at == AT_END ? size
                : change->at == IN_R   ? 4
                                       : 4u + der[3];
    size_t count = (size_t)change->count;
    size_t behind = at + (size_t)change->removed;
    if (change->at == IN_R) {
        der[3] = (uint8_t)(der[3] + change->count);
    }
    der[1] = (uint8_t)(der[1] + change->longer);
    memcpy(made, der, at);
    memcpy(made + at, change->put, count);
    memcpy(made + at + count, der + behind, size - behind);
    return size - behind + at + count;
}

static void der_has_one_form(void **state) {
    struct checker *checker = *state;
    for (size_t i = 0; i < sizeof der_changes / sizeof der_changes[0]; ++i) {
        uint8_t der[100] = {0}, made[120];
        char list[LIST_SIZE];
        size_t size = get_der(checker, der);
        size = change_der(der, size, &der_changes[i], made);
        put_der(checker, made, size, list);
        assert_refused(checker, list, BLOX_ERROR_FORMAT,
                       "list: its sig is not the base64 of an ECDSA");
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
    char list[LIST_SIZE];
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
        char list[LIST_SIZE];
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
                     const uint8_t key[BLOX_P256_KEY], char list[LIST_SIZE]) {
    char text[100], entries[512];
    write_key(key, text);
    snprintf(entries, sizeof entries, form, text);
    signer_sign(&checker->signer, TOPIC, "7", entries, list, LIST_SIZE);
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
    char list[LIST_SIZE], text[100];
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
    char list[LIST_SIZE];
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
        char list[LIST_SIZE];
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

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, checking_setup, checking_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
