// SPDX-License-Identifier: MIT
// _blox_settle: Settle. Loaded after an update; python/mpy_blox/update.py
// drives it.
#include "core/ota/settle.h"
#include "bind/common/module.h"
#include "bind/common/storage.h"

// On MicroPython's heap, so that the collector sees what it holds.
typedef struct {
    mp_obj_base_t base;
    struct blox_bind_storage storage;
    struct blox_settle settle;
    char sentence[160];
} settle_obj;

static settle_obj *new_settle(const mp_obj_type_t *type) {
    settle_obj *self = blox_object_new(type, sizeof *self);
    blox_bind_storage_init(&self->storage);
    return self;
}

static void check(settle_obj *self, int error) {
    blox_bind_storage_check(&self->storage);
    if (error < 0) {
        blox_raise(error, blox_span(NULL, 0));
    }
}

// Settle(sentence): tidies /.blox after rescue() has run. sentence: why the
// set that is ready could not be installed, or None.
static mp_obj_t settle_make_new(const mp_obj_type_t *type, size_t n_args,
                                size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    settle_obj *self = new_settle(type);
    const char *sentence = NULL;
    if (arguments[0] != mp_const_none) {
        struct blox_text text;
        blox_text_init(&text, self->sentence, sizeof self->sentence);
        blox_text_add_span(&text, blox_bind_span(arguments[0]));
        sentence = self->sentence;
    }
    check(self, blox_settle_init(&self->settle, &self->storage.ops, sentence));
    return MP_OBJ_FROM_PTR(self);
}

// step() -> True while there is more to do.
static mp_obj_t settle_step(mp_obj_t self_in) {
    settle_obj *self = MP_OBJ_TO_PTR(self_in);
    int result = blox_settle_step(&self->settle);
    if (result <= 0) {
        blox_settle_close(&self->settle);
    }
    check(self, result);
    return mp_obj_new_bool(result == 1);
}
static MP_DEFINE_CONST_FUN_OBJ_1(settle_step_obj, settle_step);

static const mp_rom_map_elem_t settle_table[] = {
    BLOX_METHOD(MP_QSTR_step, settle_step_obj),
};
static MP_DEFINE_CONST_DICT(settle_dict, settle_table);

BLOX_TYPE(blox_settle_settle_type, MP_QSTR_Settle, MP_TYPE_FLAG_NONE, make_new,
          settle_make_new, locals_dict, &settle_dict);

BLOX_MODULE(MP_QSTR__blox_settle, blox_settle_module,
            BLOX_TYPES(&blox_settle_settle_type),
            BLOX_MEMBER(MP_QSTR_Settle, blox_settle_settle_type));
