// SPDX-License-Identifier: MIT
// _blox_hass, driven by mpy_blox/mqtt/hass/disco.py: the documents and states
// of entities (core/hass/entity.h). Nothing is kept between calls.
#include "bind/hass/entity.h"

enum { FIRST_SIZE = 512, NUMBER_SIZE = 32 };

// A document that grows until it fits.
typedef struct {
    struct blox_text text;
    size_t size;
} document;

static void document_begin(document *document, size_t size) {
    document->size = size;
    blox_text_init(&document->text, m_malloc(size), size);
}

// Returns whether it was too small: then write it again, it has doubled.
static bool document_grow(document *document) {
    if (!document->text.cut) {
        return false;
    }
    blox_free(document->text.data);
    document_begin(document, document->size * 2);
    return true;
}

static mp_obj_t document_end(document *document) {
    mp_obj_t bytes = blox_new_bytes(blox_text_span(&document->text));
    blox_free(document->text.data);
    return bytes;
}

// config(entity, device) -> bytes: the entity's document, alone
static mp_obj_t config(mp_obj_t entity, mp_obj_t device_in) {
    blox_hass_read read;
    struct blox_hass_device device;
    document out;
    blox_hass_read_device(&device, device_in);
    blox_hass_read_entity(&read, entity);
    blox_hass_read_options(&read, entity);
    document_begin(&out, FIRST_SIZE);
    do {
        blox_hass_config(&out.text, &device, &read.entity);
    } while (document_grow(&out));
    return document_end(&out);
}
static MP_DEFINE_CONST_FUN_OBJ_2(config_obj, config);

static void put_component(struct blox_json_writer *writer, mp_obj_t entity) {
    blox_hass_read read;
    blox_hass_read_entity(&read, entity);
    blox_hass_read_options(&read, entity);
    blox_hass_device_component(writer, &read.entity);
}

// (id, component)
static void put_removed(struct blox_json_writer *writer, mp_obj_t pair) {
    size_t count = 0;
    mp_obj_t *items = NULL;
    mp_obj_get_array(pair, &count, &items);
    if (count != 2) {
        blox_raise(BLOX_ERROR_ARGUMENT, blox_span_text("hass: removed"));
    }
    blox_hass_device_removed(writer, blox_bind_span(items[0]),
                             blox_bind_span(items[1]));
}

static void for_each(struct blox_json_writer *writer, mp_obj_t list,
                     void (*put)(struct blox_json_writer *, mp_obj_t)) {
    size_t count = 0;
    mp_obj_t *items = NULL;
    mp_obj_get_array(list, &count, &items);
    for (size_t i = 0; i < count; ++i) {
        put(writer, items[i]);
    }
}

// device_config(device, entities, removed) -> bytes: the device's document;
// removed has (unique_id, component) of entities that are gone
static mp_obj_t device_config(mp_obj_t device_in, mp_obj_t entities,
                              mp_obj_t removed) {
    struct blox_hass_device device;
    struct blox_json_writer writer;
    document out;
    blox_hass_read_device(&device, device_in);
    document_begin(&out, FIRST_SIZE);
    do {
        blox_hass_device_begin(&writer, &out.text, &device);
        for_each(&writer, entities, put_component);
        for_each(&writer, removed, put_removed);
        blox_hass_device_end(&writer);
    } while (document_grow(&out));
    return document_end(&out);
}
static MP_DEFINE_CONST_FUN_OBJ_3(device_config_obj, device_config);

// Where a number's print slot writes.
static void print_text(void *text, const char *data, size_t size) {
    blox_text_add_span(text, blox_span(data, size));
}

// Prints an int or float without making a str of it.
static struct blox_span print_number(mp_obj_t number, struct blox_text *text) {
    const mp_print_t print = {text, print_text};
    const mp_obj_type_t *type = mp_obj_get_type(number);
    MP_OBJ_TYPE_GET_SLOT(type, print)(&print, number, PRINT_REPR);
    return blox_text_span(text);
}

// "inf" and "nan" are no JSON: not known.
static bool is_finite(struct blox_span number) {
    uint8_t last = number.size > 0 ? number.data[number.size - 1] : 0;
    return last != 'f' && last != 'n';
}

static bool is_type(mp_obj_t object, qstr type) {
    return MP_OBJ_FROM_PTR(mp_obj_get_type(object)) == mp_load_global(type);
}

static void read_value(struct blox_hass_value *value, mp_obj_t object,
                       struct blox_text *number) {
    *value = (struct blox_hass_value){.kind = BLOX_HASS_VALUE_NONE};
    if (object == mp_const_true || object == mp_const_false) {
        value->kind = object == mp_const_true ? BLOX_HASS_VALUE_TRUE
                                              : BLOX_HASS_VALUE_FALSE;
    } else if (is_type(object, MP_QSTR_int) || is_type(object, MP_QSTR_float)) {
        value->text = print_number(object, number);
        value->kind = is_finite(value->text) ? BLOX_HASS_VALUE_JSON
                                             : BLOX_HASS_VALUE_NONE;
    } else if (object != mp_const_none) {
        value->text = blox_bind_span(object);
        value->kind = is_type(object, MP_QSTR_str) ? BLOX_HASS_VALUE_TEXT
                                                   : BLOX_HASS_VALUE_JSON;
    }
}

// A payload that is written again and again at one place.
typedef struct {
    mp_obj_base_t base;
    mp_obj_t view; // a bytearray that shows what was written last
    size_t size;
    char *data;
} state_object;

mp_obj_full_type_t blox_hass_state_type;

// State(size): with room for size bytes
static mp_obj_t state_make_new(const mp_obj_type_t *type, size_t n_args,
                               size_t n_kw, const mp_obj_t *arguments) {
    if (n_args != 1 || n_kw != 0) {
        blox_raise(BLOX_ERROR_ARGUMENT, blox_span_text("hass: State(size)"));
    }
    state_object *self = blox_object_new(type, sizeof *self);
    self->size = (size_t)mp_obj_get_int(arguments[0]);
    self->data = m_malloc(self->size);
    self->view = blox_view_new();
    return MP_OBJ_FROM_PTR(self);
}

// state(entity, value, brightness) -> the payload that states the value, a
// bytearray that the next call changes; None when there is not enough room.
// value is None, a bool, a number, a str, or bytes with JSON.
static mp_obj_t state_call(mp_obj_t self_in, size_t n_args, size_t n_kw,
                           const mp_obj_t *arguments) {
    state_object *self = MP_OBJ_TO_PTR(self_in);
    blox_hass_read read;
    struct blox_hass_value value;
    char digits[NUMBER_SIZE];
    struct blox_text text;
    if (n_args != 3 || n_kw != 0) {
        blox_raise(BLOX_ERROR_ARGUMENT,
                   blox_span_text("hass: state(entity, value, brightness)"));
    }
    blox_text_init(&text, digits, sizeof digits);
    blox_hass_read_entity(&read, arguments[0]);
    read_value(&value, arguments[1], &text);
    value.brightness = (uint32_t)mp_obj_get_int(arguments[2]);
    blox_text_init(&text, self->data, self->size);
    int error = blox_hass_state(&text, &read.entity, &value);
    if (error != BLOX_OK) {
        blox_raise(error, blox_span_text("hass: the entity has no such state"));
    }
    if (text.cut) {
        return mp_const_none;
    }
    return blox_view_set(self->view, self->data, text.size);
}

// state.size
static void state_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    state_object *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL && name == MP_QSTR_size) {
        dest[0] = mp_obj_new_int_from_uint(self->size);
    }
}

static void init_types(void) {
    mp_obj_full_type_t *type = &blox_hass_state_type;
    blox_type_begin(type, MP_QSTR_State);
    MP_OBJ_TYPE_SET_SLOT(type, make_new, state_make_new, 0);
    MP_OBJ_TYPE_SET_SLOT(type, call, state_call, 1);
    MP_OBJ_TYPE_SET_SLOT(type, attr, state_attr, 2);
}

// topic(entity, last) -> str: "<prefix>/<component>/<id>/<last>", last None:
// where its states go
static mp_obj_t topic(mp_obj_t entity, mp_obj_t last) {
    blox_hass_read read;
    document out;
    blox_hass_read_entity(&read, entity);
    const char *name = blox_hass_state_topic(&read.entity);
    if (last != mp_const_none) {
        name = mp_obj_str_get_str(last);
    }
    if (name == NULL) {
        return mp_const_none;
    }
    document_begin(&out, 128);
    do {
        blox_hass_topic(&out.text, &read.entity, name);
    } while (document_grow(&out));
    mp_obj_t text = blox_new_str(blox_text_span(&out.text));
    blox_free(out.text.data);
    return text;
}
static MP_DEFINE_CONST_FUN_OBJ_2(topic_obj, topic);

// describe(entity) -> (component, states are retained, takes commands)
static mp_obj_t describe(mp_obj_t entity) {
    blox_hass_read read;
    blox_hass_read_entity(&read, entity);
    mp_obj_t items[3] = {
        blox_new_str(blox_hass_component(&read.entity)),
        mp_obj_new_bool(blox_hass_retained(&read.entity)),
        mp_obj_new_bool(blox_hass_takes_commands(&read.entity)),
    };
    return mp_obj_new_tuple(3, items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(describe_obj, describe);

BLOX_MODULE(MP_QSTR__blox_hass, blox_hass_module, init_types,
            BLOX_MEMBER(MP_QSTR_config, config_obj),
            BLOX_MEMBER(MP_QSTR_device_config, device_config_obj),
            BLOX_MEMBER(MP_QSTR_State, blox_hass_state_type),
            BLOX_MEMBER(MP_QSTR_topic, topic_obj),
            BLOX_MEMBER(MP_QSTR_describe, describe_obj));
