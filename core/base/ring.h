// SPDX-License-Identifier: MIT
// A ring of slots of one size between one producer and one consumer, without
// a lock: the producer may be an interrupt, or run on the other core. A
// producer that finds it full loses its sample, and that is counted.
#ifndef CORE_BASE_RING_H
#define CORE_BASE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blox_ring {
    uint8_t *data; // the caller's; length slots of slot_size bytes
    uint32_t slot_size;
    uint32_t length;   // one slot always stays free: it holds length - 1
    uint32_t head;     // written by the producer alone
    uint32_t tail;     // written by the consumer alone
    uint32_t overruns; // written by the producer alone
};

// Starts empty over length * slot_size bytes at data, which must outlive the
// ring. length is at least 2.
void blox_ring_init(struct blox_ring *ring, uint8_t *data, uint32_t slot_size,
                    uint32_t length);

// Whether the producer would lose a sample, the consumer find none.
bool blox_ring_is_full(const struct blox_ring *ring);
bool blox_ring_is_empty(const struct blox_ring *ring);

// Slots that wait for the consumer.
uint32_t blox_ring_count(const struct blox_ring *ring);

// Producer: the slot to write next, then that it is written. A slot is
// claimed again, and an overrun counted, when the ring is full:
// blox_ring_write returns NULL then.
uint8_t *blox_ring_write(struct blox_ring *ring);
void blox_ring_written(struct blox_ring *ring);

// Consumer: the oldest slot, or NULL when the ring is empty; then that it is
// done with.
const uint8_t *blox_ring_read(const struct blox_ring *ring);
void blox_ring_done(struct blox_ring *ring);

#endif
