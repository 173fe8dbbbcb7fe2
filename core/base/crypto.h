// SPDX-License-Identifier: MIT
// The cryptographic primitives an engine asks of its caller: hashlib and
// cryptolib on a device, OpenSSL on a host. The core holds none of its own.
#ifndef CORE_BASE_CRYPTO_H
#define CORE_BASE_CRYPTO_H

#include "core/base/span.h"

enum {
    BLOX_SHA256_SIZE = 32,    // bytes of a digest
    BLOX_SHA256_BLOCK = 64,   // bytes of a block, for HMAC (RFC 2104)
    BLOX_AES_BLOCK = 16,      // bytes of a block and of an IV
    BLOX_AES256_KEY = 32,     // bytes of a key
    BLOX_P256_KEY = 65,       // 4, then x and y (SEC 1, 2.3.3, uncompressed)
    BLOX_P256_SIGNATURE = 64, // r, then s, each 32 bytes, big-endian
};

// One running SHA-256 (FIPS 180-4). begin may be called again at any time to
// start over. Each returns BLOX_OK or BLOX_ERROR_IO.
struct blox_sha256 {
    void *context;
    int (*begin)(void *context);
    int (*update)(void *context, const uint8_t *data, size_t size);
    int (*finish)(void *context, uint8_t digest[BLOX_SHA256_SIZE]);
};

// AES-256 in CBC mode without padding (NIST SP 800-38A), in place; size is a
// multiple of BLOX_AES_BLOCK. Each returns BLOX_OK or BLOX_ERROR_IO.
struct blox_aes256_cbc {
    void *context;
    int (*encrypt)(void *context, const uint8_t key[BLOX_AES256_KEY],
                   const uint8_t iv[BLOX_AES_BLOCK], uint8_t *data,
                   size_t size);
    int (*decrypt)(void *context, const uint8_t key[BLOX_AES256_KEY],
                   const uint8_t iv[BLOX_AES_BLOCK], uint8_t *data,
                   size_t size);
};

// ECDSA over P-256 (FIPS 186-4), the half that needs no secret.
struct blox_ecdsa_p256 {
    void *context;
    // Whether rs is a signature of digest by the owner of key. r and s that
    // are zero, or not below the curve's order, and a key that is no point of
    // it, are no signature.
    bool (*verify)(void *context, const uint8_t key[BLOX_P256_KEY],
                   const uint8_t digest[BLOX_SHA256_SIZE],
                   const uint8_t rs[BLOX_P256_SIGNATURE]);
    // Whether key is a point of the curve, uncompressed, and not infinity.
    bool (*is_point)(void *context, const uint8_t key[BLOX_P256_KEY]);
};

#endif
