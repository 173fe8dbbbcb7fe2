// SPDX-License-Identifier: MIT
// _blox_keep: Keep (core/mqtt/keep.h). python/mpy_blox/mqtt/keeping.py drives
// it.
#include "core/mqtt/keep.h"

#include "bind/common/module.h"
#include "bind/common/storage.h"

#define BLOX_KEEP_FILE "/mqtt.queue"

typedef struct {
    mp_obj_base_t base;
    struct mqtt_keep keep;
    struct blox_bind_storage storage;
    struct mqtt_kept entries[];
} keep_obj;

static void check(keep_obj *self, int error) {
    blox_bind_storage_check(&self->storage);
    if (error < 0) {
        blox_raise(error, blox_span(NULL, 0));
    }
}

// Keep(messages): how many there may be.
static mp_obj_t keep_make_new(const mp_obj_type_t *type, size_t n_args,
                              size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_int_t capacity = mp_obj_get_int(arguments[0]);
    if (capacity < 1 || capacity > UINT16_MAX) {
        blox_raise(BLOX_ERROR_ARGUMENT, blox_span(NULL, 0));
    }
    keep_obj *self = blox_object_new(
        type, sizeof *self + (size_t)capacity * sizeof self->entries[0]);
    blox_bind_storage_init(&self->storage);
    struct mqtt_keep_config config = {
        .storage = &self->storage.ops,
        .path = BLOX_KEEP_FILE,
        .temporary = BLOX_KEEP_FILE ".new",
        .entries = self->entries,
        .capacity = (uint32_t)capacity,
    };
    blox_mqtt_keep_init(&self->keep, &config);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t read_message(keep_obj *self, uint32_t i) {
    struct mqtt_keep_record record;
    check(self, blox_mqtt_keep_read(&self->keep, i, &record));
    uint8_t *bytes = m_malloc(record.topic_size + record.payload_size + 1);
    check(self, blox_mqtt_keep_read_bytes(&self->keep, i, bytes));
    mp_obj_t items[] = {
        mp_obj_new_int_from_uint(record.number),
        blox_new_str(blox_span(bytes, record.topic_size)),
        blox_new_bytes(
            blox_span(bytes + record.topic_size, record.payload_size)),
        MP_OBJ_NEW_SMALL_INT(record.flags),
    };
    blox_free(bytes);
    return mp_obj_new_tuple(4, items);
}

// load() -> [(number, topic, payload, flags)], oldest first
static mp_obj_t keep_load(mp_obj_t self_in) {
    keep_obj *self = MP_OBJ_TO_PTR(self_in);
    check(self, blox_mqtt_keep_load(&self->keep));
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (uint32_t i = 0; i < self->keep.count; ++i) {
        mp_obj_list_append(list, read_message(self, i));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_1(keep_load_obj, keep_load);

// add(topic, payload, flags) -> number
static mp_obj_t keep_add(size_t count, const mp_obj_t *arguments) {
    (void)count;
    keep_obj *self = MP_OBJ_TO_PTR(arguments[0]);
    uint32_t number = 0;
    check(self,
          blox_mqtt_keep_add(&self->keep, blox_bind_span(arguments[1]),
                             blox_bind_span(arguments[2]),
                             (uint8_t)mp_obj_get_int(arguments[3]), &number));
    return mp_obj_new_int_from_uint(number);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(keep_add_obj, 4, 4, keep_add);

// done(number)
static mp_obj_t keep_done(mp_obj_t self_in, mp_obj_t number) {
    keep_obj *self = MP_OBJ_TO_PTR(self_in);
    check(self, blox_mqtt_keep_done(
                    &self->keep, (uint32_t)mp_obj_get_int_truncated(number)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(keep_done_obj, keep_done);

static const mp_rom_map_elem_t keep_table[] = {
    BLOX_METHOD(MP_QSTR_load, keep_load_obj),
    BLOX_METHOD(MP_QSTR_add, keep_add_obj),
    BLOX_METHOD(MP_QSTR_done, keep_done_obj),
};
static MP_DEFINE_CONST_DICT(keep_dict, keep_table);

BLOX_TYPE(blox_keep_keep_type, MP_QSTR_Keep, MP_TYPE_FLAG_NONE, make_new,
          keep_make_new, locals_dict, &keep_dict);

BLOX_MODULE(MP_QSTR__blox_keep, blox_keep_module,
            BLOX_TYPES(&blox_keep_keep_type),
            BLOX_MEMBER(MP_QSTR_Keep, blox_keep_keep_type));
