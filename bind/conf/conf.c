// SPDX-License-Identifier: MIT
// _blox_conf: checks settings.json and provision.json (core/conf/settings.h).
#include "bind/common/compat.h"
#include "core/conf/settings.h"

enum { SENTENCE_SIZE = 240 };

static mp_obj_t new_problem(const struct blox_settings_problem *problem,
                            const struct blox_text *why) {
    mp_obj_t items[4] = {
        blox_new_str(blox_text_span(why)),
        blox_new_str(problem->key),
        problem->member.size > 0 ? blox_new_str(problem->member)
                                 : mp_const_none,
        mp_obj_new_bool(problem->drop),
    };
    return mp_obj_new_tuple(4, items);
}

// check_settings(text) -> [(sentence, key, member or None, drop), ...]
static mp_obj_t check_settings(mp_obj_t text) {
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    struct blox_settings settings;
    blox_text_init(&why, sentence, sizeof sentence);
    int error = blox_settings_open(&settings, blox_bind_span(text), &why);
    if (error != BLOX_OK) {
        blox_raise(error, blox_text_span(&why));
    }
    mp_obj_t problems = mp_obj_new_list(0, NULL);
    while (blox_settings_next(&settings, &why) == 1) {
        mp_obj_list_append(problems, new_problem(&settings.problem, &why));
    }
    return problems;
}

static MP_DEFINE_CONST_FUN_OBJ_1(check_settings_obj, check_settings);

// check_provision(text) -> None
static mp_obj_t check_provision(mp_obj_t text) {
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    int error = blox_provision_check(blox_bind_span(text), &why);
    if (error != BLOX_OK) {
        blox_raise(error, blox_text_span(&why));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(check_provision_obj, check_provision);

#if MICROPY_ENABLE_DYNRUNTIME

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw,
                  mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_check_settings,
                    MP_OBJ_FROM_PTR(&check_settings_obj));
    mp_store_global(MP_QSTR_check_provision,
                    MP_OBJ_FROM_PTR(&check_provision_obj));
    MP_DYNRUNTIME_INIT_EXIT
}

#else

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__blox_conf)},
    {MP_ROM_QSTR(MP_QSTR_check_settings), MP_ROM_PTR(&check_settings_obj)},
    {MP_ROM_QSTR(MP_QSTR_check_provision), MP_ROM_PTR(&check_provision_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t blox_conf_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR__blox_conf, blox_conf_module);

#endif
