// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <stdio.h>

#include "bind/verify/p256.h"
#include "core/base/error.h"
#include "core/codec/hex.h"
#include "tests/core/ota/p256_vectors.h"

static void from_hex(const char *text, uint8_t *data, size_t capacity,
                     size_t size) {
    memset(data, 0, capacity);
    assert_int_equal(strlen(text), 2 * size);
    assert_int_equal(blox_hex_decode(blox_span_text(text), data, size),
                     BLOX_OK);
}

static void every_vector_has_its_verdict(void **state) {
    struct blox_ecdsa_p256 ecdsa;
    (void)state;
    blox_p256_init(&ecdsa);
    for (size_t i = 0; i < sizeof p256_vectors / sizeof p256_vectors[0]; ++i) {
        uint8_t key[BLOX_P256_KEY], digest[BLOX_SHA256_SIZE];
        uint8_t rs[BLOX_P256_SIGNATURE];
        from_hex(p256_vectors[i].key, key, sizeof key,
                 strlen(p256_vectors[i].key) / 2);
        from_hex(p256_vectors[i].digest, digest, sizeof digest, sizeof digest);
        from_hex(p256_vectors[i].rs, rs, sizeof rs, sizeof rs);
        bool valid = ecdsa.verify(ecdsa.context, key, digest, rs);
        if (valid != p256_vectors[i].valid) {
            fail_msg("%s: %d", p256_vectors[i].name, valid);
        }
        // The table's other verdict: a right signature has a right key.
        assert_true(!valid || ecdsa.is_point(ecdsa.context, key));
        // Of the right ones no bit can change.
        rs[i % sizeof rs] ^= (uint8_t)(1 << i % 8);
        assert_false(ecdsa.verify(ecdsa.context, key, digest, rs));
    }
}

static void what_is_no_point_is_no_key(void **state) {
    struct blox_ecdsa_p256 ecdsa;
    uint8_t key[BLOX_P256_KEY];
    (void)state;
    blox_p256_init(&ecdsa);
    from_hex(p256_vectors[0].key, key, sizeof key, sizeof key);
    assert_true(ecdsa.is_point(NULL, key));
    for (int first = 0; first < 256; ++first) {
        key[0] = (uint8_t)first;
        assert_int_equal(ecdsa.is_point(NULL, key), first == 4);
    }
    key[0] = 4;
    for (size_t i = 1; i < sizeof key; ++i) {
        key[i] ^= 0x10;
        assert_false(ecdsa.is_point(NULL, key));
        key[i] ^= 0x10;
    }
    memset(key + 1, 0, sizeof key - 1);
    assert_false(ecdsa.is_point(NULL, key));
    memset(key + 1, 0xff, sizeof key - 1);
    assert_false(ecdsa.is_point(NULL, key));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_has_its_verdict),
        cmocka_unit_test(what_is_no_point_is_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
