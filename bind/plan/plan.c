// SPDX-License-Identifier: MIT
// _blox_plan: Plan. Loaded when a list is new; python/mpy_blox/mqtt/update.py
// drives it.
#include "core/ota/plan.h"

#include <string.h>

#include "bind/common/crypto.h"
#include "bind/common/module.h"
#include "bind/common/storage.h"
#include "bind/plan/frozen.h"

enum { SENTENCE_SIZE = 160 };

typedef struct {
    mp_obj_base_t base;
    struct blox_plan plan;
    struct blox_bind_storage storage;
    struct blox_bind_sha256 sha256;
    mp_obj_t strings[4]; // what the plan points into
    char path[BLOX_FILE_NAME_MAX];
    struct blox_text why;
    char sentence[SENTENCE_SIZE];
} plan_obj;

static void configure(plan_obj *self, const mp_obj_t *arguments) {
    struct blox_text path;
    blox_text_init(&path, self->path, sizeof self->path);
    blox_text_add_span(&path, blox_bind_span(arguments[0]));
    struct blox_plan_config config = {
        .storage = &self->storage.ops,
        .sha256 = &self->sha256.ops,
        .list = self->path,
        .command = mp_obj_is_true(arguments[1]),
        .platform = blox_bind_span(arguments[2]),
        .mpy = blox_bind_span(arguments[3]),
        .frozen = blox_bind_span(arguments[4]),
        .trust = mp_obj_get_int(arguments[5]),
        .why = &self->why,
    };
    memcpy(self->strings, arguments + 1, sizeof self->strings);
    blox_text_init(&self->why, self->sentence, sizeof self->sentence);
    blox_plan_init(&self->plan, &config);
}

// Plan(path, command, platform, mpy, frozen, trust): enum blox_plan_trust
static mp_obj_t plan_make_new(const mp_obj_type_t *type, size_t n_args,
                              size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 6, 6, false);
    plan_obj *self = blox_object_new(type, sizeof *self);
    blox_bind_storage_init(&self->storage);
    blox_bind_sha256_init(&self->sha256);
    configure(self, arguments);
    return MP_OBJ_FROM_PTR(self);
}

// (needed, fetched, blocks, set, notice), or True for a command.
static mp_obj_t result_of(plan_obj *self) {
    const struct blox_plan *plan = &self->plan;
    if (plan->command) {
        return mp_const_true;
    }
    mp_obj_t items[5] = {
        MP_OBJ_NEW_SMALL_INT((mp_int_t)plan->needed),
        MP_OBJ_NEW_SMALL_INT((mp_int_t)plan->fetched),
        MP_OBJ_NEW_SMALL_INT((mp_int_t)plan->blocks),
        blox_new_bytes(blox_span(plan->set, sizeof plan->set)),
        blox_new_str(blox_text_span(&self->why)),
    };
    return mp_obj_new_tuple(5, items);
}

// step() -> None while there is more to do, then a tuple (needed, fetched,
// blocks, set, notice), or True: it is a command. Raises why the list is
// refused.
static mp_obj_t plan_step(mp_obj_t self_in) {
    plan_obj *self = MP_OBJ_TO_PTR(self_in);
    int result = blox_plan_step(&self->plan);
    blox_bind_storage_check(&self->storage);
    blox_bind_raise_kept(&self->sha256.raised);
    if (result < 0) {
        blox_raise(result, blox_text_span(&self->why));
    }
    return result == 1 ? mp_const_none : result_of(self);
}
static MP_DEFINE_CONST_FUN_OBJ_1(plan_step_obj, plan_step);

// close(): a plan that is not wanted any more
static mp_obj_t plan_close(mp_obj_t self_in) {
    plan_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_plan_close(&self->plan);
    blox_bind_storage_check(&self->storage);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(plan_close_obj, plan_close);

static const mp_rom_map_elem_t plan_table[] = {
    BLOX_METHOD(MP_QSTR_step, plan_step_obj),
    BLOX_METHOD(MP_QSTR_close, plan_close_obj),
};
static MP_DEFINE_CONST_DICT(plan_dict, plan_table);

BLOX_TYPE(blox_plan_plan_type, MP_QSTR_Plan, MP_TYPE_FLAG_NONE, make_new,
          plan_make_new, locals_dict, &plan_dict);

BLOX_MODULE(MP_QSTR__blox_plan, blox_plan_module,
            BLOX_TYPES(&blox_plan_plan_type),
            BLOX_MEMBER(MP_QSTR_Plan, blox_plan_plan_type),
            BLOX_MEMBER(MP_QSTR_frozen, blox_plan_frozen_obj));
