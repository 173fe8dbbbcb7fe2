// SPDX-License-Identifier: MIT
// ECDSA over P-256 (FIPS 186-4) by BearSSL: checking signatures, nothing else.
// It has no heap and no tables that change; a check takes under 3 KiB of stack.
#ifndef BIND_VERIFY_P256_H
#define BIND_VERIFY_P256_H

#include "core/base/crypto.h"

// Fills the table.
void blox_p256_init(struct blox_ecdsa_p256 *ecdsa);

#endif
