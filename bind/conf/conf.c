// SPDX-License-Identifier: MIT
// _blox_conf: checks settings.json and provision.json (core/conf/settings.h).
#include "bind/common/module.h"
#include "core/conf/settings.h"

enum { SENTENCE_SIZE = 320 };

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

BLOX_MODULE(MP_QSTR__blox_conf, blox_conf_module, BLOX_NO_TYPES,
            BLOX_MEMBER(MP_QSTR_check_settings, check_settings_obj),
            BLOX_MEMBER(MP_QSTR_check_provision, check_provision_obj));
