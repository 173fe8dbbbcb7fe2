// SPDX-License-Identifier: MIT
// What a staged list asks of this device: whether it is right from end to end,
// which entries count, which of those are needed, how much flash they need.
// What is needed is written to BLOX_FILE_TODO, nothing else.
//
// Of several entries for one package or one path the last counts; a
// platform-wheel that fits the device goes before a wheel of the same name,
// one that does not is not for this device. Neither is a package by the name of
// a module that is frozen in the firmware, nor main.py or boot.py where that
// is: it would be installed and never run. To find entries of one key, a plan
// keeps 32 bits of a hash of each key; two keys of one list that share it
// (about 1 in 100,000 lists of 256 entries) would hide the earlier one.
#ifndef CORE_OTA_PLAN_H
#define CORE_OTA_PLAN_H

#include "core/base/crypto.h"
#include "core/base/storage.h"
#include "core/ota/files.h"
#include "core/ota/list_file.h"
#include "core/ota/todo.h"

enum { BLOX_PLAN_BITMAP = BLOX_LIST_ENTRIES / 8 };

// What is known of who made the list.
enum blox_plan_trust {
    BLOX_PLAN_UNSIGNED, // the device has no key
    BLOX_PLAN_SIGNED,   // by the device's key, and it brings no other
    BLOX_PLAN_NEW_KEY,  // the same, and its key entry was read
};

// Every pointer must stay valid as long as the plan.
struct blox_plan_config {
    const struct blox_storage *storage;
    const struct blox_sha256 *sha256;
    const char *list; // path of the staged list
    bool command;     // it came on cmd, where commands may come too
    enum blox_plan_trust trust;
    struct blox_span platform; // "esp32c3"
    struct blox_span mpy;      // native sub-version the firmware loads: "6.3"
    struct blox_span frozen;   // modules of the firmware that go before those
                               // on flash, as far as known: "main mpy_blox"
    struct blox_text *why;     // gets the sentence of an error, or a notice
};

struct blox_plan {
    // Once the plan is done:
    uint32_t entries;              // of the list
    uint32_t needed;               // entries to act on
    uint32_t fetched;              // of those, packages to fetch
    uint32_t blocks;               // of flash that these need, as far as the
                                   // list tells their sizes
    uint8_t set[BLOX_SHA256_SIZE]; // names the set: hash of the (name or path,
                                   // SHA-256) pairs
    bool command; // not a list but a command (core/ota/command.h)

    // Private.
    struct blox_plan_config config;
    struct blox_list_file file;
    struct blox_todo_writer todo;
    uint8_t pass;
    bool has_key;  // an entry of this type
    void *hashing; // the file being compared
    struct blox_storage_space space;
    uint8_t wanted[BLOX_PLAN_BITMAP];   // entries that count for us
    uint8_t platform[BLOX_PLAN_BITMAP]; // platform-wheels that fit
    uint8_t files[BLOX_PLAN_BITMAP];    // src entries
    uint32_t keys[BLOX_LIST_ENTRIES];
};

// Starts; call again to start over, after blox_plan_close().
void blox_plan_init(struct blox_plan *plan,
                    const struct blox_plan_config *config);

// Does the next piece of work: one entry, or a KiB of a file to compare.
// Returns 1 when there is more to do; 0 when the plan is done, with a notice in
// why if something of the list was skipped; or an error with a sentence, and
// no todo file: one of the list's, BLOX_ERROR_PATH (a path that is a
// directory, here or for another entry), or one of storage or sha256.
int blox_plan_step(struct blox_plan *plan);

// Closes what is open. Safe at any time after init, more than once.
void blox_plan_close(struct blox_plan *plan);

#endif
