// SPDX-License-Identifier: MIT
// _blox_mqtt_extra: QoS 2, properties, subscription options, topic aliases,
// enhanced authentication and MQTT 3.1.1 for a _blox_mqtt.Session
// (core/mqtt/extra.h). Imported by who needs one of them.
#include "bind/mqtt/object.h"
#include "bind/mqtt_extra/properties.h"
#include "core/mqtt/extra.h"

// Session is a type of another module: its name and a mark tell it, and that
// both modules are of one version.
static blox_mqtt_obj *session(mp_obj_t object) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(object);
    if (mp_obj_is_small_int(object) ||
        mp_obj_get_type(object)->name != MP_QSTR_Session ||
        self->mark != BLOX_MQTT_MARK) {
        blox_raise(BLOX_ERROR_ARGUMENT,
                   blox_span_text("mqtt: no Session, or one of "
                                  "another version; install the "
                                  "library again"));
    }
    return self;
}

static size_t argument(size_t count, const mp_obj_t *arguments, size_t i,
                       mp_int_t otherwise) {
    mp_int_t value = i < count ? mp_obj_get_int(arguments[i]) : otherwise;
    if (value < 0 || value > UINT16_MAX) {
        blox_raise(BLOX_ERROR_ARGUMENT,
                   blox_span_text("mqtt: a size is 0 to 65535"));
    }
    return (size_t)value;
}

// attach(session, inbound=8, alias_maximum=0, aliases_in=0, aliases_out=0):
// once, while there is no connection. inbound messages at QoS 2 may be under
// way; the broker may use alias_maximum aliases, whose topics have aliases_in
// bytes, 4 each besides; ours have aliases_out.
static mp_obj_t attach(size_t count, const mp_obj_t *arguments) {
    blox_mqtt_obj *self = session(arguments[0]);
    struct mqtt_extra_buffers buffers = {
        .inbound_capacity = argument(count, arguments, 1, 8),
        .alias_maximum = (uint16_t)argument(count, arguments, 2, 0),
        .aliases_in_capacity = argument(count, arguments, 3, 0),
        .aliases_out_capacity = argument(count, arguments, 4, 0),
    };
    size_t inbound = buffers.inbound_capacity * sizeof *buffers.inbound;
    // One piece of memory, which the session keeps by its beginning.
    struct mqtt_extra *extra =
        m_malloc(sizeof *extra + inbound + buffers.aliases_in_capacity +
                 buffers.aliases_out_capacity);
    buffers.inbound = (uint16_t *)(extra + 1);
    buffers.aliases_in = (uint8_t *)(extra + 1) + inbound;
    buffers.aliases_out = buffers.aliases_in + buffers.aliases_in_capacity;
    int error = self->session.extra != NULL
                    ? BLOX_ERROR_STATE
                    : blox_mqtt_extra_attach(&self->session, extra, &buffers);
    if (error < 0) {
        blox_raise(error, error == BLOX_ERROR_STATE
                              ? blox_span_text("mqtt: attach comes once, and "
                                               "before connect")
                              : blox_span(NULL, 0));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(attach_obj, 1, 5, attach);

// auth(session, reason_code, properties): queues AUTH. Returns False while
// there is no room for it: send first.
static mp_obj_t auth(mp_obj_t session_in, mp_obj_t reason_code,
                     mp_obj_t properties) {
    blox_mqtt_obj *self = session(session_in);
    mp_int_t code = mp_obj_get_int(reason_code);
    int error = code < 0 || code > UINT8_MAX
                    ? BLOX_ERROR_ARGUMENT
                    : blox_mqtt_auth(&self->session, (uint8_t)code,
                                     blox_bind_span(properties));
    if (error < 0 && error != BLOX_ERROR_BUFFER) {
        blox_raise(error, blox_span_text("mqtt: AUTH is not allowed now, or "
                                         "not so"));
    }
    return mp_obj_new_bool(error == BLOX_OK);
}
static MP_DEFINE_CONST_FUN_OBJ_3(auth_obj, auth);

static MP_DEFINE_CONST_FUN_OBJ_1(encode_obj, blox_mqtt_encode);
static MP_DEFINE_CONST_FUN_OBJ_1(decode_obj, blox_mqtt_decode);

BLOX_MODULE(MP_QSTR__blox_mqtt_extra, blox_mqtt_extra_module, BLOX_NO_TYPES,
            BLOX_MEMBER(MP_QSTR_attach, attach_obj),
            BLOX_MEMBER(MP_QSTR_auth, auth_obj),
            BLOX_MEMBER(MP_QSTR_encode, encode_obj),
            BLOX_MEMBER(MP_QSTR_decode, decode_obj));
