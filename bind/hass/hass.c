// SPDX-License-Identifier: MIT
// _blox_hass, driven by mpy_blox/mqtt/hass/: the documents and states of
// entities (core/hass/entity.h). It lies in the heap of every device with a
// sensor: what is only needed at times is Python's, which can be forgotten.
#include "bind/hass/entity.h"

enum { TEXT_SIZE = 64, NUMBER_SIZE = 32, STATE_ARGUMENTS = 4 };

// An entity as documents.py says it: its spans, then the words of its kind
// (None: it is gone, and only id and component are of use), brightness_scale,
// and one number for what a subclass says itself.
enum {
    WORDS_AT,
    SCALE_AT,
    FLAGS_AT,
    ENTITY_ITEMS,
    FLAG_STATE = 1,
    FLAG_COMMANDS = 2,
    FLAG_ANONYMOUS = 4,
};

// Reads a list of str and None into spans. Returns what is behind them.
static mp_obj_t *read_spans(struct blox_span *spans, size_t count,
                            mp_obj_t list, size_t expected) {
    size_t size = 0;
    mp_obj_t *items = NULL;
    mp_obj_get_array(list, &size, &items);
    if (size != expected) {
        nlr_raise(mp_call_function_n_kw(mp_load_global(MP_QSTR_ValueError), 0,
                                        0, NULL));
    }
    for (; count > 0; --count) {
        *spans++ = blox_hass_optional(*items++);
    }
    return items;
}

static void read_entity(struct blox_hass_entity *entity, mp_obj_t list) {
    mp_obj_t *items = read_spans(entity->spans, BLOX_HASS_SPANS, list,
                                 BLOX_HASS_SPANS + ENTITY_ITEMS);
    mp_int_t flags = mp_obj_get_int(items[FLAGS_AT]);
    entity->words = (const char *)blox_hass_optional(items[WORDS_AT]).data;
    entity->brightness_scale = (uint32_t)mp_obj_get_int(items[SCALE_AT]);
    entity->state = flags & FLAG_STATE;
    entity->commands = flags & FLAG_COMMANDS;
    entity->anonymous = flags & FLAG_ANONYMOUS;
}

// Where a number's print slot writes.
static void print_text(void *text, const char *data, size_t size) {
    blox_text_add_span(text, blox_span(data, size));
}

// Prints an int or float without making a str of it. "inf" and "nan" are no
// JSON: not known.
static void read_number(struct blox_hass_value *value, mp_obj_t number,
                        struct blox_text *text) {
    const mp_print_t print = {text, print_text};
    const mp_obj_type_t *type = mp_obj_get_type(number);
    MP_OBJ_TYPE_GET_SLOT(type, print)(&print, number, PRINT_REPR);
    value->text = blox_text_span(text);
    if (text->data[text->size - 1] <= '9') {
        value->kind = BLOX_HASS_VALUE_JSON;
    }
}

static bool is_type(mp_obj_t object, qstr type) {
    return MP_OBJ_FROM_PTR(mp_obj_get_type(object)) == mp_load_global(type);
}

static void read_value(struct blox_hass_value *value, mp_obj_t object,
                       struct blox_text *number) {
    value->kind = BLOX_HASS_VALUE_NONE;
    if (object == mp_const_none) {
        return;
    }
    if (is_type(object, MP_QSTR_bool)) {
        value->kind = object == mp_const_true ? BLOX_HASS_VALUE_TRUE
                                              : BLOX_HASS_VALUE_FALSE;
    } else if (is_type(object, MP_QSTR_int) || is_type(object, MP_QSTR_float)) {
        read_number(value, object, number);
    } else if (is_type(object, MP_QSTR_str)) {
        value->kind = BLOX_HASS_VALUE_TEXT;
        value->text = blox_bind_span(object);
    } else {
        value->kind = BLOX_HASS_VALUE_OTHER;
    }
}

// A text that is written again and again at one place.
typedef struct {
    mp_obj_base_t base;
    mp_obj_t view; // a bytearray that shows what was written last
    struct blox_text text;
} text_object;

static mp_obj_t text_make_new(const mp_obj_type_t *type, size_t n_args,
                              size_t n_kw, const mp_obj_t *arguments) {
    (void)n_args;
    (void)n_kw;
    (void)arguments;
    text_object *self = blox_object_new(type, sizeof *self);
    blox_text_init(&self->text, m_malloc(TEXT_SIZE), TEXT_SIZE);
    self->view = blox_view_new();
    return MP_OBJ_FROM_PTR(self);
}

// A state's arguments: words, key, value, brightness.
static int put_state(struct blox_text *text, const mp_obj_t *arguments) {
    struct blox_hass_entity entity;
    struct blox_hass_value value;
    char digits[NUMBER_SIZE];
    struct blox_text number;
    blox_text_init(&number, digits, sizeof digits);
    entity.words = (const char *)blox_bind_span(arguments[0]).data;
    entity.variable = blox_hass_optional(arguments[1]);
    read_value(&value, arguments[2], &number);
    entity.brightness_scale = arguments[3] != mp_const_none;
    value.brightness = entity.brightness_scale > 0
                           ? (uint32_t)mp_obj_get_int(arguments[3])
                           : 0;
    return blox_hass_state(text, &entity, &value);
}

// A piece's arguments: device, entity, alone.
static void put_piece(struct blox_text *text, const mp_obj_t *arguments) {
    struct blox_hass_device device;
    struct blox_hass_entity entity;
    read_spans(device.spans, BLOX_HASS_DEVICE_SPANS, arguments[0],
               BLOX_HASS_DEVICE_SPANS);
    if (arguments[1] == mp_const_none) {
        blox_hass_device_begin(text, &device);
        return;
    }
    read_entity(&entity, arguments[1]);
    if (arguments[2] == mp_const_true) {
        blox_hass_config(text, &device, &entity);
    } else if (entity.words == NULL) {
        blox_hass_device_removed(text, entity.id, entity.component);
    } else {
        blox_hass_device_component(text, &entity);
    }
}

// text(words, key, value, brightness) -> the payload that states the value, or
// None if an entity of that kind has no such value. key is what the value is
// called in a sensor's state; value None, a bool, a number or a str; brightness
// None for what is not dimmed.
// text(device, entity, alone) -> a piece of a discovery document: with alone
// all of the entity's; else of the device's, its beginning where entity is
// None, or an entity with the comma before it. '}}' ends that.
//
// Their number tells them apart: a method for each would cost every device with
// a sensor 364 bytes.
//
// What it gives is a bytearray that the next call changes. Allocates nothing
// unless the text is longer than any before.
static mp_obj_t text_call(mp_obj_t self_in, size_t n_args, size_t n_kw,
                          const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, STATE_ARGUMENTS - 1, STATE_ARGUMENTS, false);
    text_object *self = MP_OBJ_TO_PTR(self_in);
    struct blox_text *text = &self->text;
    for (;;) {
        blox_text_clear(text);
        if (n_args != STATE_ARGUMENTS) {
            put_piece(text, arguments);
        } else if (put_state(text, arguments) != BLOX_OK) {
            return mp_const_none;
        }
        if (!text->cut) {
            return blox_view_set(self->view, text->data, text->size);
        }
        size_t larger = text->capacity * 2;
        blox_text_init(text, m_malloc(larger), larger);
    }
}

BLOX_TYPE(blox_hass_text_type, MP_QSTR_Text, MP_TYPE_FLAG_NONE, make_new,
          text_make_new, call, text_call);

// sensor() -> the words of a sensor
static mp_obj_t sensor(void) {
    return blox_hass_show(blox_hass_sensor_kind);
}
static MP_DEFINE_CONST_FUN_OBJ_0(sensor_obj, sensor);

BLOX_MODULE(MP_QSTR__blox_hass, blox_hass_module,
            BLOX_TYPES(&blox_hass_text_type),
            BLOX_MEMBER(MP_QSTR_Text, blox_hass_text_type),
            BLOX_MEMBER(MP_QSTR_sensor, sensor_obj));
