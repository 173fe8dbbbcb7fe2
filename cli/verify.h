// SPDX-License-Identifier: MIT
// Checks signed lists and commands as a device does (core/ota/signature.h),
// with OpenSSL's ECDSA.
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "cli/sign.h"
#include "core/ota/signature.h"

struct verified {
    char serial[BLOX_SIGNATURE_SERIAL];
    char why[200]; // the sentence a device would say
};

// Whether payload is signed by key for the topic. Else why tells.
bool verify_payload(struct verified *verified, const struct sign_key *key,
                    const char *topic, const char *payload, size_t size);

#endif
