// SPDX-License-Identifier: MIT
// The small files by which updates are remembered across a reset: where the
// list came from, which set failed. Each ends in a CRC-32 and is written by
// temporary + rename, so that it is there whole or not at all; one that is
// damaged counts as not there.
#ifndef CORE_OTA_REMEMBER_H
#define CORE_OTA_REMEMBER_H

#include "core/base/crypto.h"
#include "core/base/storage.h"

enum { BLOX_ORIGIN_SET = 4 };

// Where the list in force came from, and which set it asks for.
struct blox_origin {
    uint8_t list[BLOX_SHA256_SIZE];    // of the list in force; 0: none
    uint8_t channel[BLOX_SHA256_SIZE]; // of the channel's last payload; 0: none
    uint8_t ordered; // 1: act on it whatever update.auto_update says: it came
                     // on cmd, or `install` did
    uint8_t settled; // 1: nothing of it was needed any more
    // The first bytes of the hashes that name the set of the list in force,
    // and the last one of which nothing was needed any more; 0: none.
    uint8_t latest[BLOX_ORIGIN_SET], installed[BLOX_ORIGIN_SET];
};

// The set that was not installed, or not for long.
struct blox_failure {
    uint8_t set[BLOX_SHA256_SIZE]; // names the set
    uint8_t rolled_back;           // 1: it was installed, and undone
    char sentence[160];            // why, NUL-terminated, cut if need be
};

// Nothing of the list in force is needed any more.
void blox_origin_settle(struct blox_origin *origin);

// Each write returns BLOX_OK or an error of storage.
int blox_origin_write(const struct blox_storage *storage,
                      const struct blox_origin *origin);
int blox_failure_write(const struct blox_storage *storage,
                       const struct blox_failure *failure);

// Each read returns BLOX_OK, BLOX_ERROR_MISSING (no such file),
// BLOX_ERROR_FORMAT (damaged, or written by another version), or an error of
// storage.
int blox_origin_read(const struct blox_storage *storage,
                     struct blox_origin *origin);
int blox_failure_read(const struct blox_storage *storage,
                      struct blox_failure *failure);

#endif
