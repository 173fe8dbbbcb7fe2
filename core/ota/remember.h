// SPDX-License-Identifier: MIT
// The small files by which an update is remembered across a reset: which
// packages are ready to install, where the list came from, which set failed.
// Each is text with a CRC-32 at its end and is written by temporary + rename,
// so that it is there whole or not at all; one that is damaged counts as not
// there.
#ifndef CORE_OTA_REMEMBER_H
#define CORE_OTA_REMEMBER_H

#include "core/base/crypto.h"
#include "core/base/storage.h"
#include "core/ota/plan.h"

// All packages are staged and verified.
struct blox_ready {
    uint8_t needed[BLOX_PLAN_BITMAP]; // entries of the list to install
    uint8_t list[BLOX_SHA256_SIZE];   // SHA-256 of the staged list
    uint8_t set[BLOX_SHA256_SIZE];    // names the set
};

// Where the list in force came from.
struct blox_origin {
    bool command;                      // from cmd, not from the channel
    uint8_t list[BLOX_SHA256_SIZE];    // of the list in force; 0: none
    uint8_t channel[BLOX_SHA256_SIZE]; // of the channel's last payload; 0: none
};

// The set that was not installed.
struct blox_failure {
    bool rolled_back;              // it was installed, and undone
    uint8_t set[BLOX_SHA256_SIZE]; // names the set
    char sentence[160];            // why, NUL-terminated, cut if need be
};

// Each write returns BLOX_OK or an error of storage.
int blox_ready_write(const struct blox_storage *storage,
                     const struct blox_ready *ready);
int blox_origin_write(const struct blox_storage *storage,
                      const struct blox_origin *origin);
int blox_failure_write(const struct blox_storage *storage,
                       const struct blox_failure *failure);

// Each read returns BLOX_OK, BLOX_ERROR_MISSING (no such file),
// BLOX_ERROR_FORMAT (damaged, or written by another version), or an error of
// storage.
int blox_ready_read(const struct blox_storage *storage,
                    struct blox_ready *ready);
int blox_origin_read(const struct blox_storage *storage,
                     struct blox_origin *origin);
int blox_failure_read(const struct blox_storage *storage,
                      struct blox_failure *failure);

#endif
