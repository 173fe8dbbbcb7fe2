// SPDX-License-Identifier: MIT
// The objects of _blox_sampling.
#ifndef BIND_SAMPLING_OBJECT_H
#define BIND_SAMPLING_OBJECT_H

#include "bind/common/module.h"
#include "core/base/ring.h"

typedef struct {
    mp_obj_base_t base;
    struct blox_ring ring; // its slots are in the heap
    mp_obj_t head_view;    // what the producer fills
    mp_obj_t tail_view;    // what the consumer reads
    bool held;             // the consumer has the oldest slot
} blox_sampling_ring_obj;

extern const mp_obj_type_t blox_sampling_ring_type;

// The view over the slot to fill, or MP_OBJ_NULL when the ring is full.
mp_obj_t blox_sampling_ring_slot(blox_sampling_ring_obj *self);

#endif
