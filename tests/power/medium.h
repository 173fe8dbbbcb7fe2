// SPDX-License-Identifier: MIT
// What a power cut leaves on flash. A run is recorded: every erase and program
// with its data, every sync. From the record the flash can be brought to any
// operation of it, and be cut there in several ways.
//
// Between two syncs the order of operations is nobody's promise: a cut may
// leave any part of them (sector by sector: what follows an erase that did
// not happen did not happen either). A sync that has returned is on flash.
// The NVS is written through: its operations are never reordered.
#ifndef TESTS_POWER_MEDIUM_H
#define TESTS_POWER_MEDIUM_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/flash.h"

enum {
    MEDIUM_NVS = 24 * 1024,         // bytes before the file system
    MEDIUM_SECTORS_MAX = 6 + 512,   // of the chip
    MEDIUM_CHANGES_MAX = 64 * 1024, // of one record
    MEDIUM_DATA_MAX = 16 * 1024 * 1024,
};

enum medium_kind {
    MEDIUM_ERASE,
    MEDIUM_PROGRAM,
    MEDIUM_SYNC,
    MEDIUM_RESET, // the program reset the chip here
};

struct medium_change {
    uint8_t kind;
    uint32_t offset;
    uint32_t size;
    uint32_t data; // where in the record's data
};

// In memory that forked processes share.
struct medium_record {
    uint32_t count;
    uint32_t operations; // erases and programs among them
    uint32_t data_size;
    bool full; // something did not fit: the record is of no use
    struct medium_change change[MEDIUM_CHANGES_MAX];
    uint8_t data[MEDIUM_DATA_MAX];
};

// How the operation under way is cut.
enum medium_cut {
    MEDIUM_CUT_BEFORE,  // it has not begun
    MEDIUM_CUT_FIRST,   // a first part of it happened
    MEDIUM_CUT_LAST,    // a last part of it happened
    MEDIUM_CUT_BITS,    // any of its bits
    MEDIUM_CUT_REORDER, // and any part of what was not yet synced
    MEDIUM_CUTS,
};

// Returns a new record, empty; ends the program when there is no memory.
struct medium_record *medium_record_new(void);

// Records what happens to the chip from now on; NULL: no longer.
void medium_watch(struct sim_flash *flash, struct medium_record *record);

// Notes a reset in the record.
void medium_note_reset(struct medium_record *record);

// A place in a record: the chip's memory is as before change `at`.
struct medium_place {
    struct sim_flash *flash;
    const struct medium_record *record;
    uint32_t at;
    uint32_t synced;  // the first change that a sync has not covered
    uint8_t *stable;  // the memory as it was before change `synced`
    bool ignore_sync; // a planted fault: syncs do nothing
};

// Starts at the first change. The chip's memory is as the record found it;
// stable has room for it.
void medium_place_init(struct medium_place *place, struct sim_flash *flash,
                       const struct medium_record *record, uint8_t *stable);

// Carries the change out and goes to the next.
void medium_advance(struct medium_place *place);

// Whether the change here is an operation that can be cut.
bool medium_is_operation(const struct medium_place *place);

// Cuts the operation here; what is torn or lost follows from seed. The place
// is of no use afterwards.
void medium_cut(struct medium_place *place, enum medium_cut how, uint64_t seed);

// The next of a row of numbers without a pattern.
uint64_t medium_random(uint64_t *state);

const char *medium_cut_name(enum medium_cut how);

#endif
