// SPDX-License-Identifier: MIT
#include "bind/ota/facts.h"

#include <string.h>

#include "bind/common/storage.h"
#include "core/ota/rescue.h"
#include "core/ota/settle.h"
#include "core/pkg/installed.h"

mp_obj_full_type_t blox_ota_settle_type;
mp_map_elem_t blox_ota_settle_table[1];
static MP_DEFINE_CONST_DICT(settle_dict, blox_ota_settle_table);

// On MicroPython's heap, so that the collector sees what it holds.
struct facts {
    mp_obj_base_t base;
    struct blox_bind_storage storage;
    union {
        struct blox_installed installed;
        struct blox_settle settle;
    };
};

static struct facts *new_facts(const mp_obj_type_t *type) {
    struct facts *facts = mp_obj_malloc(struct facts, type);
    memset((char *)facts + sizeof facts->base, 0,
           sizeof *facts - sizeof facts->base);
    blox_bind_storage_init(&facts->storage);
    return facts;
}

static void check(struct facts *facts, int error) {
    blox_bind_storage_check(&facts->storage);
    if (error < 0) {
        blox_raise(error, blox_span(NULL, 0));
    }
}

mp_obj_t blox_ota_installed(void) {
    struct facts *facts =
        new_facts((const mp_obj_type_t *)&blox_ota_settle_type);
    mp_obj_t versions = mp_obj_new_dict(0);
    uint32_t index = 0;
    int result;
    while ((result = blox_installed_next(&facts->storage.ops, "/lib", &index,
                                         &facts->installed)) == 1) {
        mp_obj_dict_store(
            versions, blox_new_str(blox_span_text(facts->installed.name)),
            blox_new_str(blox_span_text(facts->installed.version)));
    }
    check(facts, result == BLOX_ERROR_MISSING ? BLOX_OK : result);
    return versions;
}

mp_obj_t blox_ota_rescue_format(void) {
    struct facts *facts =
        new_facts((const mp_obj_type_t *)&blox_ota_settle_type);
    int format = blox_rescue_format(&facts->storage.ops, "/main.py");
    format = format == BLOX_ERROR_MISSING ? 0 : format;
    check(facts, format);
    return MP_OBJ_NEW_SMALL_INT(format);
}

// Settle(): tidies /.blox after rescue() has run.
static mp_obj_t settle_make_new(const mp_obj_type_t *type, size_t n_args,
                                size_t n_kw, const mp_obj_t *arguments) {
    (void)arguments;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    struct facts *self = new_facts(type);
    check(self, blox_settle_init(&self->settle, &self->storage.ops));
    return MP_OBJ_FROM_PTR(self);
}

// step() -> True while there is more to do.
static mp_obj_t settle_step(mp_obj_t self_in) {
    struct facts *self = MP_OBJ_TO_PTR(self_in);
    int result = blox_settle_step(&self->settle);
    if (result <= 0) {
        blox_settle_close(&self->settle);
    }
    check(self, result);
    return mp_obj_new_bool(result == 1);
}
static MP_DEFINE_CONST_FUN_OBJ_1(settle_step_obj, settle_step);

void blox_ota_facts_init(void) {
    blox_ota_settle_table[0] =
        (mp_map_elem_t){MP_OBJ_NEW_QSTR(MP_QSTR_step),
                        MP_OBJ_FROM_PTR((void *)&settle_step_obj)};
    mp_obj_full_type_t *type = &blox_ota_settle_type;
    type->base.type = (void *)&mp_type_type;
    type->flags = MP_TYPE_FLAG_NONE;
    type->name = MP_QSTR_Settle;
    MP_OBJ_TYPE_SET_SLOT(type, make_new, settle_make_new, 0);
    MP_OBJ_TYPE_SET_SLOT(type, locals_dict, (void *)&settle_dict, 1);
}
