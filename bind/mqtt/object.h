// SPDX-License-Identifier: MIT
// The object behind _blox_mqtt.Session, shared by the files of this module.
#ifndef BIND_MQTT_OBJECT_H
#define BIND_MQTT_OBJECT_H

#include "bind/common/module.h"
#include "core/mqtt/session.h"

// What becomes of the payload that is coming in.
enum blox_mqtt_taking {
    BLOX_MQTT_SKIP,    // dropped
    BLOX_MQTT_MESSAGE, // collected into one bytes object
    BLOX_MQTT_SINK,    // written to a sink
    BLOX_MQTT_FILE,    // written to a file, for later
    BLOX_MQTT_DIGEST,  // hashed
};

// All payloads go to object whose topic matches a filter, or that come with a
// subscription identifier. Where nobody reads them for now (core/mqtt/unread.h)
// object is hashlib.sha256, or a str with the files' paths, '/.blox/came%d'.
struct blox_mqtt_sink {
    mp_obj_t key; // str: a topic filter; int: a subscription identifier
    mp_obj_t object;
};

// One message, in or out. Exactly one block of the heap, on 32 and on 64 bits:
// MicroPython finds room for one block much faster than for two.
typedef struct {
    mp_obj_base_t base;
    mp_obj_t topic;
    mp_obj_t raw_payload;
    uint16_t packet_identifier; // 0: none
    uint8_t qos;
    uint8_t flags; // enum blox_mqtt_message_flag
} blox_mqtt_message;

enum blox_mqtt_message_flag {
    BLOX_MQTT_RETAIN = 1,
    BLOX_MQTT_FULL = 2, // it is a blox_mqtt_full_message
};

// One that has properties, or was made in Python and may get some.
typedef struct {
    blox_mqtt_message message;
    mp_obj_t properties; // encoded, bytes or None
} blox_mqtt_full_message;

extern const mp_obj_type_t blox_mqtt_message_type;
extern const mp_obj_type_t blox_mqtt_queue_type; // queue.c

// message.c; the identifier is 0, as are QoS and retain. properties is bytes or
// None, or MP_OBJ_NULL when there never are any.
blox_mqtt_message *blox_mqtt_message_new(mp_obj_t topic, mp_obj_t payload,
                                         mp_obj_t properties);

// Small buffers, where what a quiet connection has to say fits in; larger ones
// are made when more is, and forgotten when it is quiet again.
enum {
    BLOX_MQTT_IO_REST = 48,
    BLOX_MQTT_RX_REST = BLOX_MQTT_RX_MIN, // a topic of 60 bytes
    BLOX_MQTT_TX_REST = 112,              // most states, as one packet
    BLOX_MQTT_TX_COPY = 256,              // a payload goes out in one packet
    BLOX_MQTT_QUIET = 256, // bytes received from one tick to the next
};

// On MicroPython's heap: what it points to stays as long as it does. What is
// used most stands first, as in struct mqtt_session.
typedef struct {
    mp_obj_base_t base;
    struct mqtt_session session;
    struct mqtt_buffer io; // bytes read and not yet fed: [io_at, io_size)
    size_t io_size;
    size_t io_at;
    uint32_t received; // bytes read since init, wraps
    uint32_t quiet;    // received, at the last tick
    uint32_t skipped;  // messages dropped since init
    struct blox_clock clock;
    // Encoded properties: what CONNECT said (an authentication method must
    // stay), what the broker said last, those of the message coming in. The
    // latter two are kept when extra is attached, or the session refused.
    mp_obj_t asked;
    mp_obj_t said;
    mp_obj_t properties;
    struct blox_mqtt_sink *sinks;
    size_t sink_count;
    size_t sink_capacity;
    // The message coming in.
    uint8_t taking; // enum blox_mqtt_taking
    bool sink_ok;   // no write has failed
    bool brief;     // tx was made larger for one message
    bool retain;
    uint8_t qos;
    uint16_t packet_identifier;
    uint32_t payload_size;
    mp_obj_t topic;     // str, kept for the next message of that topic
    uint8_t *collected; // of payload_size, NULL until there are any
    size_t collected_size;
    // Messages of direct_topic (the very object) are appended to this list as
    // long as it has fewer than BLOX_MQTT_WAITING; MP_OBJ_NULL: no such list.
    mp_obj_t direct;
    mp_obj_t direct_topic;
    mp_obj_t sink;
    // What is unread and was not said yet: a hash, False where a message is
    // gone, True for a file and for what the broker sends again.
    mp_obj_t unread;
    size_t files; // that are complete
    // The payload going out in pieces.
    mp_obj_t streamed;
    // The size of a write the stream had no room for, 0: none. mbedtls wants
    // it again as it was: what came behind it since waits.
    size_t again;
    uint32_t mark; // BLOX_MQTT_MARK, for _blox_mqtt_extra to know it by
    uint8_t io_rest[BLOX_MQTT_IO_REST];
    uint8_t rx_rest[BLOX_MQTT_RX_REST];
    uint8_t tx_rest[BLOX_MQTT_TX_REST];
} blox_mqtt_obj;

enum {
    BLOX_MQTT_MESSAGE_MAX = 8192, // bytes; a longer payload needs a sink
    // Another version of the struct, another mark.
    BLOX_MQTT_MARK = 0x626c0400 + sizeof(struct mqtt_session),
    BLOX_MQTT_WAITING = 16, // as in python/mpy_blox/mqtt/routes.py
};

// mqtt.c: more memory for a buffer, without which it stays as it is.
void blox_mqtt_obj_grow(struct mqtt_buffer *buffer, size_t size);
// Nothing waits in tx: the small buffer will do.
void blox_mqtt_obj_rest_tx(blox_mqtt_obj *self);

// incoming.c: read(stream), and the end of a payload that never came
// whole, which returns the tuple of what a sink raised, or MP_OBJ_NULL.
mp_obj_t blox_mqtt_obj_read(mp_obj_t self_in, mp_obj_t stream);
mp_obj_t blox_mqtt_obj_abort(blox_mqtt_obj *self);
// Takes events of the session up to one Python must see. Returns its tuple,
// MP_OBJ_NULL when there is none, or False when there is no memory for it: an
// answer is not taken then. Where a message is lost for that it raises
// MemoryError.
mp_obj_t blox_mqtt_obj_event(blox_mqtt_obj *self);

// unread.c: how a struct blox_mqtt_sink takes a payload; and what is done with
// a file or a hash for begin (returns it, or MP_OBJ_NULL), write and end.
enum blox_mqtt_taking blox_mqtt_takes(mp_obj_t sink);
mp_obj_t blox_mqtt_unread_begin(blox_mqtt_obj *self, mp_obj_t sink);
void blox_mqtt_unread_hash(mp_obj_t hash, struct blox_span chunk);
void blox_mqtt_unread_end(blox_mqtt_obj *self, mp_obj_t object, bool file,
                          bool ok);

// outgoing.c. raise: ValueError(error), enum blox_error, which
// python/mpy_blox/mqtt/explain.py makes a sentence of, or MemoryError.
_Noreturn void blox_mqtt_raise(int error);
// items: the number of items of a list or tuple, and where they
// are; raises TypeError for anything else.
size_t blox_mqtt_items(mp_obj_t object, mp_obj_t **items);
mp_obj_t blox_mqtt_obj_send(mp_obj_t self_in, mp_obj_t stream);
mp_obj_t blox_mqtt_obj_connect(size_t count, const mp_obj_t *arguments);
mp_obj_t blox_mqtt_obj_publish(size_t count, const mp_obj_t *arguments);
mp_obj_t blox_mqtt_obj_publish_now(size_t count, const mp_obj_t *arguments);
mp_obj_t blox_mqtt_obj_subscribe(size_t count, const mp_obj_t *arguments);
mp_obj_t blox_mqtt_obj_disconnect(size_t count, const mp_obj_t *arguments);
mp_obj_t blox_mqtt_obj_unsubscribe(mp_obj_t self_in, mp_obj_t filter);

#endif
