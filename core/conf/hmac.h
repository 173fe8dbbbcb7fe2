// SPDX-License-Identifier: MIT
// HMAC-SHA-256 (RFC 2104) over the caller's SHA-256.
#ifndef CORE_CONF_HMAC_H
#define CORE_CONF_HMAC_H

#include "core/base/crypto.h"

// One running HMAC. The hash is the caller's and is in use from begin to
// finish; the struct holds the padded key, so wipe it when the key matters.
struct blox_hmac {
    const struct blox_sha256 *hash;
    uint8_t block[BLOX_SHA256_BLOCK];
};

// Starts an HMAC under key, of any size. Returns BLOX_OK, or BLOX_ERROR_IO
// when the hash failed.
int blox_hmac_begin(struct blox_hmac *hmac, const struct blox_sha256 *hash,
                    struct blox_span key);

// Takes the next bytes of the message. Returns as blox_hmac_begin.
int blox_hmac_update(struct blox_hmac *hmac, struct blox_span message);

// Ends the message. Returns as blox_hmac_begin; mac is written on BLOX_OK.
int blox_hmac_finish(struct blox_hmac *hmac, uint8_t mac[BLOX_SHA256_SIZE]);

#endif
