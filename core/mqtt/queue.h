// SPDX-License-Identifier: MIT
// Messages on their way out, in order: accepted by the device, and not yet
// the broker's. The queue sees neither topic nor payload: a message is a
// pointer of the caller, a QoS and a size. It decides what goes next, what
// there is no room for, and what is given up for it.
//
//   blox_mqtt_queue_add(&queue, message, qos, size)   publish() is called
//   while the session takes it:
//     blox_mqtt_queue_next() -> message               publish it
//     blox_mqtt_queue_sent(&queue, identifier)        0 at QoS 0: it is over
//   blox_mqtt_queue_find(&queue, identifier)          on RESEND
//   blox_mqtt_queue_done(&queue, identifier)          on PUBACK or PUBCOMP
//
// A message at QoS 1 or 2 stays, and counts, until it is done; over a lost
// connection it keeps its packet identifier, as the session does.
//
// Limits count all messages in the queue and the bytes of those. When a new
// one does not fit the policy decides:
//   BLOX_MQTT_QUEUE_REFUSE  it is refused
//   BLOX_MQTT_QUEUE_DROP    the oldest messages at QoS 0 go, one after the
//                           other, until it fits; when even that does not
//                           help it is refused, and nothing goes. What was
//                           accepted at QoS 1 or 2 is never dropped.
#ifndef CORE_MQTT_QUEUE_H
#define CORE_MQTT_QUEUE_H

#include "core/base/error.h"
#include "core/base/span.h"

enum mqtt_queue_policy { BLOX_MQTT_QUEUE_REFUSE, BLOX_MQTT_QUEUE_DROP };

// The caller provides the memory, the queue alone looks inside.
struct mqtt_queued {
    void *message;
    uint32_t size;              // bytes
    uint16_t packet_identifier; // once sent, until it is done
    uint8_t qos;
    bool sent;
};

struct mqtt_queue_limits {
    uint32_t messages;
    uint32_t bytes;
    enum mqtt_queue_policy policy;
};

// The counts may be read; the rest is the queue's own.
struct mqtt_queue {
    uint32_t bytes;   // of all messages in it
    uint32_t count;   // messages in it
    uint32_t dropped; // since init: accepted and given up for a newer one
    uint32_t refused; // since init
    struct mqtt_queue_limits limits;
    struct mqtt_queued *entries;
    uint32_t capacity; // entries
};

// entries: room for capacity messages; may be none (NULL, 0) at first.
void blox_mqtt_queue_init(struct mqtt_queue *queue,
                          const struct mqtt_queue_limits *limits,
                          struct mqtt_queued *entries, uint32_t capacity);

// Moves the queue into larger memory; the old one is no longer used.
void blox_mqtt_queue_grow(struct mqtt_queue *queue, struct mqtt_queued *entries,
                          uint32_t capacity);

// Whether a message of size bytes is within the limits and nothing needs to go
// for it.
bool blox_mqtt_queue_fits(const struct mqtt_queue *queue, uint32_t size);

// Puts a message of size bytes behind the others, whatever the limits say.
// Returns BLOX_OK or BLOX_ERROR_BUFFER.
int blox_mqtt_queue_push(struct mqtt_queue *queue, void *message, uint8_t qos,
                         uint32_t size);

// Puts a message of size bytes behind the others. Returns BLOX_OK;
// BLOX_ERROR_BUFFER, nothing changed, when the limits allow it and entries are
// too few (blox_mqtt_queue_grow, then again); BLOX_ERROR_LIMIT when it is
// refused, which is counted.
int blox_mqtt_queue_add(struct mqtt_queue *queue, void *message, uint8_t qos,
                        uint32_t size);

// The oldest message that was not sent, or NULL.
void *blox_mqtt_queue_next(const struct mqtt_queue *queue);

// The message of blox_mqtt_queue_next is sent, under this identifier.
void blox_mqtt_queue_sent(struct mqtt_queue *queue, uint16_t packet_identifier);

// The message of blox_mqtt_queue_next cannot be sent: it goes.
void blox_mqtt_queue_fail(struct mqtt_queue *queue);

// The message sent under this identifier, or NULL; done also removes it.
void *blox_mqtt_queue_find(const struct mqtt_queue *queue,
                           uint16_t packet_identifier);
void *blox_mqtt_queue_done(struct mqtt_queue *queue,
                           uint16_t packet_identifier);

// The session that knew the identifiers is gone: all is sent anew.
void blox_mqtt_queue_restart(struct mqtt_queue *queue);

// Takes the oldest message out, sent or not, or returns NULL.
void *blox_mqtt_queue_take(struct mqtt_queue *queue);

#endif
