// SPDX-License-Identifier: MIT
// _blox_mqtt.MQTTMessage: in C, for one is made for every message that comes
// in.
// raw_payload is bytes. payload is what they mean: setting it takes str and
// bytes as they are and makes JSON of anything else, reading it gives the JSON
// value, or the bytes when they are no JSON.
#include "bind/mqtt/object.h"

blox_mqtt_message *blox_mqtt_message_new(mp_obj_t topic, mp_obj_t payload,
                                         mp_obj_t properties) {
    bool full = properties != MP_OBJ_NULL;
    blox_mqtt_message *self = m_malloc(full ? sizeof(blox_mqtt_full_message)
                                            : sizeof(blox_mqtt_message));
    self->base.type = (mp_obj_type_t *)&blox_mqtt_message_type;
    self->topic = topic;
    self->raw_payload = payload;
    self->packet_identifier = 0;
    self->qos = 0;
    self->flags = 0;
    if (full) {
        self->flags = BLOX_MQTT_FULL;
        ((blox_mqtt_full_message *)self)->properties = properties;
    }
    return self;
}

// Where the properties are, NULL when there are none.
static mp_obj_t *properties_of(blox_mqtt_message *self) {
    return self->flags & BLOX_MQTT_FULL
               ? &((blox_mqtt_full_message *)self)->properties
               : NULL;
}

static mp_obj_t json(qstr function, mp_obj_t argument) {
    return blox_call(blox_import(MP_QSTR_json), function, argument);
}

static bool is_a(mp_obj_t object, mp_obj_t type) {
    return MP_OBJ_FROM_PTR(mp_obj_get_type(object)) == type;
}

static void call_loads(void *argument) {
    mp_obj_t *payload = argument;
    *payload = json(MP_QSTR_loads, *payload);
}

static mp_obj_t get_payload(blox_mqtt_message *self) {
    mp_obj_t payload = self->raw_payload;
    mp_obj_t raised = blox_catch(call_loads, &payload);
    if (raised == MP_OBJ_NULL) {
        return payload;
    }
    if (!is_a(raised, mp_load_global(MP_QSTR_ValueError)) &&
        !is_a(raised, mp_load_global(MP_QSTR_UnicodeError))) {
        nlr_raise(raised);
    }
    return self->raw_payload;
}

static void set_payload(blox_mqtt_message *self, mp_obj_t payload) {
    mp_buffer_info_t info;
    bool text = is_a(payload, MP_OBJ_FROM_PTR(&mp_type_str));
    if (!text && mp_get_buffer(payload, &info, MP_BUFFER_READ)) {
        self->raw_payload = payload;
        return;
    }
    if (!text) {
        payload = json(MP_QSTR_dumps, payload);
    }
    self->raw_payload = blox_new_bytes(blox_bind_span(payload));
}

static void load(blox_mqtt_message *self, qstr name, mp_obj_t *dest) {
    if (name == MP_QSTR_topic) {
        *dest = self->topic;
    } else if (name == MP_QSTR_payload) {
        *dest = get_payload(self);
    } else if (name == MP_QSTR_raw_payload) {
        *dest = self->raw_payload;
    } else if (name == MP_QSTR_properties) {
        const mp_obj_t *properties = properties_of(self);
        *dest = properties == NULL ? mp_const_none : *properties;
    } else if (name == MP_QSTR_qos) {
        *dest = MP_OBJ_NEW_SMALL_INT(self->qos);
    } else if (name == MP_QSTR_retain) {
        *dest = mp_obj_new_bool(self->flags & BLOX_MQTT_RETAIN);
    } else if (name == MP_QSTR_packet_identifier) {
        *dest = self->packet_identifier == 0
                    ? mp_const_none
                    : MP_OBJ_NEW_SMALL_INT(self->packet_identifier);
    }
}

// Returns whether there is such an attribute.
static bool store(blox_mqtt_message *self, qstr name, mp_obj_t value) {
    if (name == MP_QSTR_topic) {
        self->topic = value;
    } else if (name == MP_QSTR_payload) {
        set_payload(self, value);
    } else if (name == MP_QSTR_raw_payload) {
        self->raw_payload = value;
    } else if (name == MP_QSTR_properties && properties_of(self) != NULL) {
        *properties_of(self) = value;
    } else if (name == MP_QSTR_qos) {
        self->qos = (uint8_t)mp_obj_get_int(value);
    } else if (name == MP_QSTR_retain) {
        self->flags &= (uint8_t)~BLOX_MQTT_RETAIN;
        self->flags |= mp_obj_is_true(value) ? BLOX_MQTT_RETAIN : 0;
    } else if (name == MP_QSTR_packet_identifier) {
        self->packet_identifier =
            value == mp_const_none ? 0 : (uint16_t)mp_obj_get_int(value);
    } else {
        return false;
    }
    return true;
}

static void message_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    blox_mqtt_message *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL) {
        load(self, name, dest);
    } else if (dest[1] != MP_OBJ_NULL && store(self, name, dest[1])) {
        dest[0] = MP_OBJ_NULL;
    }
}

// MQTTMessage(topic=None, payload=None, qos=0, retain=False, properties=None)
static mp_obj_t message_make_new(const mp_obj_type_t *type, size_t n_args,
                                 size_t n_kw, const mp_obj_t *arguments) {
    (void)type;
    const mp_arg_t allowed[] = {
        {MP_QSTR_topic, MP_ARG_OBJ, {.u_obj = mp_const_none}},
        {MP_QSTR_payload, MP_ARG_OBJ, {.u_obj = mp_const_none}},
        {MP_QSTR_qos, MP_ARG_INT, {.u_int = 0}},
        {MP_QSTR_retain, MP_ARG_BOOL, {.u_bool = false}},
        {MP_QSTR_properties, MP_ARG_OBJ, {.u_obj = mp_const_none}},
    };
    mp_arg_val_t values[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all_kw_array(n_args, n_kw, arguments, MP_ARRAY_SIZE(allowed),
                              allowed, values);
    blox_mqtt_message *self = blox_mqtt_message_new(
        values[0].u_obj, blox_new_bytes(blox_span("", 0)), values[4].u_obj);
    self->qos = (uint8_t)values[2].u_int;
    self->flags |= values[3].u_bool ? BLOX_MQTT_RETAIN : 0;
    if (values[1].u_obj != mp_const_none) {
        set_payload(self, values[1].u_obj);
    }
    return MP_OBJ_FROM_PTR(self);
}

BLOX_TYPE(blox_mqtt_message_type, MP_QSTR_MQTTMessage, MP_TYPE_FLAG_NONE,
          make_new, message_make_new, attr, message_attr);
