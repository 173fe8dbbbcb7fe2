// SPDX-License-Identifier: MIT
// From a stream through the session to Python. A message is one object and
// its payload another; the payload for a sink makes no object at all.
//
// Python code runs here: begin, write and end of a sink. What it raises is
// not the connection's fault: it is caught and handed on as an event. Memory
// may run out where objects are made: before that the object is in the state
// it shall have when the call does not return, so that one message is lost.
#include "bind/mqtt/object.h"

#include <string.h>

#include "core/base/compiler.h"
#include "core/mqtt/topic.h"

#ifndef MP_ECONNRESET
#define MP_ECONNRESET 104
#endif

static mp_obj_t small(mp_int_t value) {
    return MP_OBJ_NEW_SMALL_INT(value);
}

enum { ITEMS = 4 };

// told: the tuple's memory, or MP_OBJ_NULL.
static mp_obj_t fill(mp_obj_t told, int type, mp_obj_t a, mp_obj_t b,
                     mp_obj_t c) {
    mp_obj_t *items;
    told = told == MP_OBJ_NULL ? mp_obj_new_tuple(ITEMS, NULL) : told;
    (void)blox_mqtt_items(told, &items);
    items[0] = small(type);
    items[1] = a;
    items[2] = b;
    items[3] = c;
    return told;
}

// What Python gets of an event that is not a message.
static mp_obj_t tuple(int type, mp_obj_t a, mp_obj_t b, mp_obj_t c) {
    return fill(MP_OBJ_NULL, type, a, b, c);
}

// A tuple to fill, or MP_OBJ_NULL.
static mp_obj_t empty_tuple_maybe(void) {
    mp_obj_tuple_t *told =
        blox_malloc_maybe(sizeof *told + ITEMS * sizeof(mp_obj_t));
    if (told == NULL) {
        return MP_OBJ_NULL;
    }
    told->base.type = mp_obj_get_type(mp_const_empty_tuple);
    told->len = ITEMS;
    return MP_OBJ_FROM_PTR(told);
}

// Whether the message came by the subscription with this identifier.
static bool has_identifier(struct blox_span properties, mp_obj_t identifier) {
    struct mqtt_reader reader = blox_mqtt_reader(properties);
    struct mqtt_property_value property;
    while (blox_mqtt_property_next(&reader, &property)) {
        if (property.identifier == MQTT_SUBSCRIPTION_IDENTIFIER &&
            small((mp_int_t)property.value) == identifier) {
            return true;
        }
    }
    return false;
}

// The sink that wants the message, NULL without one.
static struct blox_mqtt_sink *find_sink(const blox_mqtt_obj *self,
                                        const struct mqtt_publish *publish) {
    for (size_t i = 0; i < self->sink_count; ++i) {
        mp_obj_t key = self->sinks[i].key;
        if (mp_obj_is_small_int(key)
                ? has_identifier(publish->properties, key)
                : blox_mqtt_topic_match(blox_bind_span(key), publish->topic)) {
            return &self->sinks[i];
        }
    }
    return NULL;
}

static mp_obj_t bytes_or_none(struct blox_span span) {
    return span.size > 0 ? blox_new_bytes(span) : mp_const_none;
}

struct sink_call {
    blox_mqtt_obj *self;
    mp_obj_t sink;
    enum blox_mqtt_taking taking;
    struct blox_span chunk;
    bool ok;
};

// Calls a function that runs code of the sink. Returns the tuple of what it
// raised, or MP_OBJ_NULL.
static mp_obj_t call_sink(void (*function)(void *), struct sink_call *call) {
    mp_obj_t exception = blox_catch(function, call);
    if (exception == MP_OBJ_NULL) {
        return MP_OBJ_NULL;
    }
    return tuple(MQTT_EVENT_NONE, exception, mp_const_none, mp_const_none);
}

// Asks the sink whether it wants the payload.
static void call_begin(void *argument) {
    struct sink_call *call = argument;
    if (call->taking != BLOX_MQTT_SINK) {
        call->sink = blox_mqtt_unread_begin(call->self, call->sink);
        call->ok = call->sink != MP_OBJ_NULL;
        return;
    }
    mp_obj_t method[5];
    mp_load_method(call->sink, MP_QSTR_begin, method);
    method[2] = call->self->topic;
    method[3] = mp_obj_new_int_from_uint(call->self->payload_size);
    method[4] = mp_obj_new_bool(call->self->retain);
    call->ok = mp_obj_is_true(blox_call_method(3, 0, method));
}

static mp_obj_t begin_sink(blox_mqtt_obj *self, mp_obj_t sink) {
    struct sink_call call = {
        .self = self, .sink = sink, .taking = blox_mqtt_takes(sink)};
    mp_obj_t raised = call_sink(call_begin, &call);
    if (call.ok) {
        self->sink = call.sink;
        self->sink_ok = true;
        self->taking = call.taking;
    }
    return raised;
}

BLOX_NOINLINE static mp_obj_t
begin_message(blox_mqtt_obj *self, const struct mqtt_publish *publish) {
    self->taking = BLOX_MQTT_SKIP;
    self->payload_size = publish->payload_size;
    self->packet_identifier = publish->packet_identifier;
    self->qos = publish->qos;
    self->retain = publish->retain;
    self->collected = NULL;
    self->collected_size = 0;
    self->properties = MP_OBJ_NULL;
    if (self->topic == MP_OBJ_NULL ||
        !blox_span_equal(blox_bind_span(self->topic), publish->topic)) {
        self->topic = blox_new_str(publish->topic);
    }
    const struct blox_mqtt_sink *sink = find_sink(self, publish);
    if (sink != NULL) {
        return begin_sink(self, sink->object);
    }
    if (self->session.extra != NULL) {
        self->properties = publish->properties.size > 0
                               ? blox_new_bytes(publish->properties)
                               : MP_OBJ_NULL;
    }
    if (publish->payload_size <= BLOX_MQTT_MESSAGE_MAX) {
        self->taking = BLOX_MQTT_MESSAGE;
        return MP_OBJ_NULL;
    }
    ++self->skipped;
    return tuple(MQTT_EVENT_SKIPPED, self->topic,
                 mp_obj_new_int_from_uint(publish->payload_size),
                 small(self->skipped & BLOX_TICKS_MASK));
}

// MicroPython looks for room from the last single block it gave on, and after a
// collection from the start of the heap: each larger block would be looked for
// behind all that is in use. Single blocks fill the holes there, until they
// come from behind newest: that halved the time a message takes.
static void fill_holes(const uint8_t *newest) {
    enum { AT_ONCE = 4 };
    const uint8_t *hole = newest;
    for (int i = 0; i < AT_ONCE && hole <= newest; ++i) {
        hole = m_malloc(1);
    }
}

static void collect(blox_mqtt_obj *self, struct blox_span chunk) {
    if (self->collected == NULL) {
        self->taking = BLOX_MQTT_SKIP;
        self->collected = m_malloc(self->payload_size + 1);
        fill_holes(self->collected);
        self->taking = BLOX_MQTT_MESSAGE;
    }
    memcpy(self->collected + self->collected_size, chunk.data, chunk.size);
    self->collected_size += chunk.size;
}

// The collected memory as a bytes object, without a copy and without the hash
// that blox_new_bytes would compute.
static mp_obj_t collected_bytes(blox_mqtt_obj *self) {
    if (self->collected == NULL) {
        return blox_new_bytes(blox_span("", 0));
    }
    mp_obj_str_t *bytes = mp_obj_malloc(mp_obj_str_t, &mp_type_bytes);
    bytes->hash = 0;
    bytes->len = self->collected_size;
    bytes->data = self->collected;
    self->collected[self->collected_size] = '\0';
    self->collected = NULL;
    return MP_OBJ_FROM_PTR(bytes);
}

static void call_write(void *argument) {
    struct sink_call *call = argument;
    if (call->taking == BLOX_MQTT_DIGEST) {
        blox_mqtt_unread_hash(call->sink, call->chunk);
        call->ok = true;
        return;
    }
    const mp_stream_p_t *stream =
        mp_get_stream_raise(call->sink, MP_STREAM_OP_WRITE);
    struct blox_span chunk = call->chunk;
    while (chunk.size > 0) {
        int error = 0;
        mp_uint_t size =
            stream->write(call->sink, chunk.data, chunk.size, &error);
        if (size == MP_STREAM_ERROR || size == 0) {
            mp_raise_OSError(size == 0 ? MP_EIO : error);
        }
        chunk = blox_span_part(chunk, size, chunk.size);
    }
    call->ok = true;
}

// After a write that failed the sink gets no more but end(False).
static mp_obj_t take_payload(blox_mqtt_obj *self, struct blox_span chunk) {
    if (self->taking == BLOX_MQTT_MESSAGE) {
        collect(self, chunk);
    } else if (self->taking >= BLOX_MQTT_SINK && self->sink_ok) {
        struct sink_call call = {self, self->sink, self->taking, chunk, false};
        self->sink_ok = false;
        mp_obj_t raised = call_sink(call_write, &call);
        self->sink_ok = call.ok;
        return raised;
    }
    return MP_OBJ_NULL;
}

static void call_end(void *argument) {
    struct sink_call *call = argument;
    if (call->taking == BLOX_MQTT_SINK) {
        blox_call(call->sink, MP_QSTR_end, mp_obj_new_bool(call->ok));
    } else {
        blox_mqtt_unread_end(call->self, call->sink,
                             call->taking == BLOX_MQTT_FILE, call->ok);
    }
}

static mp_obj_t end_sink(blox_mqtt_obj *self, bool ok) {
    struct sink_call call = {
        .self = self, .sink = self->sink, .taking = self->taking, .ok = ok};
    self->taking = BLOX_MQTT_SKIP;
    self->sink = MP_OBJ_NULL;
    return call_sink(call_end, &call);
}

// A consumer whose last message has the same topic gets this one without a
// detour through Python. Returns MP_OBJ_NULL then, else the message.
static mp_obj_t deliver(blox_mqtt_obj *self, mp_obj_t message) {
    if (self->direct == MP_OBJ_NULL || self->topic != self->direct_topic) {
        return message;
    }
    mp_obj_t *items;
    if (blox_mqtt_items(self->direct, &items) >= BLOX_MQTT_WAITING) {
        return message;
    }
    mp_obj_list_append(self->direct, message);
    return MP_OBJ_NULL;
}

static mp_obj_t end_message(blox_mqtt_obj *self) {
    if (self->taking >= BLOX_MQTT_SINK) {
        return end_sink(self, self->sink_ok);
    }
    if (self->taking == BLOX_MQTT_SKIP) {
        return MP_OBJ_NULL;
    }
    blox_mqtt_message *message = blox_mqtt_message_new(
        self->topic, collected_bytes(self), self->properties);
    message->packet_identifier = self->packet_identifier;
    message->qos = self->qos;
    message->flags |= self->retain ? BLOX_MQTT_RETAIN : 0;
    return deliver(self, MP_OBJ_FROM_PTR(message));
}

static mp_obj_t text_of(const struct mqtt_ack *ack, int property) {
    struct blox_span text = blox_mqtt_property_text(ack->properties, property);
    return text.size > 0 ? blox_new_str(text) : mp_const_none;
}

struct answer {
    blox_mqtt_obj *self;
    const struct mqtt_ack *ack;
    mp_obj_t sentence;
    mp_obj_t client_identifier;
};

// Keeps what the broker says besides its reason code. Runs in blox_catch: an
// answer is worth more than its words.
static void read_words(void *argument) {
    struct answer *answer = argument;
    const struct mqtt_ack *ack = answer->ack;
    blox_mqtt_obj *self = answer->self;
    self->said = MP_OBJ_NULL;
    answer->client_identifier = text_of(ack, MQTT_ASSIGNED_CLIENT_IDENTIFIER);
    answer->sentence = text_of(ack, MQTT_REASON_STRING);
    if (self->session.extra != NULL ||
        ack->reason_code >= MQTT_REASON_FAILURE) {
        self->said = bytes_or_none(ack->properties);
    }
}

// CONNACK: reason code, client identifier the broker assigned, sentence.
// Answers: packet identifier, reason code, sentence. What there is not is None.
static mp_obj_t answer_tuple(blox_mqtt_obj *self,
                             const struct mqtt_event *event, mp_obj_t told) {
    const struct mqtt_ack *ack = &event->ack;
    struct answer answer = {self, ack, mp_const_none, mp_const_none};
    (void)blox_catch(read_words, &answer);
    mp_obj_t code = small(ack->reason_code);
    return event->type == MQTT_EVENT_CONNACK
               ? fill(told, event->type, code, answer.client_identifier,
                      answer.sentence)
               : fill(told, event->type, small(ack->packet_identifier), code,
                      answer.sentence);
}

// RESEND: packet identifier, dup. ERROR: enum blox_error, reason code.
// SKIPPED: topic, size, how many were.
BLOX_NOINLINE static mp_obj_t event_tuple(blox_mqtt_obj *self,
                                          const struct mqtt_event *event,
                                          mp_obj_t told) {
    int type = event->type;
    if (type == MQTT_EVENT_RESEND) {
        return fill(told, type, small(event->resend.packet_identifier),
                    mp_obj_new_bool(event->resend.dup), mp_const_none);
    }
    if (type == MQTT_EVENT_ERROR) {
        return fill(told, type, small(event->error.error),
                    small(event->error.reason_code), mp_const_none);
    }
    if (type == MQTT_EVENT_SKIPPED) {
        ++self->skipped;
        return fill(told, type, mp_const_none, small(0),
                    small(self->skipped & BLOX_TICKS_MASK));
    }
    return answer_tuple(self, event, told);
}

// Something unread is said before what comes next.
static mp_obj_t say_unread(blox_mqtt_obj *self, mp_obj_t told) {
    mp_obj_t unread = self->unread;
    self->unread = MP_OBJ_NULL;
    return fill(told, MQTT_EVENT_UNREAD, unread, small((mp_int_t)self->files),
                mp_const_none);
}

// Works off one event of the session. Returns its tuple for Python, or
// MP_OBJ_NULL.
static mp_obj_t take_event(blox_mqtt_obj *self, const struct mqtt_event *event,
                           mp_obj_t told) {
    switch (event->type) {
    case MQTT_EVENT_PAYLOAD:
        return take_payload(self, event->payload);
    case MQTT_EVENT_PUBLISH:
        return begin_message(self, &event->publish);
    case MQTT_EVENT_PUBLISH_END:
        return end_message(self);
    case MQTT_EVENT_PINGRESP:
        return MP_OBJ_NULL;
    default:
        return event_tuple(self, event, told);
    }
}

mp_obj_t blox_mqtt_obj_event(blox_mqtt_obj *self) {
    struct mqtt_event event;
    mp_obj_t said;
    do {
        mp_obj_t told = MP_OBJ_NULL;
        bool unread = self->unread != MP_OBJ_NULL;
        if (unread || blox_mqtt_answers(&self->session)) {
            told = empty_tuple_maybe();
            if (told == MP_OBJ_NULL) {
                return mp_const_false;
            }
        }
        if (unread) {
            return say_unread(self, told);
        }
        if (!blox_mqtt_next(&self->session, &event)) {
            return MP_OBJ_NULL;
        }
        said = take_event(self, &event, told);
    } while (said == MP_OBJ_NULL);
    return said;
}

// Reads once. Returns false when nothing is there now.
static bool read_some(blox_mqtt_obj *self, mp_obj_t stream_in) {
    const mp_stream_p_t *stream =
        mp_get_stream_raise(stream_in, MP_STREAM_OP_READ);
    int error = 0;
    // The last read filled the buffer: there is more. Without the memory it
    // comes in small pieces.
    enum { TIMES = 4 };
    if (self->io_size == self->io.capacity && self->io_size < self->io.most) {
        blox_mqtt_obj_grow(&self->io, TIMES * self->io_size);
    }
    self->io_at = 0;
    self->io_size = 0;
    mp_uint_t size =
        stream->read(stream_in, self->io.data, self->io.capacity, &error);
    if (size == MP_STREAM_ERROR && error == MP_EAGAIN) {
        return false;
    }
    if (size == MP_STREAM_ERROR || size == 0) {
        mp_raise_OSError(size == 0 ? MP_ECONNRESET : error);
    }
    self->io_size = size;
    self->received += size;
    return true;
}

// read(stream): reads at most once, without waiting, and works off what
// was read. Returns an event that Python must see (call again); None when
// nothing more is to be had before the stream is readable; True when there
// may be more at once; False when output must be sent first, or there is no
// memory to say what has come: it is said later.
mp_obj_t blox_mqtt_obj_read(mp_obj_t self_in, mp_obj_t stream) {
    blox_mqtt_obj *self = MP_OBJ_TO_PTR(self_in);
    bool has_read = false;
    for (;;) {
        mp_obj_t event = blox_mqtt_obj_event(self);
        if (event != MP_OBJ_NULL) {
            return event;
        }
        if (self->io_at < self->io_size) {
            size_t taken =
                blox_mqtt_feed(&self->session, self->io.data + self->io_at,
                               self->io_size - self->io_at);
            self->io_at += taken;
            if (taken == 0) {
                return mp_const_false;
            }
        } else if (has_read) {
            bool full = self->io_size == self->io.capacity;
            return full ? mp_const_true : mp_const_none;
        } else if (!read_some(self, stream)) {
            return mp_const_none;
        } else {
            has_read = true;
        }
    }
}

mp_obj_t blox_mqtt_obj_abort(blox_mqtt_obj *self) {
    self->io_at = 0;
    self->io_size = 0;
    self->collected = NULL;
    self->streamed = MP_OBJ_NULL;
    self->again = 0;
    if (self->taking >= BLOX_MQTT_SINK) {
        return end_sink(self, false);
    }
    self->taking = BLOX_MQTT_SKIP;
    return MP_OBJ_NULL;
}
