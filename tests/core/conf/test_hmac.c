// SPDX-License-Identifier: MIT
#include "core/conf/hmac.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "tests/core/conf/host_crypto.h"
#include "tests/core/test.h"

// RFC 4231, section 4; each byte of a repeated pattern is written once.
struct vector {
    const char *name;
    const char *key;
    size_t key_size; // repeats key's first byte when key is shorter
    const char *message;
    size_t message_size;
    const char *mac;
};

static const struct vector VECTORS[] = {
    {"4.2", "\x0b", 20, "Hi There", 8,
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"4.3", "Jefe", 4, "what do ya want for nothing?", 28,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"4.4", "\xaa", 20, "\xdd", 50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"4.5",
     "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12"
     "\x13\x14\x15\x16\x17"
     "\x18\x19",
     25, "\xcd", 50,
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {"4.7", "\xaa", 131,
     "Test Using Larger Than Block-Size Key - Hash Key First", 54,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"4.8", "\xaa", 131,
     "This is a test using a larger than block-size key and a larger than "
     "block-size data. The key "
     "needs to be hashed before being used by the HMAC algorithm.",
     152, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static struct blox_span expand(uint8_t buffer[256], const char *pattern,
                               size_t size) {
    memset(buffer, pattern[0], 256);
    memcpy(buffer, pattern, strlen(pattern) < size ? strlen(pattern) : size);
    return blox_span(buffer, size);
}

static void compute(const struct vector *vector, size_t split, char hex[65]) {
    uint8_t key[256], message[256], mac[BLOX_SHA256_SIZE];
    struct conf_crypto crypto;
    struct blox_hmac hmac;
    struct blox_text text;
    conf_crypto_open(&crypto);
    struct blox_span whole =
        expand(message, vector->message, vector->message_size);
    assert_int_equal(
        blox_hmac_begin(&hmac, &crypto.hash,
                        expand(key, vector->key, vector->key_size)),
        BLOX_OK);
    assert_int_equal(blox_hmac_update(&hmac, blox_span_part(whole, 0, split)),
                     BLOX_OK);
    assert_int_equal(
        blox_hmac_update(&hmac, blox_span_part(whole, split, whole.size)),
        BLOX_OK);
    assert_int_equal(blox_hmac_finish(&hmac, mac), BLOX_OK);
    conf_crypto_close(&crypto);
    blox_text_init(&text, hex, 65);
    blox_text_add_hex(&text, mac, sizeof mac);
}

static void gives_the_macs_of_rfc_4231_for_every_split(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof VECTORS / sizeof *VECTORS; ++i) {
        for (size_t split = 0; split <= VECTORS[i].message_size; ++split) {
            char hex[65];
            compute(&VECTORS[i], split, hex);
            if (strcmp(hex, VECTORS[i].mac) != 0) {
                print_error("vector %s split at %zu\n", VECTORS[i].name, split);
            }
            assert_string_equal(hex, VECTORS[i].mac);
        }
    }
}

static void takes_an_empty_key_and_message(void **state) {
    (void)state;
    char hex[65];
    compute(&(struct vector){"empty", "", 0, "", 0, ""}, 0, hex);
    assert_string_equal(
        hex,
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static int run_failing_at(struct conf_crypto *crypto, unsigned at,
                          size_t key_size) {
    uint8_t key[256] = {0}, mac[BLOX_SHA256_SIZE];
    struct blox_hmac hmac;
    crypto->operations = 0;
    crypto->fail_at = at;
    int error = blox_hmac_begin(&hmac, &crypto->hash, blox_span(key, key_size));
    if (error == BLOX_OK) {
        error = blox_hmac_update(&hmac, blox_span("abc", 3));
    }
    return error != BLOX_OK ? error : blox_hmac_finish(&hmac, mac);
}

static void passes_on_a_failure_of_every_hash_operation(void **state) {
    (void)state;
    struct conf_crypto crypto;
    conf_crypto_open(&crypto);
    for (size_t key_size = 0; key_size <= 65; key_size += 65) {
        assert_int_equal(run_failing_at(&crypto, 0, key_size), BLOX_OK);
        unsigned operations = crypto.operations;
        assert_true(operations >= 8);
        for (unsigned at = 1; at <= operations; ++at) {
            assert_int_equal(run_failing_at(&crypto, at, key_size),
                             BLOX_ERROR_IO);
        }
    }
    conf_crypto_close(&crypto);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_macs_of_rfc_4231_for_every_split),
        cmocka_unit_test(takes_an_empty_key_and_message),
        cmocka_unit_test(passes_on_a_failure_of_every_hash_operation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
