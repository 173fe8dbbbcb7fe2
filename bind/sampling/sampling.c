// SPDX-License-Identifier: MIT
// _blox_sampling: samples taken by a timer. A Sampler is the timer's callback:
// it takes one sample into the ring and tells the program when to look. It
// allocates nothing, raises nothing, and stops the timer at the end or when it
// cannot go on. Driven by python/mpy_blox/sensor/adc/stream.py.
#include "bind/sampling/object.h"
#include "core/dsp/pace.h"

typedef struct {
    mp_obj_base_t base;
    blox_sampling_ring_obj *ring;
    mp_obj_t sample;   // sample(buffer)
    mp_obj_t ticks_us; // time.ticks_us
    mp_obj_t stop;     // stop()
    mp_obj_t notify;   // notify()
    mp_obj_t slot;     // being filled
    mp_obj_t error;    // what sample() raised
    uint32_t wanted;
    uint32_t collected;
    uint32_t notify_at; // slots that wait
    struct blox_pace pace;
    bool overrun;
    bool done;
} sampler_obj;

// Sampler(ring, sample, count, rate, ticks_us, stop, notify)
static mp_obj_t sampler_make_new(const mp_obj_type_t *type, size_t n_args,
                                 size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 7, 7, false);
    mp_int_t count = mp_obj_get_int(arguments[2]);
    mp_int_t rate = mp_obj_get_int(arguments[3]);
    if (count < 1 || rate < 1 || rate > BLOX_PACE_RATE_MAX) {
        blox_raise(BLOX_ERROR_ARGUMENT,
                   blox_span_text("adc: it takes at least one sample, and 1 to "
                                  "100000 a second"));
    }
    sampler_obj *self = blox_object_new(type, sizeof *self);
    self->ring = MP_OBJ_TO_PTR(arguments[0]);
    self->sample = arguments[1];
    self->wanted = (uint32_t)count;
    self->ticks_us = arguments[4];
    self->stop = arguments[5];
    self->notify = arguments[6];
    self->error = mp_const_none;
    self->notify_at = self->ring->ring.length / 4;
    blox_pace_init(&self->pace, (uint32_t)rate);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t call(mp_obj_t function) {
    return mp_call_function_n_kw(function, 0, 0, NULL);
}

static void take_sample(void *argument) {
    sampler_obj *self = argument;
    mp_call_function_n_kw(self->sample, 1, 0, &self->slot);
}

// Returns whether to go on.
static bool take(sampler_obj *self) {
    blox_pace_tick(&self->pace, (uint32_t)mp_obj_get_int(call(self->ticks_us)));
    self->slot = blox_sampling_ring_slot(self->ring);
    if (self->slot == MP_OBJ_NULL) {
        self->overrun = true;
        return false;
    }
    mp_obj_t raised = blox_catch(take_sample, self);
    if (raised != MP_OBJ_NULL) {
        self->error = raised;
        return false;
    }
    blox_ring_written(&self->ring->ring);
    return ++self->collected < self->wanted && self->pace.lost == 0;
}

// sampler(timer): a tick.
static mp_obj_t sampler_call(mp_obj_t self_in, size_t n_args, size_t n_kw,
                             const mp_obj_t *arguments) {
    (void)arguments;
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    sampler_obj *self = MP_OBJ_TO_PTR(self_in);
    if (self->done) { // ticks that waited behind the last one
        return mp_const_none;
    }
    self->done = !take(self);
    if (self->done) {
        call(self->stop);
    }
    if (self->done || blox_ring_count(&self->ring->ring) >= self->notify_at) {
        call(self->notify);
    }
    return mp_const_none;
}

// collected, lost, overrun, error, done
static void sampler_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    sampler_obj *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (name == MP_QSTR_collected) {
        dest[0] = mp_obj_new_int_from_uint(self->collected);
    } else if (name == MP_QSTR_lost) {
        dest[0] = mp_obj_new_int_from_uint(self->pace.lost);
    } else if (name == MP_QSTR_overrun) {
        dest[0] = mp_obj_new_bool(self->overrun);
    } else if (name == MP_QSTR_error) {
        dest[0] = self->error;
    } else if (name == MP_QSTR_done) {
        dest[0] = mp_obj_new_bool(self->done);
    }
}

BLOX_TYPE(blox_sampling_sampler_type, MP_QSTR_Sampler, MP_TYPE_FLAG_NONE,
          make_new, sampler_make_new, attr, sampler_attr, call, sampler_call);

BLOX_MODULE(MP_QSTR__blox_sampling, blox_sampling_module,
            BLOX_TYPES(&blox_sampling_ring_type, &blox_sampling_sampler_type),
            BLOX_MEMBER(MP_QSTR_Ring, blox_sampling_ring_type),
            BLOX_MEMBER(MP_QSTR_Sampler, blox_sampling_sampler_type));
