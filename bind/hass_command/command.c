// SPDX-License-Identifier: MIT
// _blox_hass_command, loaded by entities that take commands: what they mean
// (core/hass/entity.h). Nothing is kept between calls.
#include "bind/hass/entity.h"

enum { SENTENCE_SIZE = 200 };

// An entity as it is read from its Python object, whose attributes its spans
// point into.
typedef struct {
    struct blox_hass_entity entity;
    mp_obj_t made[2]; // keeps what was made for it from being collected
} entity_read;

static struct blox_span bound(entity_read *read, size_t at, mp_obj_t object) {
    if (object == mp_const_none) {
        return blox_span(NULL, 0);
    }
    read->made[at] =
        mp_call_function_n_kw(mp_load_global(MP_QSTR_str), 1, 0, &object);
    return blox_bind_span(read->made[at]);
}

static enum blox_hass_kind kind_from(mp_obj_t number) {
    mp_int_t kind = mp_obj_get_int(number);
    return kind > 0 && kind < BLOX_HASS_KINDS ? (enum blox_hass_kind)kind
                                              : BLOX_HASS_OTHER;
}

// What commands are held against.
static void read_entity(entity_read *read, mp_obj_t object) {
    struct blox_hass_entity *entity = &read->entity;
    memset(read, 0, sizeof *read);
    entity->kind = kind_from(mp_load_attr(object, MP_QSTR_kind));
    entity->name = blox_hass_optional(mp_load_attr(object, MP_QSTR_name));
    if (entity->kind == BLOX_HASS_LIGHT) {
        entity->brightness_scale = (uint32_t)mp_obj_get_int(
            mp_load_attr(object, MP_QSTR_brightness_scale));
    } else if (entity->kind == BLOX_HASS_NUMBER) {
        entity->min = bound(read, 0, mp_load_attr(object, MP_QSTR_min));
        entity->max = bound(read, 1, mp_load_attr(object, MP_QSTR_max));
    } else if (entity->kind == BLOX_HASS_SELECT) {
        read->made[0] = blox_call(blox_import(MP_QSTR_json), MP_QSTR_dumps,
                                  mp_load_attr(object, MP_QSTR_options));
        entity->list = blox_bind_span(read->made[0]);
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
    entity_read read;
    blox_text_init(&why, sentence, sizeof sentence);
    read_entity(&read, entity);
    int error =
        blox_hass_command(&read.entity, blox_bind_span(payload), &result, &why);
    if (error != BLOX_OK) {
        blox_hass_raise(blox_text_span(&why));
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

// members(entity, payload, state, brightness, duration) -> as command(): what a
// JSON object said; duration in ms
static mp_obj_t members(size_t count, const mp_obj_t *arguments) {
    (void)count;
    char sentence[SENTENCE_SIZE];
    struct blox_text why;
    struct blox_hass_command result;
    entity_read read;
    blox_text_init(&why, sentence, sizeof sentence);
    read_entity(&read, arguments[0]);
    struct blox_hass_members members = {
        .payload = blox_bind_span(arguments[1]),
        .state = blox_hass_optional(arguments[2]),
        .brightness = member(arguments[3]),
        .duration_ms = member(arguments[4]),
    };
    int error =
        blox_hass_command_members(&read.entity, &members, &result, &why);
    if (error != BLOX_OK) {
        blox_hass_raise(blox_text_span(&why));
    }
    return new_command(&result);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(members_obj, 5, 5, members);

// words(kind) -> the words of an enum blox_hass_kind, for _blox_hass
static mp_obj_t words(mp_obj_t kind) {
    switch (kind_from(kind)) {
    case BLOX_HASS_BUTTON:
        return blox_hass_show(blox_hass_button_kind);
    case BLOX_HASS_LIGHT:
        return blox_hass_show(blox_hass_light_kind);
    case BLOX_HASS_NUMBER:
        return blox_hass_show(blox_hass_number_kind);
    case BLOX_HASS_SELECT:
        return blox_hass_show(blox_hass_select_kind);
    case BLOX_HASS_TEXT:
        return blox_hass_show(blox_hass_text_kind);
    default:
        return blox_hass_show(blox_hass_switch_kind);
    }
}
static MP_DEFINE_CONST_FUN_OBJ_1(words_obj, words);

BLOX_MODULE(MP_QSTR__blox_hass_command, blox_hass_command_module, BLOX_NO_TYPES,
            BLOX_MEMBER(MP_QSTR_command, command_obj),
            BLOX_MEMBER(MP_QSTR_members, members_obj),
            BLOX_MEMBER(MP_QSTR_words, words_obj));
