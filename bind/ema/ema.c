// SPDX-License-Identifier: MIT
// _blox_ema: an exponential moving average of integers (core/dsp/ema.h); used
// by python/mpy_blox/dsp/iir/ema.py. Calling it allocates nothing.
#include "core/dsp/ema.h"
#include "bind/common/module.h"

typedef struct {
    mp_obj_base_t base;
    struct blox_ema ema;
} ema_obj;

// Ema(alpha): in 1 / 32768.
static mp_obj_t ema_make_new(const mp_obj_type_t *type, size_t n_args,
                             size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    ema_obj *self = blox_object_new(type, sizeof *self);
    int error =
        blox_ema_init(&self->ema, (int32_t)mp_obj_get_int(arguments[0]));
    if (error != BLOX_OK) {
        blox_raise(error, blox_span_text("ema: alpha is over 0 and at most 1"));
    }
    return MP_OBJ_FROM_PTR(self);
}

// ema(sample) -> the new average
static mp_obj_t ema_call(mp_obj_t self_in, size_t n_args, size_t n_kw,
                         const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    ema_obj *self = MP_OBJ_TO_PTR(self_in);
    return MP_OBJ_NEW_SMALL_INT(
        blox_ema_next(&self->ema, (int32_t)mp_obj_get_int(arguments[0])));
}

BLOX_TYPE(blox_ema_type, MP_QSTR_Ema, MP_TYPE_FLAG_NONE, make_new, ema_make_new,
          call, ema_call);

BLOX_MODULE(MP_QSTR__blox_ema, blox_ema_module, BLOX_TYPES(&blox_ema_type),
            BLOX_MEMBER(MP_QSTR_Ema, blox_ema_type));
