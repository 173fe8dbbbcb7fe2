// SPDX-License-Identifier: MIT
// What a staged list asks of this device: which entries count, which of those
// are needed, whether flash has room for them. Read-only: a plan writes
// nothing.
//
// Of several entries for one package or one path the last counts; a
// platform-wheel that fits the device goes before a wheel of the same name,
// one that does not is not for this device. To find entries of one key, a
// plan keeps 32 bits of a hash of each key; two keys of one list that share
// it (about 1 in 100,000 lists of 256 entries) would hide the earlier one.
#ifndef CORE_OTA_PLAN_H
#define CORE_OTA_PLAN_H

#include "core/base/crypto.h"
#include "core/base/storage.h"
#include "core/ota/files.h"

enum {
    // Blocks a commit needs besides the files: spare ones for renames, the
    // journal, the reserve (DESIGN §4).
    BLOX_PLAN_RESERVE_BLOCKS = 24,
    BLOX_PLAN_BITMAP = BLOX_LIST_ENTRIES / 8,
};

// Every pointer must stay valid as long as the plan.
struct blox_plan_config {
    const struct blox_storage *storage;
    const struct blox_sha256 *sha256;
    const char *list;          // path of the staged list
    struct blox_span platform; // "esp32c3"
    struct blox_span mpy;      // native sub-version the firmware loads: "6.3"
    struct blox_text *why;     // gets the sentence of an error
};

struct blox_plan {
    // Once the plan is done:
    uint32_t entries;                 // of the list
    uint32_t needed_count;            // entries to act on
    uint32_t fetch_count;             // of those, packages to fetch
    uint8_t needed[BLOX_PLAN_BITMAP]; // bit n: entry n is needed
    uint8_t wanted[BLOX_PLAN_BITMAP]; // bit n: entry n counts for us
    uint32_t blocks;                  // of flash the update needs
    uint8_t set[BLOX_SHA256_SIZE];    // names the set: hash of the
                                      // (name or path, SHA-256) pairs
    // Closed and free for the caller's use once the plan is done.
    struct blox_list_file file;

    // Private.
    struct blox_plan_config config;
    uint8_t pass;
    void *hashing; // the file being compared
    struct blox_storage_space space;
    uint8_t platform[BLOX_PLAN_BITMAP];
    uint32_t keys[BLOX_LIST_ENTRIES];
};

// Starts; call again to start over, after blox_plan_close().
void blox_plan_init(struct blox_plan *plan,
                    const struct blox_plan_config *config);

// Does the next piece of work: one entry, or a KiB of a file to compare.
// Returns 1 when there is more to do, 0 when the plan is done, or an error
// with a sentence: one of the list's, BLOX_ERROR_FULL (no room: it names what
// is needed and what is free), BLOX_ERROR_PATH (a path that is a directory), or
// one of storage or sha256.
int blox_plan_step(struct blox_plan *plan);

// Closes what is open. Safe at any time after init, more than once.
void blox_plan_close(struct blox_plan *plan);

// The key of an entry: equal for entries of which only the last counts; 0 for
// an entry that has none.
uint32_t blox_plan_key(const struct blox_list_entry *entry);

// Bit n of a bitmap of entries.
static inline bool blox_plan_bit(const uint8_t *bitmap, uint32_t n) {
    return n < BLOX_LIST_ENTRIES && (bitmap[n / 8] >> n % 8 & 1) != 0;
}

static inline void blox_plan_bit_set(uint8_t *bitmap, uint32_t n) {
    bitmap[n / 8] = (uint8_t)(bitmap[n / 8] | 1u << n % 8);
}

#endif
