// SPDX-License-Identifier: MIT
// _blox_sampling.Ring: slots between an interrupt and a program
// (core/base/ring.h). Nothing but making it allocates. As an iterator it gives
// a view over each waiting slot, which stays that slot's until the next.
#include "bind/sampling/object.h"

enum { LENGTH_MAX = 1 << 24, SLOT_MAX = 1 << 16 };

// Ring(size, length): slots of size bytes; it holds length - 1.
static mp_obj_t ring_make_new(const mp_obj_type_t *type, size_t n_args,
                              size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    mp_int_t size = mp_obj_get_int(arguments[0]);
    mp_int_t length = mp_obj_get_int(arguments[1]);
    if (size < 1 || size > SLOT_MAX || length < 2 || length > LENGTH_MAX) {
        blox_raise(BLOX_ERROR_ARGUMENT,
                   blox_span_text("buffer: a ring has slots of 1 byte to 64 "
                                  "KiB, and at least 2 of them"));
    }
    blox_sampling_ring_obj *self = blox_object_new(type, sizeof *self);
    blox_ring_init(&self->ring, m_malloc((size_t)size * (size_t)length),
                   (uint32_t)size, (uint32_t)length);
    self->head_view = blox_view_new();
    self->tail_view = blox_view_new();
    return MP_OBJ_FROM_PTR(self);
}

// full()
static mp_obj_t ring_full(mp_obj_t self_in) {
    blox_sampling_ring_obj *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_bool(blox_ring_is_full(&self->ring));
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_full_obj, ring_full);

// empty(): nothing but what the consumer has already waits.
static mp_obj_t ring_empty(mp_obj_t self_in) {
    blox_sampling_ring_obj *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_bool(blox_ring_count(&self->ring) == self->held);
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_empty_obj, ring_empty);

mp_obj_t blox_sampling_ring_slot(blox_sampling_ring_obj *self) {
    uint8_t *slot = blox_ring_write(&self->ring);
    return slot == NULL
               ? MP_OBJ_NULL
               : blox_view_set(self->head_view, slot, self->ring.slot_size);
}

// head_ptr() -> the slot to fill
static mp_obj_t ring_head_ptr(mp_obj_t self_in) {
    blox_sampling_ring_obj *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t slot = blox_sampling_ring_slot(self);
    if (slot == MP_OBJ_NULL) {
        blox_raise(BLOX_ERROR_STATE, blox_span_text("buffer: the ring is full; "
                                                    "ask full() before"));
    }
    return slot;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_head_ptr_obj, ring_head_ptr);

// advance_head(): the slot is filled.
static mp_obj_t ring_advance_head(mp_obj_t self_in) {
    blox_sampling_ring_obj *self = MP_OBJ_TO_PTR(self_in);
    if (!blox_ring_is_full(&self->ring)) {
        blox_ring_written(&self->ring);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_advance_head_obj, ring_advance_head);

// iter_read() -> itself: every slot that waits, also what comes meanwhile.
static mp_obj_t ring_iter_read(mp_obj_t self_in) {
    return self_in;
}
static MP_DEFINE_CONST_FUN_OBJ_1(ring_iter_read_obj, ring_iter_read);

static mp_obj_t ring_iternext(mp_obj_t self_in) {
    blox_sampling_ring_obj *self = MP_OBJ_TO_PTR(self_in);
    if (self->held) {
        blox_ring_done(&self->ring);
        self->held = false;
    }
    const uint8_t *slot = blox_ring_read(&self->ring);
    if (slot == NULL) {
        return MP_OBJ_STOP_ITERATION;
    }
    self->held = true;
    return blox_view_set(self->tail_view, slot, self->ring.slot_size);
}

// length, head, tail, overruns
static void ring_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    blox_sampling_ring_obj *self = MP_OBJ_TO_PTR(self_in);
    const struct blox_ring *ring = &self->ring;
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (name == MP_QSTR_length) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(ring->length);
    } else if (name == MP_QSTR_head) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(ring->head);
    } else if (name == MP_QSTR_tail) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(ring->tail);
    } else if (name == MP_QSTR_overruns) {
        dest[0] = mp_obj_new_int_from_uint(ring->overruns);
    } else {
        dest[1] = MP_OBJ_SENTINEL;
    }
}

static const mp_rom_map_elem_t ring_table[] = {
    BLOX_METHOD(MP_QSTR_full, ring_full_obj),
    BLOX_METHOD(MP_QSTR_empty, ring_empty_obj),
    BLOX_METHOD(MP_QSTR_head_ptr, ring_head_ptr_obj),
    BLOX_METHOD(MP_QSTR_advance_head, ring_advance_head_obj),
    BLOX_METHOD(MP_QSTR_iter_read, ring_iter_read_obj),
};
static MP_DEFINE_CONST_DICT(ring_dict, ring_table);

BLOX_TYPE(blox_sampling_ring_type, MP_QSTR_PreAllocatedRingBuffer,
          MP_TYPE_FLAG_ITER_IS_ITERNEXT, make_new, ring_make_new, attr,
          ring_attr, iter, ring_iternext, locals_dict, &ring_dict);
