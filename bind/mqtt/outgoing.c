// SPDX-License-Identifier: MIT
// From Python through the session to a stream.
#include "bind/mqtt/object.h"

_Noreturn void blox_mqtt_raise(int error) {
    mp_obj_t argument = MP_OBJ_NEW_SMALL_INT(error);
    bool memory = error == BLOX_ERROR_MEMORY;
    qstr type = memory ? MP_QSTR_MemoryError : MP_QSTR_ValueError;
    nlr_raise(mp_call_function_n_kw(mp_load_global(type), memory ? 0 : 1, 0,
                                    &argument));
}

// The packet is too large for tx now, or for ever.
static bool has_no_room(int32_t result) {
    return result == BLOX_ERROR_BUFFER || result == BLOX_ERROR_LIMIT ||
           result == BLOX_ERROR_MEMORY;
}

// An argument that may be missing or None; what is there is never NULL.
static struct blox_span optional(size_t count, const mp_obj_t *arguments,
                                 size_t i) {
    if (i >= count || arguments[i] == mp_const_none) {
        return blox_span(NULL, 0);
    }
    struct blox_span span = blox_bind_span(arguments[i]);
    return span.size > 0 ? span : blox_span("", 0);
}

// The answer of a request: its packet identifier, or -1 for "send first, then
// ask again".
static mp_obj_t request_result(int32_t result) {
    if (result == BLOX_ERROR_BUFFER) {
        return MP_OBJ_NEW_SMALL_INT(-1);
    }
    if (result < 0) {
        blox_mqtt_raise((int)result);
    }
    return MP_OBJ_NEW_SMALL_INT(result);
}

// An int from 0 to most.
static mp_int_t number(mp_obj_t object, mp_int_t most) {
    mp_int_t value = mp_obj_get_int(object);
    if (value < 0 || value > most) {
        blox_mqtt_raise(BLOX_ERROR_ARGUMENT);
    }
    return value;
}

size_t blox_mqtt_items(mp_obj_t object, mp_obj_t **items) {
    size_t count = 0;
    mp_obj_get_array(object, &count, items);
    return count;
}

// (topic, payload, qos, retain) and maybe encoded properties
static void read_will(mp_obj_t object, struct mqtt_will *will) {
    mp_obj_t *items = NULL;
    size_t count = blox_mqtt_items(object, &items);
    if (count < 4 || count > 5) {
        blox_mqtt_raise(BLOX_ERROR_ARGUMENT);
    }
    *will = (struct mqtt_will){
        .topic = blox_bind_span(items[0]),
        .payload = blox_bind_span(items[1]),
        .qos = (uint8_t)number(items[2], 2),
        .retain = mp_obj_is_true(items[3]),
        .properties = optional(count, items, 4),
    };
}

// connect(client_id, username, password, keep_alive, clean_start, will,
// expiry=0, properties=None, version=5): expiry is the Session Expiry Interval
// in s, properties are encoded.
mp_obj_t blox_mqtt_obj_connect(size_t count, const mp_obj_t *arguments) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(arguments[0]);
    struct mqtt_will will;
    struct mqtt_connect connect = {
        .client_identifier = blox_bind_span(arguments[1]),
        .user_name = optional(count, arguments, 2),
        .password = optional(count, arguments, 3),
        .keep_alive = (uint16_t)number(arguments[4], UINT16_MAX),
        .clean_start = mp_obj_is_true(arguments[5]),
        .properties = optional(count, arguments, 8),
    };
    if (count > 7) {
        connect.session_expiry_interval =
            (uint32_t)mp_obj_get_int_truncated(arguments[7]);
        self->asked = count > 8 ? arguments[8] : MP_OBJ_NULL;
    }
    if (count > 9) {
        connect.protocol_version = (uint8_t)number(arguments[9], UINT8_MAX);
    }
    if (arguments[6] != mp_const_none) {
        read_will(arguments[6], &will);
        connect.will = &will;
    }
    int error = blox_mqtt_connect(&self->session, &connect);
    if (error < 0) {
        blox_mqtt_raise(error);
    }
    return mp_const_none;
}

// publish(message, packet_identifier, dup): copies the payload when it fits,
// else keeps it and sends it in pieces.
mp_obj_t blox_mqtt_obj_publish(size_t count, const mp_obj_t *arguments) {
    (void)count;
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(arguments[0]);
    mp_obj_t message = arguments[1];
    mp_obj_t raw_payload = mp_load_attr(message, MP_QSTR_raw_payload);
    struct blox_span payload = blox_bind_span(raw_payload);
    mp_obj_t properties = mp_load_attr(message, MP_QSTR_properties);
    struct mqtt_publish publish = {
        .topic = blox_bind_span(mp_load_attr(message, MP_QSTR_topic)),
        .properties = optional(1, &properties, 0),
        .payload_size = (uint32_t)payload.size,
        .qos = (uint8_t)number(mp_load_attr(message, MP_QSTR_qos), 2),
        .retain = mp_obj_is_true(mp_load_attr(message, MP_QSTR_retain)),
        .packet_identifier = (uint16_t)number(arguments[2], UINT16_MAX),
        .dup = mp_obj_is_true(arguments[3]),
    };
    if (payload.size > MQTT_REMAINING_LENGTH_MAX) {
        blox_mqtt_raise(BLOX_ERROR_LIMIT);
    }
    const struct mqtt_buffer *tx = &self->session.buffers.tx;
    if (payload.size <= BLOX_MQTT_TX_COPY) {
        size_t before = tx->capacity;
        blox_mqtt_make_room(&self->session, publish.topic.size + payload.size);
        self->brief |= tx->capacity > before;
    }
    int32_t result = blox_mqtt_publish(&self->session, &publish, payload.data);
    if (has_no_room(result)) {
        result = blox_mqtt_publish_stream(&self->session, &publish);
        if (result >= 0 && payload.size > 0) {
            self->streamed = raw_payload;
        }
    }
    return request_result(result);
}

// publish_now(topic, payload, retain) -> bool: QoS 0, copied; allocates
// nothing when it is no longer than the last one. False: there is no room now.
mp_obj_t blox_mqtt_obj_publish_now(size_t count, const mp_obj_t *arguments) {
    (void)count;
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(arguments[0]);
    struct blox_span payload = blox_bind_span(arguments[2]);
    struct mqtt_publish publish = {
        .topic = blox_bind_span(arguments[1]),
        .payload_size = (uint32_t)payload.size,
        .retain = mp_obj_is_true(arguments[3]),
    };
    blox_mqtt_make_room(&self->session, publish.topic.size + payload.size);
    int32_t result = blox_mqtt_publish(&self->session, &publish, payload.data);
    if (result < 0 && !has_no_room(result)) {
        blox_mqtt_raise((int)result);
    }
    return mp_obj_new_bool(result >= 0);
}

// subscribe(filter, options, properties=None)
mp_obj_t blox_mqtt_obj_subscribe(size_t count, const mp_obj_t *arguments) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(arguments[0]);
    struct mqtt_subscription subscription = {
        .filter = blox_bind_span(arguments[1]),
        .options = (uint8_t)number(arguments[2], UINT8_MAX),
    };
    return request_result(blox_mqtt_subscribe(
        &self->session, optional(count, arguments, 3), &subscription, 1));
}

// disconnect(reason_code, properties=None). Returns False while there is no
// room to say so.
mp_obj_t blox_mqtt_obj_disconnect(size_t count, const mp_obj_t *arguments) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(arguments[0]);
    int error = blox_mqtt_disconnect(&self->session,
                                     (uint8_t)number(arguments[1], UINT8_MAX),
                                     optional(count, arguments, 2));
    if (error == BLOX_ERROR_ARGUMENT) {
        blox_mqtt_raise(error);
    }
    return mp_obj_new_bool(error != BLOX_ERROR_BUFFER);
}

mp_obj_t blox_mqtt_obj_unsubscribe(mp_obj_t self_in, mp_obj_t filter_in) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    struct mqtt_subscription subscription = {.filter =
                                                 blox_bind_span(filter_in)};
    return request_result(blox_mqtt_unsubscribe(
        &self->session, blox_span(NULL, 0), &subscription, 1));
}

// What goes out next: packets, or the rest of the streamed payload.
static struct blox_span next_output(blox_mqtt_obj *self, uint32_t *due) {
    *due = blox_mqtt_payload_due(&self->session);
    if (*due == 0) {
        return blox_mqtt_output(&self->session);
    }
    struct blox_span payload = blox_bind_span(self->streamed);
    if (payload.size < *due) {
        blox_mqtt_raise(BLOX_ERROR_ARGUMENT); // changed while it was being sent
    }
    return blox_span_part(payload, payload.size - *due, *due);
}

// send(stream): writes what it takes without waiting. Returns the number of
// bytes left; wait until the stream is writable when there are any.
mp_obj_t blox_mqtt_obj_send(mp_obj_t self_in, mp_obj_t stream_in) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    const mp_stream_p_t *stream =
        mp_get_stream_raise(stream_in, MP_STREAM_OP_WRITE);
    uint32_t due;
    struct blox_span bytes = next_output(self, &due);
    while (bytes.size > 0) {
        int error = 0;
        if (self->again > 0) {
            bytes.size = self->again;
        }
        mp_uint_t size =
            stream->write(stream_in, bytes.data, bytes.size, &error);
        if (size == 0 || (size == MP_STREAM_ERROR && error == MP_EAGAIN)) {
            self->again = bytes.size;
            break;
        }
        self->again = 0;
        if (size == MP_STREAM_ERROR) {
            mp_raise_OSError(error);
        }
        if (due > 0) {
            blox_mqtt_payload_sent(&self->session, (uint32_t)size);
        } else {
            blox_mqtt_sent(&self->session, size);
        }
        bytes = next_output(self, &due);
    }
    if (self->session.payload_due == 0) {
        self->streamed = MP_OBJ_NULL;
    }
    if (self->brief && self->session.tx_size == 0) {
        blox_free(self->session.buffers.tx.data);
        blox_mqtt_obj_rest_tx(self);
    }
    return mp_obj_new_int_from_uint(bytes.size);
}
