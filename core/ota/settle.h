// SPDX-License-Identifier: MIT
// Tidying /.blox after an update, by what the journal says: a set on trial
// loses its packages, a confirmed one its backups, an undone or refused one
// everything but the memory that it failed. Each step can be cut by power and
// is done again at the next boot. The journal of a confirmed set goes last,
// that of an undone one first.
#ifndef CORE_OTA_SETTLE_H
#define CORE_OTA_SETTLE_H

#include "core/ota/journal.h"
#include "core/ota/todo.h"

struct blox_settle {
    enum blox_journal_state state; // found at the start

    // Private.
    const struct blox_storage *storage;
    const char *sentence; // why the set failed, or NULL
    uint8_t pass;
    uint32_t cursor;
    void *file;
    struct blox_todo todo;
};

// Starts, after rescue() has run. Without a journal all that is staged is
// stale and goes, `ready` included: install first. If that failed, sentence
// says why, and the set is remembered with it as one that is not to be tried
// again; else NULL. sentence must outlive settle. Returns BLOX_OK or an error
// of storage.
int blox_settle_init(struct blox_settle *settle,
                     const struct blox_storage *storage, const char *sentence);

// Does the next piece of work. Returns 1 when there is more, 0 when all is
// tidy, or an error of storage.
int blox_settle_step(struct blox_settle *settle);

// Closes what is open. Safe at any time after init, more than once.
void blox_settle_close(struct blox_settle *settle);

#endif
