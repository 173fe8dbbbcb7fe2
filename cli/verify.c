// SPDX-License-Identifier: MIT
#include "cli/verify.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <string.h>

#include "cli/sha256.h"

enum { HALF = BLOX_P256_SIGNATURE / 2 };

// The signature as OpenSSL wants it, for OPENSSL_free; NULL for one that has
// no such form.
static uint8_t *der_of(const uint8_t rs[BLOX_P256_SIGNATURE], int *size) {
    uint8_t *der = NULL;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(rs, HALF, NULL);
    BIGNUM *s = BN_bin2bn(rs + HALF, HALF, NULL);
    if (signature != NULL && r != NULL && s != NULL &&
        ECDSA_SIG_set0(signature, r, s) == 1) {
        *size = i2d_ECDSA_SIG(signature, &der);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(signature);
    return der;
}

static bool verify(void *context, const uint8_t point[BLOX_P256_KEY],
                   const uint8_t digest[BLOX_SHA256_SIZE],
                   const uint8_t rs[BLOX_P256_SIGNATURE]) {
    const struct sign_key *key = context;
    int size = 0;
    uint8_t *der = der_of(rs, &size);
    EVP_PKEY_CTX *check = EVP_PKEY_CTX_new(key->pkey, NULL);
    (void)point; // is the key's
    bool right =
        der != NULL && check != NULL && EVP_PKEY_verify_init(check) == 1 &&
        EVP_PKEY_verify(check, der, (size_t)size, digest, BLOX_SHA256_SIZE) ==
            1;
    EVP_PKEY_CTX_free(check);
    OPENSSL_free(der);
    return right;
}

static bool is_point(void *context, const uint8_t point[BLOX_P256_KEY]) {
    (void)context, (void)point;
    return true; // OpenSSL has read it
}

bool verify_payload(struct verified *verified, const struct sign_key *key,
                    const char *topic, const char *payload, size_t size) {
    struct blox_sha256 sha256;
    struct blox_signature signature;
    struct blox_text why;
    const struct blox_ecdsa_p256 ecdsa = {(void *)key, verify, is_point};
    sha256_open(&sha256);
    blox_text_init(&why, verified->why, sizeof verified->why);
    const struct blox_signature_config config = {
        .sha256 = &sha256,
        .ecdsa = &ecdsa,
        .topic = blox_span_text(topic),
        .key = key->point,
        .why = &why,
    };
    blox_signature_init(&signature, &config);
    int result = 1;
    while (result == 1) {
        result = blox_signature_feed(&signature, blox_span(payload, size));
        result = result < 0 ? result : blox_signature_end(&signature);
    }
    memcpy(verified->serial, signature.serial, sizeof verified->serial);
    sha256_close(&sha256);
    return result == 0;
}
