// SPDX-License-Identifier: MIT
// A storage in memory for the unpacker of core/pkg: the wheel it reads, and the
// files it stages.
#ifndef CLI_WHEEL_STORE_H
#define CLI_WHEEL_STORE_H

#include "cli/file.h"
#include "core/base/crypto.h"
#include "core/base/storage.h"

#define WHEEL_STORE_WHEEL "/wheel"
#define WHEEL_STORE_STAGING "/staged"

struct wheel_store {
    struct blox_storage storage;
    struct blox_sha256 sha256; // OpenSSL's
    struct blox_span wheel;
    struct file_bytes *staged; // WHEEL_STORE_STAGING "/<number>", from 0
    size_t count;
};

// Starts with a wheel at WHEEL_STORE_WHEEL, whose bytes must outlive it.
void wheel_store_init(struct wheel_store *store, struct blox_span wheel);

void wheel_store_free(struct wheel_store *store);

#endif
