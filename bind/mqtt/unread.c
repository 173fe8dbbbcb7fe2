// SPDX-License-Identifier: MIT
// Messages that nobody reads for now: a file for each, or a hash. This runs in
// blox_catch, for opening a file may fail, and says nothing to Python: no
// module shall be loaded on top of the stack that a packet takes.
#include "bind/mqtt/object.h"

#include "core/mqtt/unread.h"

enum blox_mqtt_taking blox_mqtt_takes(mp_obj_t sink) {
    const mp_obj_type_t *type = mp_obj_get_type(sink);
    return type == &mp_type_str    ? BLOX_MQTT_FILE
           : type == &mp_type_type ? BLOX_MQTT_DIGEST
                                   : BLOX_MQTT_SINK;
}

// A file that was not completed is written anew.
static mp_obj_t open_file(blox_mqtt_obj *self, mp_obj_t path) {
    mp_obj_t arguments[] = {
        mp_binary_op(MP_BINARY_OP_MODULO, path,
                     MP_OBJ_NEW_SMALL_INT(self->files)),
        MP_OBJ_NEW_QSTR(MP_QSTR_wb),
    };
    return mp_call_function_n_kw(mp_load_global(MP_QSTR_open), 2, 0, arguments);
}

mp_obj_t blox_mqtt_unread_begin(blox_mqtt_obj *self, mp_obj_t sink) {
    bool file = blox_mqtt_takes(sink) == BLOX_MQTT_FILE;
    enum mqtt_unread unread =
        blox_mqtt_unread(file, self->payload_size, self->retain);
    if (unread == MQTT_UNREAD_PAYLOAD) {
        return file ? open_file(self, sink)
                    : mp_call_function_n_kw(sink, 0, 0, NULL);
    }
    if (unread != MQTT_UNREAD_NOTHING) {
        self->unread = mp_obj_new_bool(unread == MQTT_UNREAD_RETAINED);
    }
    return MP_OBJ_NULL;
}

void blox_mqtt_unread_hash(mp_obj_t hash, struct blox_span chunk) {
    mp_obj_t view = blox_view_new();
    blox_call(hash, MP_QSTR_update,
              blox_view_set(view, chunk.data, chunk.size));
    blox_view_set(view, NULL, 0);
}

void blox_mqtt_unread_end(blox_mqtt_obj *self, mp_obj_t object, bool file,
                          bool ok) {
    if (file) {
        blox_call(object, MP_QSTR_close, MP_OBJ_NULL);
        self->files += ok;
        object = mp_const_true;
    }
    if (ok) {
        self->unread = object;
    }
}
