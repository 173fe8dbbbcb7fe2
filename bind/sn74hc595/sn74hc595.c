// SPDX-License-Identifier: MIT
// _blox_sn74hc595: the image of a chain of shift registers
// (core/sense/sn74hc595.h); driven by
// python/mpy_blox/serial/shift_register.py.
#include "core/sense/sn74hc595.h"
#include "bind/common/module.h"

enum { CHIPS_MAX = 4096 };

typedef struct {
    mp_obj_base_t base;
    struct blox_sn74hc595 chain;
    mp_obj_t image; // a bytearray over its bytes
} chain_obj;

// Chain(chips)
static mp_obj_t chain_make_new(const mp_obj_type_t *type, size_t n_args,
                               size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_int_t chips = mp_obj_get_int(arguments[0]);
    if (chips < 1 || chips > CHIPS_MAX) {
        blox_raise(BLOX_ERROR_ARGUMENT,
                   blox_span_text("shift_register: chain_length is 1 to 4096"));
    }
    chain_obj *self = blox_object_new(type, sizeof *self);
    blox_sn74hc595_init(&self->chain, m_malloc((size_t)chips), (size_t)chips);
    self->image = blox_view_new();
    blox_view_set(self->image, self->chain.image, self->chain.chips);
    return MP_OBJ_FROM_PTR(self);
}

static size_t output_of(mp_obj_t output) {
    mp_int_t number = mp_obj_get_int(output);
    return number < 0 ? SIZE_MAX : (size_t)number;
}

static int check(int result) {
    if (result < 0) {
        blox_raise(result, blox_span_text("shift_register: the chain has no "
                                          "such output; each chip has eight"));
    }
    return result;
}

// set(output, on)
static mp_obj_t chain_set(mp_obj_t self_in, mp_obj_t output, mp_obj_t on) {
    chain_obj *self = MP_OBJ_TO_PTR(self_in);
    check(blox_sn74hc595_set(&self->chain, output_of(output),
                             mp_obj_is_true(on)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(chain_set_obj, chain_set);

// get(output) -> whether it is on
static mp_obj_t chain_get(mp_obj_t self_in, mp_obj_t output) {
    chain_obj *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_bool(
        check(blox_sn74hc595_get(&self->chain, output_of(output))));
}
static MP_DEFINE_CONST_FUN_OBJ_2(chain_get_obj, chain_get);

// fill(on)
static mp_obj_t chain_fill(mp_obj_t self_in, mp_obj_t on) {
    chain_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_sn74hc595_fill(&self->chain, mp_obj_is_true(on));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(chain_fill_obj, chain_fill);

// shift(data): these bytes were shifted out.
static mp_obj_t chain_shift(mp_obj_t self_in, mp_obj_t data) {
    chain_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_sn74hc595_shift(&self->chain, blox_bind_span(data));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(chain_shift_obj, chain_shift);

// image: the bytes to shift out.
static void chain_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    chain_obj *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL && name == MP_QSTR_image) {
        dest[0] = self->image;
    } else {
        dest[1] = MP_OBJ_SENTINEL;
    }
}

static const mp_rom_map_elem_t chain_table[] = {
    BLOX_METHOD(MP_QSTR_set, chain_set_obj),
    BLOX_METHOD(MP_QSTR_get, chain_get_obj),
    BLOX_METHOD(MP_QSTR_fill, chain_fill_obj),
    BLOX_METHOD(MP_QSTR_shift, chain_shift_obj),
};
static MP_DEFINE_CONST_DICT(chain_dict, chain_table);

BLOX_TYPE(blox_sn74hc595_chain_type, MP_QSTR_Chain, MP_TYPE_FLAG_NONE, make_new,
          chain_make_new, attr, chain_attr, locals_dict, &chain_dict);

BLOX_MODULE(MP_QSTR__blox_sn74hc595, blox_sn74hc595_module,
            BLOX_TYPES(&blox_sn74hc595_chain_type),
            BLOX_MEMBER(MP_QSTR_Chain, blox_sn74hc595_chain_type));
