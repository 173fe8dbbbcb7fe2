// SPDX-License-Identifier: MIT
#include "core/conf/hmac.h"

#include <string.h>

#include "core/base/error.h"

enum { INNER_PAD = 0x36, OUTER_PAD = 0x5c };

static int hash_bytes(const struct blox_sha256 *hash, struct blox_span bytes,
                      uint8_t digest[BLOX_SHA256_SIZE]) {
    int error = hash->begin(hash->context);
    if (error == BLOX_OK) {
        error = hash->update(hash->context, bytes.data, bytes.size);
    }
    return error != BLOX_OK ? error : hash->finish(hash->context, digest);
}

// Starts the hash with the key block, every byte of it xor pad.
static int begin_padded(struct blox_hmac *hmac, uint8_t pad) {
    uint8_t padded[BLOX_SHA256_BLOCK];
    for (size_t i = 0; i < sizeof padded; ++i) {
        padded[i] = hmac->block[i] ^ pad;
    }
    const struct blox_sha256 *hash = hmac->hash;
    int error = hash->begin(hash->context);
    return error != BLOX_OK
               ? error
               : hash->update(hash->context, padded, sizeof padded);
}

int blox_hmac_begin(struct blox_hmac *hmac, const struct blox_sha256 *hash,
                    struct blox_span key) {
    int error = BLOX_OK;
    hmac->hash = hash;
    memset(hmac->block, 0, sizeof hmac->block);
    if (key.size > sizeof hmac->block) {
        error = hash_bytes(hash, key, hmac->block);
    } else if (key.size > 0) {
        memcpy(hmac->block, key.data, key.size);
    }
    return error != BLOX_OK ? error : begin_padded(hmac, INNER_PAD);
}

int blox_hmac_update(struct blox_hmac *hmac, struct blox_span message) {
    const struct blox_sha256 *hash = hmac->hash;
    return hash->update(hash->context, message.data, message.size);
}

int blox_hmac_finish(struct blox_hmac *hmac, uint8_t mac[BLOX_SHA256_SIZE]) {
    const struct blox_sha256 *hash = hmac->hash;
    uint8_t inner[BLOX_SHA256_SIZE];
    int error = hash->finish(hash->context, inner);
    if (error == BLOX_OK) {
        error = begin_padded(hmac, OUTER_PAD);
    }
    if (error == BLOX_OK) {
        error = hash->update(hash->context, inner, sizeof inner);
    }
    return error != BLOX_OK ? error : hash->finish(hash->context, mac);
}
