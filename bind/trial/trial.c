// SPDX-License-Identifier: MIT
// _blox_trial: Trial, changed, judge. Loaded on trial and after boots that did
// not end in order; python/mpy_blox/update.py drives it.
#include "core/ota/trial.h"
#include "bind/common/module.h"
#include "bind/common/storage.h"
#include "core/ota/boots.h"

typedef struct {
    mp_obj_base_t base;
    struct blox_trial trial;
    struct blox_clock clock;
} trial_obj;

// Trial(timeout_ms)
static mp_obj_t trial_make_new(const mp_obj_type_t *type, size_t n_args,
                               size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    trial_obj *self = blox_object_new(type, sizeof *self);
    blox_trial_init(&self->trial, (uint32_t)mp_obj_get_int(arguments[0]));
    return MP_OBJ_FROM_PTR(self);
}

// tick(ticks_ms, online) -> None while it runs, True once it is passed, False
// when it is too late for that
static mp_obj_t trial_tick(mp_obj_t self_in, mp_obj_t ticks_in,
                           mp_obj_t online) {
    trial_obj *self = MP_OBJ_TO_PTR(self_in);
    uint32_t now = blox_clock_set(&self->clock, ticks_in);
    enum blox_trial_result result =
        blox_trial_tick(&self->trial, now, mp_obj_is_true(online));
    return result == BLOX_TRIAL_RUNS
               ? mp_const_none
               : mp_obj_new_bool(result == BLOX_TRIAL_PASSED);
}
static MP_DEFINE_CONST_FUN_OBJ_3(trial_tick_obj, trial_tick);

// What changed() needs, on MicroPython's heap.
typedef struct {
    struct blox_bind_storage storage;
    char line[BLOX_JOURNAL_LINE_MAX];
    uint8_t io[512];
} looker;

// changed() -> the path of a file of the set on trial that is not what the
// update wrote, or None. Such a file then stays until the list changes.
static mp_obj_t trial_changed(void) {
    looker *look = m_malloc(sizeof *look);
    blox_bind_storage_init(&look->storage);
    int result = blox_trial_changed(&look->storage.ops, look->io,
                                    sizeof look->io, look->line);
    if (result == 1) {
        int error = blox_trial_keep_deployed(&look->storage.ops);
        result = error == BLOX_OK ? 1 : error;
    }
    blox_bind_storage_check(&look->storage);
    if (result < 0) {
        blox_raise(result, blox_span(NULL, 0));
    }
    return result == 0 ? mp_const_none
                       : blox_new_str(blox_span_text(look->line));
}
static MP_DEFINE_CONST_FUN_OBJ_0(trial_changed_obj, trial_changed);

// judge(causes) -> (seconds to stay in safe mode or 0, causes to keep)
static mp_obj_t trial_judge(mp_obj_t causes_in) {
    struct blox_span causes = blox_bind_span(causes_in);
    mp_obj_t items[2] = {
        MP_OBJ_NEW_SMALL_INT((mp_int_t)blox_boots_safe_mode(causes)),
        blox_new_str(blox_boots_shorten(causes)),
    };
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(trial_judge_obj, trial_judge);

static const mp_rom_map_elem_t trial_table[] = {
    BLOX_METHOD(MP_QSTR_tick, trial_tick_obj),
};
static MP_DEFINE_CONST_DICT(trial_dict, trial_table);

BLOX_TYPE(blox_trial_trial_type, MP_QSTR_Trial, MP_TYPE_FLAG_NONE, make_new,
          trial_make_new, locals_dict, &trial_dict);

BLOX_MODULE(MP_QSTR__blox_trial, blox_trial_module,
            BLOX_TYPES(&blox_trial_trial_type),
            BLOX_MEMBER(MP_QSTR_Trial, blox_trial_trial_type),
            BLOX_MEMBER(MP_QSTR_changed, trial_changed_obj),
            BLOX_MEMBER(MP_QSTR_judge, trial_judge_obj));
