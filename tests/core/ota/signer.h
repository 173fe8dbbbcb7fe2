// SPDX-License-Identifier: MIT
// A publisher's key, by OpenSSL: signs lists as PROTOCOL §2 says.
#ifndef TESTS_CORE_OTA_SIGNER_H
#define TESTS_CORE_OTA_SIGNER_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/crypto.h"

struct signer {
    EVP_PKEY *pair;
    uint8_t key[BLOX_P256_KEY]; // the public half
};

// A new key. Free it with signer_free().
void signer_init(struct signer *signer);
void signer_free(struct signer *signer);

// Writes the signed form of entries ("{...},{...}", or "") into list. Returns
// its size.
size_t signer_sign(const struct signer *signer, const char *topic,
                   const char *serial, const char *entries, char *list,
                   size_t capacity);

// Writes a signature of what is signed by hand, in base64 of DER, into sig.
void signer_sig(const struct signer *signer, const uint8_t *message,
                size_t size, char sig[100]);

#endif
