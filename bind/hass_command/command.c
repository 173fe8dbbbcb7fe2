// SPDX-License-Identifier: MIT
// _blox_hass_command, loaded by entities that take commands: what they mean
// (core/hass/entity.h). Nothing is kept between calls.
#include "bind/hass/entity.h"

enum { SENTENCE_SIZE = 200 };

// Not blox_raise(): the sentences of all errors would come with it.
static _Noreturn void refuse(const struct blox_text *why) {
    mp_obj_t sentence = blox_new_str(blox_text_span(why));
    nlr_raise(mp_call_function_n_kw(mp_load_global(MP_QSTR_ValueError), 1, 0,
                                    &sentence));
}

// What commands are held against.
static void read_entity(blox_hass_read *read, mp_obj_t object) {
    struct blox_hass_entity *entity = &read->entity;
    memset(read, 0, sizeof *read);
    mp_int_t kind = mp_obj_get_int(mp_load_attr(object, MP_QSTR_kind));
    entity->kind = kind > 0 && kind < BLOX_HASS_KINDS
                       ? (enum blox_hass_kind)kind
                       : BLOX_HASS_OTHER;
    entity->name = blox_hass_optional(mp_load_attr(object, MP_QSTR_name));
    if (entity->kind == BLOX_HASS_LIGHT) {
        entity->brightness_scale = (uint32_t)mp_obj_get_int(
            mp_load_attr(object, MP_QSTR_brightness_scale));
    } else if (entity->kind == BLOX_HASS_NUMBER) {
        blox_hass_read_bounds(read, object);
    } else if (entity->kind == BLOX_HASS_SELECT) {
        entity->list =
            blox_hass_json(read, mp_load_attr(object, MP_QSTR_options));
    }
}

static mp_obj_t new_command(const struct blox_hass_command *command) {
    mp_obj_t items[3] = {
        MP_OBJ_NEW_SMALL_INT(command->order),
        command->has_brightness ? mp_obj_new_int_from_uint(command->brightness)
                                : mp_const_none,
        command->has_duration ? mp_obj_new_int_from_uint(command->duration_ms)
                              : mp_const_none,
    };
    return mp_obj_new_tuple(3, items);
}

// command(entity, payload) -> (order, brightness or None, duration in ms or
// None): order is an enum blox_hass_order. ValueError says why it is refused.
static mp_obj_t command(mp_obj_t entity, mp_obj_t payload) {
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    struct blox_hass_command result;
    blox_hass_read read;
    blox_text_init(&why, sentence, sizeof sentence);
    read_entity(&read, entity);
    int error =
        blox_hass_command(&read.entity, blox_bind_span(payload), &result, &why);
    if (error != BLOX_OK) {
        refuse(&why);
    }
    return new_command(&result);
}
static MP_DEFINE_CONST_FUN_OBJ_2(command_obj, command);

// An int, BLOX_HASS_ABSENT for None, BLOX_HASS_WRONG for anything else.
static int32_t member(mp_obj_t object) {
    if (object == mp_const_none) {
        return BLOX_HASS_ABSENT;
    }
    if (!mp_obj_is_small_int(object)) {
        return BLOX_HASS_WRONG;
    }
    mp_int_t value = MP_OBJ_SMALL_INT_VALUE(object);
    return value < 0 || value > INT32_MAX ? BLOX_HASS_WRONG : (int32_t)value;
}

// members(entity, state, brightness, duration) -> as command(): what a JSON
// object said; duration in ms
static mp_obj_t members(size_t count, const mp_obj_t *arguments) {
    (void)count;
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    struct blox_hass_command result;
    blox_hass_read read;
    blox_text_init(&why, sentence, sizeof sentence);
    read_entity(&read, arguments[0]);
    struct blox_hass_members members = {
        .state = blox_hass_optional(arguments[1]),
        .brightness = member(arguments[2]),
        .duration_ms = member(arguments[3]),
    };
    int error =
        blox_hass_command_members(&read.entity, &members, &result, &why);
    if (error != BLOX_OK) {
        refuse(&why);
    }
    return new_command(&result);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(members_obj, 4, 4, members);

BLOX_MODULE(MP_QSTR__blox_hass_command, blox_hass_command_module, blox_no_types,
            BLOX_MEMBER(MP_QSTR_command, command_obj),
            BLOX_MEMBER(MP_QSTR_members, members_obj));
