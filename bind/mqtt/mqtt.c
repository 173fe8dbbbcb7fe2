// SPDX-License-Identifier: MIT
// _blox_mqtt: Session, MQTTMessage, Queue, match.
// python/mpy_blox/mqtt/__init__.py drives it.
#include "bind/mqtt/object.h"

#include <string.h>

#include "core/mqtt/topic.h"

void blox_mqtt_obj_grow(struct mqtt_buffer *buffer, size_t size) {
    enum { MORE = 64 }; // the next packet may be longer
    size = size + MORE < buffer->most ? size + MORE : buffer->most;
    uint8_t *data = blox_malloc_maybe(size);
    if (data != NULL) {
        memcpy(data, buffer->data, buffer->capacity);
        buffer->data = data;
        buffer->capacity = size;
    }
}

static void rest(struct mqtt_buffer *buffer, uint8_t *data, size_t size) {
    buffer->data = data;
    buffer->capacity = size < buffer->most ? size : buffer->most;
}

void blox_mqtt_obj_rest_tx(blox_mqtt_obj *self) {
    rest(&self->session.buffers.tx, self->tx_rest, sizeof self->tx_rest);
    self->brief = false;
}

// Nothing is held that is still needed: the small buffers will do.
static void rest_all(blox_mqtt_obj *self) {
    struct mqtt_buffer *rx = &self->session.buffers.rx;
    rest(&self->io, self->io_rest, sizeof self->io_rest);
    rest(rx, self->rx_rest, sizeof self->rx_rest);
    blox_mqtt_obj_rest_tx(self);
}

// Session(rx, io, tx, in_flight): sizes of the buffers in bytes at most, and
// how many requests may be unanswered.
static mp_obj_t session_make_new(const mp_obj_type_t *type, size_t n_args,
                                 size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 4, 4, false);
    blox_mqtt_obj *self = blox_object_new(type, sizeof *self);
    struct mqtt_buffers *buffers = &self->session.buffers;
    buffers->rx.most = (size_t)mp_obj_get_int(arguments[0]);
    buffers->tx.most = (size_t)mp_obj_get_int(arguments[2]);
    buffers->in_flight_capacity = (size_t)mp_obj_get_int(arguments[3]);
    buffers->grow = blox_mqtt_obj_grow;
    self->mark = BLOX_MQTT_MARK;
    self->io.most = (size_t)mp_obj_get_int(arguments[1]);
    buffers->in_flight =
        m_malloc(buffers->in_flight_capacity * sizeof *buffers->in_flight);
    rest_all(self);
    struct mqtt_buffers given = *buffers;
    if (self->io.most == 0 || blox_mqtt_init(&self->session, &given) < 0) {
        blox_mqtt_raise(BLOX_ERROR_BUFFER);
    }
    return MP_OBJ_FROM_PTR(self);
}

static void session_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    struct mqtt_session *session = &self->session;
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (name == MP_QSTR_pending) {
        bool pending = session->tx_size > 0 || session->payload_due > 0;
        dest[0] = mp_obj_new_bool(pending);
    } else if (name == MP_QSTR_connected) {
        dest[0] = mp_obj_new_bool(blox_mqtt_connected(session));
    } else if (name == MP_QSTR_session_present) {
        dest[0] = mp_obj_new_bool(session->session_present);
    } else if (name == MP_QSTR_properties) {
        dest[0] = self->said == MP_OBJ_NULL ? mp_const_none : self->said;
    } else {
        dest[1] = MP_OBJ_SENTINEL; // look in the dictionary
    }
}

// tick(ticks_ms): Returns the ms until the next call is due, -1 for never, or
// the event that ends the session.
static mp_obj_t session_tick(mp_obj_t self_in, mp_obj_t ticks_in) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    bool quiet = self->received - self->quiet <= BLOX_MQTT_QUIET;
    if (quiet && self->io_at == self->io_size &&
        blox_mqtt_rests(&self->session)) {
        rest_all(self);
    }
    self->quiet = self->received;
    uint32_t due =
        blox_mqtt_tick(&self->session, blox_clock_set(&self->clock, ticks_in));
    mp_obj_t ended = due == 0 ? blox_mqtt_obj_event(self) : MP_OBJ_NULL;
    if (ended == mp_const_false) {
        blox_mqtt_raise(BLOX_ERROR_MEMORY);
    }
    if (ended != MP_OBJ_NULL) {
        return ended;
    }
    return MP_OBJ_NEW_SMALL_INT(due == BLOX_MQTT_NEVER ? -1 : (mp_int_t)due);
}
static MP_DEFINE_CONST_FUN_OBJ_2(session_tick_obj, session_tick);

// close(): the transport is gone. A sink that was being written gets
// end(False). Returns None or the event of what that raised.
static mp_obj_t session_close(mp_obj_t self_in) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_mqtt_close(&self->session);
    mp_obj_t raised = blox_mqtt_obj_abort(self);
    return raised == MP_OBJ_NULL ? mp_const_none : raised;
}
static MP_DEFINE_CONST_FUN_OBJ_1(session_close_obj, session_close);

static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(session_disconnect_obj, 2, 3,
                                           blox_mqtt_obj_disconnect);

// forget(packet_identifier): a message at QoS 1 or 2 that is not to be sent
// again.
static mp_obj_t session_forget(mp_obj_t self_in, mp_obj_t identifier) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    blox_mqtt_forget(&self->session, (uint16_t)mp_obj_get_int(identifier));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(session_forget_obj, session_forget);

static void grow_sinks(blox_mqtt_obj *self) {
    size_t capacity = self->sink_capacity + 2;
    struct blox_mqtt_sink *sinks = m_malloc(capacity * sizeof *sinks);
    if (self->sink_count > 0) {
        memcpy(sinks, self->sinks, self->sink_count * sizeof *sinks);
    }
    self->sinks = sinks;
    self->sink_capacity = capacity;
}

static bool keys_equal(mp_obj_t a, mp_obj_t b) {
    return mp_binary_op(MP_BINARY_OP_EQUAL, a, b) == mp_const_true;
}

// sink(key, object): from the next message on, payloads whose topic matches
// the filter key, or that come with the subscription identifier key (an int),
// go to object; None takes the sink away. The first that fits counts. Of
// what is unread see struct blox_mqtt_sink.
static mp_obj_t session_sink(mp_obj_t self_in, mp_obj_t key, mp_obj_t object) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    size_t i = 0;
    while (i < self->sink_count && !keys_equal(self->sinks[i].key, key)) {
        ++i;
    }
    if (object == mp_const_none) {
        if (i < self->sink_count) {
            size_t behind = --self->sink_count - i;
            memmove(&self->sinks[i], &self->sinks[i + 1],
                    behind * sizeof *self->sinks);
        }
        return mp_const_none;
    }
    if (blox_mqtt_takes(object) == BLOX_MQTT_SINK) {
        mp_get_stream_raise(object, MP_STREAM_OP_WRITE);
    }
    if (self->sink_count == self->sink_capacity) {
        grow_sinks(self);
    }
    self->sinks[i] = (struct blox_mqtt_sink){key, object};
    self->sink_count += i == self->sink_count;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(session_sink_obj, session_sink);

// collect(topic, list): append messages with this topic object to list, while
// it is short, instead of returning them; list None: return them all.
static mp_obj_t session_collect(mp_obj_t self_in, mp_obj_t topic,
                                mp_obj_t list) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    self->direct_topic = topic;
    self->direct = list == mp_const_none ? MP_OBJ_NULL : list;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(session_collect_obj, session_collect);

static MP_DEFINE_CONST_FUN_OBJ_2(session_read_obj, blox_mqtt_obj_read);
static MP_DEFINE_CONST_FUN_OBJ_2(session_send_obj, blox_mqtt_obj_send);
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(session_connect_obj, 7, 10,
                                           blox_mqtt_obj_connect);
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(session_publish_obj, 4, 4,
                                           blox_mqtt_obj_publish);
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(session_publish_now_obj, 4, 4,
                                           blox_mqtt_obj_publish_now);
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(session_subscribe_obj, 3, 4,
                                           blox_mqtt_obj_subscribe);
static MP_DEFINE_CONST_FUN_OBJ_2(session_unsubscribe_obj,
                                 blox_mqtt_obj_unsubscribe);

// match(filter, topic): whether the filter matches, section 4.7.
static mp_obj_t match(mp_obj_t filter, mp_obj_t topic) {
    return mp_obj_new_bool(
        blox_mqtt_topic_match(blox_bind_span(filter), blox_bind_span(topic)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(match_obj, match);

static const mp_rom_map_elem_t session_table[] = {
    BLOX_METHOD(MP_QSTR_read, session_read_obj),
    BLOX_METHOD(MP_QSTR_send, session_send_obj),
    BLOX_METHOD(MP_QSTR_tick, session_tick_obj),
    BLOX_METHOD(MP_QSTR_connect, session_connect_obj),
    BLOX_METHOD(MP_QSTR_disconnect, session_disconnect_obj),
    BLOX_METHOD(MP_QSTR_close, session_close_obj),
    BLOX_METHOD(MP_QSTR_publish, session_publish_obj),
    BLOX_METHOD(MP_QSTR_subscribe, session_subscribe_obj),
    BLOX_METHOD(MP_QSTR_unsubscribe, session_unsubscribe_obj),
    BLOX_METHOD(MP_QSTR_sink, session_sink_obj),
    BLOX_METHOD(MP_QSTR_forget, session_forget_obj),
    BLOX_METHOD(MP_QSTR_collect, session_collect_obj),
    BLOX_METHOD(MP_QSTR_publish_now, session_publish_now_obj),
};
static MP_DEFINE_CONST_DICT(session_dict, session_table);

BLOX_TYPE(blox_mqtt_session_type, MP_QSTR_Session, MP_TYPE_FLAG_NONE, make_new,
          session_make_new, attr, session_attr, locals_dict, &session_dict);

BLOX_MODULE(MP_QSTR__blox_mqtt, blox_mqtt_module,
            BLOX_TYPES(&blox_mqtt_session_type, &blox_mqtt_message_type,
                       &blox_mqtt_queue_type),
            BLOX_MEMBER(MP_QSTR_Session, blox_mqtt_session_type),
            BLOX_MEMBER(MP_QSTR_MQTTMessage, blox_mqtt_message_type),
            BLOX_MEMBER(MP_QSTR_Queue, blox_mqtt_queue_type),
            BLOX_MEMBER(MP_QSTR_match, match_obj));
