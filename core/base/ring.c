// SPDX-License-Identifier: MIT
#include "core/base/ring.h"

void blox_ring_init(struct blox_ring *ring, uint8_t *data, uint32_t slot_size,
                    uint32_t length) {
    ring->data = data;
    ring->slot_size = slot_size;
    ring->length = length;
    ring->head = 0;
    ring->tail = 0;
    ring->overruns = 0;
}

// What the other side writes is read with acquire, and what it reads is
// written with release: the bytes of a slot are there when its index says so.
static uint32_t look(const uint32_t *index) {
    return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void publish(uint32_t *index, uint32_t value) {
    __atomic_store_n(index, value, __ATOMIC_RELEASE);
}

static uint32_t after(const struct blox_ring *ring, uint32_t index) {
    return index + 1 == ring->length ? 0 : index + 1;
}

bool blox_ring_is_full(const struct blox_ring *ring) {
    return after(ring, look(&ring->head)) == look(&ring->tail);
}

bool blox_ring_is_empty(const struct blox_ring *ring) {
    return look(&ring->head) == look(&ring->tail);
}

uint32_t blox_ring_count(const struct blox_ring *ring) {
    uint32_t head = look(&ring->head);
    uint32_t tail = look(&ring->tail);
    return head >= tail ? head - tail : head + ring->length - tail;
}

uint8_t *blox_ring_write(struct blox_ring *ring) {
    if (blox_ring_is_full(ring)) {
        ++ring->overruns;
        return NULL;
    }
    return ring->data + (size_t)ring->head * ring->slot_size;
}

void blox_ring_written(struct blox_ring *ring) {
    publish(&ring->head, after(ring, ring->head));
}

const uint8_t *blox_ring_read(const struct blox_ring *ring) {
    if (blox_ring_is_empty(ring)) {
        return NULL;
    }
    return ring->data + (size_t)ring->tail * ring->slot_size;
}

void blox_ring_done(struct blox_ring *ring) {
    publish(&ring->tail, after(ring, ring->tail));
}
