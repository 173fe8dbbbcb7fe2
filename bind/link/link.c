// SPDX-License-Identifier: MIT
// _blox_link: Link (core/mqtt/link.h). Loaded once something failed, by
// python/mpy_blox/mqtt/again.py and python/mpy_blox/network.py.
#include "bind/common/module.h"

#include "core/mqtt/link.h"

typedef struct {
    mp_obj_base_t base;
    struct mqtt_link link;
    struct blox_clock clock;
} link_obj;

// Link(servers): how many there are.
static mp_obj_t link_make_new(const mp_obj_type_t *type, size_t n_args,
                              size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    link_obj *self = blox_object_new(type, sizeof *self);
    mp_int_t servers = mp_obj_get_int(arguments[0]);
    blox_mqtt_link_init(&self->link,
                        (uint8_t)(servers < UINT8_MAX ? servers : UINT8_MAX));
    return MP_OBJ_FROM_PTR(self);
}

static void link_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    link_obj *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (name == MP_QSTR_server) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(self->link.server);
    } else {
        dest[1] = MP_OBJ_SENTINEL; // look in the dictionary
    }
}

// failed(cause, reason_code, ticks_ms, random) -> (ms to wait before trying
// server, tries that failed, whether to say it)
static mp_obj_t link_failed(size_t count, const mp_obj_t *arguments) {
    (void)count;
    link_obj *self = MP_OBJ_TO_PTR(arguments[0]);
    struct mqtt_link_advice advice;
    struct mqtt_link_failure failure = {
        .cause = (enum mqtt_link_cause)mp_obj_get_int(arguments[1]),
        .reason_code = (uint8_t)mp_obj_get_int(arguments[2]),
    };
    blox_mqtt_link_failed(
        &self->link, &failure, blox_clock_set(&self->clock, arguments[3]),
        (uint32_t)mp_obj_get_int_truncated(arguments[4]), &advice);
    mp_obj_t items[] = {
        MP_OBJ_NEW_SMALL_INT(advice.wait),
        MP_OBJ_NEW_SMALL_INT(advice.failures & BLOX_TICKS_MASK),
        mp_obj_new_bool(advice.say),
    };
    return mp_obj_new_tuple(3, items);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(link_failed_obj, 5, 5, link_failed);

// connected(ticks_ms) -> (seconds since the last connection was lost, rounded
// up, 0 for the first one; whether to say it)
static mp_obj_t link_connected(mp_obj_t self_in, mp_obj_t ticks) {
    link_obj *self = MP_OBJ_TO_PTR(self_in);
    struct mqtt_link_news news;
    blox_mqtt_link_connected(&self->link, blox_clock_set(&self->clock, ticks),
                             &news);
    mp_obj_t items[] = {
        MP_OBJ_NEW_SMALL_INT((news.down + 999) / 1000),
        mp_obj_new_bool(news.say),
    };
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_2(link_connected_obj, link_connected);

static const mp_rom_map_elem_t link_table[] = {
    BLOX_METHOD(MP_QSTR_failed, link_failed_obj),
    BLOX_METHOD(MP_QSTR_connected, link_connected_obj),
};
static MP_DEFINE_CONST_DICT(link_dict, link_table);

BLOX_TYPE(blox_link_link_type, MP_QSTR_Link, MP_TYPE_FLAG_NONE, make_new,
          link_make_new, attr, link_attr, locals_dict, &link_dict);

BLOX_MODULE(MP_QSTR__blox_link, blox_link_module,
            BLOX_TYPES(&blox_link_link_type),
            BLOX_MEMBER(MP_QSTR_Link, blox_link_link_type));
