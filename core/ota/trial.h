// SPDX-License-Identifier: MIT
// The health gate of a set on trial: it passes once user_main has lived for a
// while and the broker is reached. One that passes within ten times that while
// and a minute more is fine; later it counts as a crash, since a device that
// nobody can reach is as good as dead.
#ifndef CORE_OTA_TRIAL_H
#define CORE_OTA_TRIAL_H

#include "core/base/storage.h"
#include "core/ota/journal.h"

enum {
    BLOX_TRIAL_PATIENCE = 10,       // times timeout_ms
    BLOX_TRIAL_PATIENCE_MS = 60000, // and so much more
};

enum blox_trial_result {
    BLOX_TRIAL_RUNS,
    BLOX_TRIAL_PASSED, // confirm the set
    BLOX_TRIAL_FAILED, // reset: a crash
};

struct blox_trial {
    uint32_t timeout_ms; // setting update.trial_timeout
    uint32_t since;      // the first tick
    bool started;
};

// Starts; the clock runs from the first tick.
void blox_trial_init(struct blox_trial *trial, uint32_t timeout_ms);

// now is in milliseconds of any clock that may wrap around; online: whether
// the broker is connected. Call it every second or so while user_main lives.
enum blox_trial_result blox_trial_tick(struct blox_trial *trial, uint32_t now,
                                       bool online);

// Looks for a file of the set on trial that is not what the update wrote: one
// was deployed over serial, or removed. Reads all files of the set, with io of
// at least 64 bytes. Returns 1 and its path in line (an empty string: a
// journal that is not whole), 0 when there is none, or an error of storage.
int blox_trial_changed(const struct blox_storage *storage, uint8_t *io,
                       size_t io_size, char line[BLOX_JOURNAL_LINE_MAX]);

// Then: what the list names is not put in the place of such files, until it
// changes. Returns BLOX_OK, or an error of storage.
int blox_trial_keep_deployed(const struct blox_storage *storage);

#endif
