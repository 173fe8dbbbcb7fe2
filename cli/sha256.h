// SPDX-License-Identifier: MIT
// SHA-256 by OpenSSL: at once, and as the engines of core/ ask for it.
#ifndef CLI_SHA256_H
#define CLI_SHA256_H

#include "core/base/crypto.h"

// The digest of size bytes at data.
void sha256_of(const void *data, size_t size, uint8_t digest[BLOX_SHA256_SIZE]);

// Fills the table; sha256_close frees what it holds.
void sha256_open(struct blox_sha256 *sha256);
void sha256_close(struct blox_sha256 *sha256);

#endif
