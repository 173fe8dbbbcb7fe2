// SPDX-License-Identifier: MIT
// The last records of a log, in the caller's bytes, for any number of readers.
// A writer never waits: the oldest records make room. A reader that falls
// behind is told how many it lost. So a slow viewer costs nothing but itself.
#ifndef CORE_LOG_RING_H
#define CORE_LOG_RING_H

#include "core/log/record.h"

enum {
    BLOX_LOG_RING_MIN = 64,      // bytes of the smallest ring
    BLOX_LOG_RING_MAX = 0x10000, // and of the largest
};

struct blox_log_ring {
    // Private.
    uint8_t *data;
    uint32_t capacity;
    uint32_t max_records;
    uint32_t begin, end;  // the oldest record, and where the next one goes
    uint32_t first, next; // their numbers; equal: empty
};

// A place in the ring. Zero is the oldest record there is.
struct blox_log_reader {
    uint32_t number; // of the record that comes next
    uint32_t at;
    bool started;
};

// Starts an empty ring in data[0..capacity), which must outlive it; at most
// max_records are kept (0: as many as fit). Returns BLOX_OK, or
// BLOX_ERROR_ARGUMENT (capacity not within the bounds above).
int blox_log_ring_init(struct blox_log_ring *ring, uint8_t *data,
                       uint32_t capacity, uint32_t max_records);

// Adds a record; the oldest ones go as far as needed. A message that is larger
// than half the ring is cut, between two characters of UTF-8.
void blox_log_ring_put(struct blox_log_ring *ring,
                       const struct blox_log_record *record);

// The records in the ring.
uint32_t blox_log_ring_count(const struct blox_log_ring *ring);

// Sets the reader behind the newest record.
void blox_log_ring_skip(const struct blox_log_ring *ring,
                        struct blox_log_reader *reader);

// Gives the next record; its spans are valid until the next put. *lost gets
// the number of records that were gone before they were read. Returns false
// when there is none.
bool blox_log_ring_read(const struct blox_log_ring *ring,
                        struct blox_log_reader *reader,
                        struct blox_log_record *record, uint32_t *lost);

#endif
