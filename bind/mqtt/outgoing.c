// SPDX-License-Identifier: MIT
// From Python through the session to a stream.
#include "bind/mqtt/object.h"

// Python adds the topic.
static _Noreturn void raise_error(int error) {
    const char *what =
        error == BLOX_ERROR_ARGUMENT      ? "mqtt: not allowed by the standard"
        : error == BLOX_ERROR_LIMIT       ? "mqtt: packet too large"
        : error == BLOX_ERROR_UNSUPPORTED ? "mqtt: no such QoS, or no retain"
                                          : "mqtt: not connected";
    blox_raise(error, blox_span_text(what));
}

// The answer of a request: its packet identifier, or -1 for "send first, then
// ask again".
static mp_obj_t request_result(int32_t result) {
    if (result == BLOX_ERROR_BUFFER) {
        return MP_OBJ_NEW_SMALL_INT(-1);
    }
    if (result < 0) {
        raise_error((int)result);
    }
    return MP_OBJ_NEW_SMALL_INT(result);
}

static struct blox_span span_or_null(mp_obj_t object) {
    if (object == mp_const_none) {
        return blox_span(NULL, 0);
    }
    struct blox_span span = blox_bind_span(object);
    return span.size > 0 ? span : blox_span("", 0);
}

// An int from 0 to most.
static mp_int_t number(mp_obj_t object, mp_int_t most) {
    mp_int_t value = mp_obj_get_int(object);
    if (value < 0 || value > most) {
        raise_error(BLOX_ERROR_ARGUMENT);
    }
    return value;
}

size_t blox_mqtt_items(mp_obj_t object, mp_obj_t **items) {
    size_t count = 0;
    mp_obj_get_array(object, &count, items);
    return count;
}

// (topic, payload, qos, retain)
static void read_will(mp_obj_t object, struct mqtt_will *will) {
    mp_obj_t *items = NULL;
    if (blox_mqtt_items(object, &items) != 4) {
        raise_error(BLOX_ERROR_ARGUMENT);
    }
    *will = (struct mqtt_will){
        .topic = blox_bind_span(items[0]),
        .payload = blox_bind_span(items[1]),
        .qos = (uint8_t)number(items[2], 2),
        .retain = mp_obj_is_true(items[3]),
    };
}

// connect(client_id, username, password, keep_alive, clean_start, will)
mp_obj_t blox_mqtt_obj_connect(size_t count, const mp_obj_t *arguments) {
    (void)count;
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(arguments[0]);
    struct mqtt_will will;
    struct mqtt_connect connect = {
        .client_identifier = blox_bind_span(arguments[1]),
        .user_name = span_or_null(arguments[2]),
        .password = span_or_null(arguments[3]),
        .keep_alive = (uint16_t)number(arguments[4], UINT16_MAX),
        .clean_start = mp_obj_is_true(arguments[5]),
    };
    if (arguments[6] != mp_const_none) {
        read_will(arguments[6], &will);
        connect.will = &will;
    }
    int error = blox_mqtt_connect(&self->session, &connect);
    if (error < 0) {
        raise_error(error);
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
    struct mqtt_publish publish = {
        .topic = blox_bind_span(mp_load_attr(message, MP_QSTR_topic)),
        .payload_size = (uint32_t)payload.size,
        .qos = (uint8_t)number(mp_load_attr(message, MP_QSTR_qos), 2),
        .retain = mp_obj_is_true(mp_load_attr(message, MP_QSTR_retain)),
        .packet_identifier = (uint16_t)number(arguments[2], UINT16_MAX),
        .dup = mp_obj_is_true(arguments[3]),
    };
    if (payload.size > MQTT_REMAINING_LENGTH_MAX) {
        raise_error(BLOX_ERROR_LIMIT);
    }
    int32_t result = blox_mqtt_publish(&self->session, &publish, payload.data);
    if (result == BLOX_ERROR_BUFFER || result == BLOX_ERROR_LIMIT) {
        result = blox_mqtt_publish_stream(&self->session, &publish);
        if (result >= 0 && payload.size > 0) {
            self->streamed = raw_payload;
        }
    }
    return request_result(result);
}

mp_obj_t blox_mqtt_obj_subscribe(mp_obj_t self_in, mp_obj_t filter,
                                 mp_obj_t options) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    struct mqtt_subscription subscription = {
        .filter = blox_bind_span(filter),
        .options = (uint8_t)number(options, UINT8_MAX),
    };
    int32_t result = blox_mqtt_subscribe(&self->session, blox_span(NULL, 0),
                                         &subscription, 1);
    return request_result(result);
}

mp_obj_t blox_mqtt_obj_unsubscribe(mp_obj_t self_in, mp_obj_t filter_in) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    struct blox_span filter = blox_bind_span(filter_in);
    return request_result(blox_mqtt_unsubscribe(&self->session, &filter, 1));
}

// What goes out next: packets, or the rest of the streamed payload.
static struct blox_span next_output(blox_mqtt_obj *self, uint32_t *due) {
    *due = blox_mqtt_payload_due(&self->session);
    if (*due == 0) {
        return blox_mqtt_output(&self->session);
    }
    struct blox_span payload = blox_bind_span(self->streamed);
    if (payload.size < *due) {
        raise_error(BLOX_ERROR_ARGUMENT); // changed while it was being sent
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
    return mp_obj_new_int_from_uint(bytes.size);
}
