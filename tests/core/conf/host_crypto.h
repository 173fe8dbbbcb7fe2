// SPDX-License-Identifier: MIT
// SHA-256 and AES-256-CBC of OpenSSL, as the tables of core/base/crypto.h.
// fail_at makes the n-th operation (from 1) fail; 0 never.
#ifndef TESTS_CORE_CONF_HOST_CRYPTO_H
#define TESTS_CORE_CONF_HOST_CRYPTO_H

#include "core/base/crypto.h"

struct conf_crypto {
    struct blox_sha256 hash;
    struct blox_aes256_cbc cipher;
    void *digest; // EVP_MD_CTX
    unsigned operations;
    unsigned fail_at;
};

void conf_crypto_open(struct conf_crypto *crypto);
void conf_crypto_close(struct conf_crypto *crypto);

#endif
