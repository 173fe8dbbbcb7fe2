// SPDX-License-Identifier: MIT
// What the files of the session share; nobody else includes it.
#ifndef CORE_MQTT_INTERNAL_H
#define CORE_MQTT_INTERNAL_H

#include "core/mqtt/extra.h"

// session->state
enum {
    MQTT_STATE_CLOSED,
    MQTT_STATE_CONNECTING, // CONNECT queued, no CONNACK yet
    MQTT_STATE_CONNECTED,
    MQTT_STATE_ENDED, // nothing more comes in; close is next
};

// session->stage: what the next byte from the broker is.
enum {
    MQTT_STAGE_TYPE,         // the first byte of a packet
    MQTT_STAGE_LENGTH,       // of its Remaining Length
    MQTT_STAGE_BODY,         // of a packet that is not PUBLISH
    MQTT_STAGE_TOPIC_LENGTH, // PUBLISH: its first two bytes
    MQTT_STAGE_TOPIC,        // topic, identifier, property length
    MQTT_STAGE_PROPERTIES,
    MQTT_STAGE_SKIP_IDENTIFIER, // of a header that does not fit in rx
    MQTT_STAGE_PAYLOAD,
    // From here on bytes are dropped.
    MQTT_STAGE_SKIP_TOPIC, // of a header that does not fit in rx
    MQTT_STAGE_SKIP_REST,
    MQTT_STAGE_SKIP_AGAIN, // the payload of a message delivered before
};

// session->ready: what blox_mqtt_next makes of it.
enum {
    MQTT_READY_NONE,
    MQTT_READY_PACKET,  // rx holds a packet that is not PUBLISH
    MQTT_READY_PUBLISH, // rx holds the header of one
    MQTT_READY_CHUNK,   // chunk is set
    MQTT_READY_END,     // the payload is complete
    MQTT_READY_SKIPPED,
    MQTT_READY_AGAIN, // a message at QoS 2 that was delivered before
    MQTT_READY_ERROR,
};

// in_flight[].resend
enum {
    MQTT_SENT,        // waits for its answer
    MQTT_UNSENT,      // a RESEND event is due, or PUBREL
    MQTT_ASKED_AGAIN, // the event was given
};

// The session cannot go on: makes the ERROR event, and queues DISCONNECT when
// there is room and reason_code is not MQTT_SUCCESS.
void blox_mqtt_fail(struct mqtt_session *session, int error, int reason_code);

// The broker broke the standard: fails with BLOX_ERROR_FORMAT.
void blox_mqtt_refuse(struct mqtt_session *session, int reason_code);

// output.c: whether the buffer holds size bytes; it is made larger for them
// where that is allowed.
bool blox_mqtt_holds(struct mqtt_session *session, struct mqtt_buffer *buffer,
                     size_t size);

// Packets are written behind what waits in tx. packet_begin gives
// the writer for the body, packet_end puts the fixed header before it; more
// bytes of the body (a streamed payload) are not in tx. Returns BLOX_OK,
// BLOX_ERROR_BUFFER, BLOX_ERROR_LIMIT or BLOX_ERROR_MEMORY.
struct mqtt_writer blox_mqtt_packet_begin(struct mqtt_session *session);
int blox_mqtt_packet_end(struct mqtt_session *session,
                         const struct mqtt_writer *writer, uint8_t first_byte,
                         uint32_t more);

// Queues PUBACK, PUBREC, PUBREL or PUBCOMP; DISCONNECT or AUTH; PINGREQ. Each
// returns as blox_mqtt_packet_end.
int blox_mqtt_send_ack(struct mqtt_session *session, int packet_type,
                       uint16_t packet_identifier, uint8_t reason_code);
int blox_mqtt_send_reason(struct mqtt_session *session, int packet_type,
                          uint8_t reason_code, struct blox_span properties);
int blox_mqtt_send_pingreq(struct mqtt_session *session);

// events.c: reads a packet of mqtt_ack's kinds from rx. Returns false when it
// was refused, and the session has ended.
bool blox_mqtt_take_ack(struct mqtt_session *session, struct mqtt_ack *ack);

// request.c: whether properties may go out in a packet of this type, or as
// MQTT_PUBLISH; what are none needs no extra. Returns BLOX_OK,
// BLOX_ERROR_ARGUMENT or BLOX_ERROR_UNSUPPORTED.
int blox_mqtt_check_properties(const struct mqtt_session *session,
                               struct blox_span properties, int packet_type);

// in_flight.c. find returns NULL when there is no such entry.
struct mqtt_in_flight *
blox_mqtt_in_flight_find(const struct mqtt_session *session,
                         uint16_t packet_identifier);
// Adds an entry under a new identifier. Returns it, or BLOX_ERROR_BUFFER.
int32_t blox_mqtt_in_flight_add(struct mqtt_session *session, int answer);
// The message was received: PUBCOMP comes next. The entry goes to the end, so
// that PUBREL goes out again in the order of PUBREC [MQTT-4.6.0-4].
void blox_mqtt_in_flight_release(struct mqtt_session *session,
                                 struct mqtt_in_flight *entry);
void blox_mqtt_in_flight_remove(struct mqtt_session *session,
                                struct mqtt_in_flight *entry);
// The connection ended: messages are to be sent again, all else is forgotten.
void blox_mqtt_in_flight_lost(struct mqtt_session *session);
// Messages sent and not acknowledged.
size_t blox_mqtt_in_flight_count(const struct mqtt_session *session);
// The oldest message that an event is due for; the oldest that one was given
// for and that was not published again. NULL without one.
struct mqtt_in_flight *
blox_mqtt_in_flight_due(const struct mqtt_session *session);
struct mqtt_in_flight *
blox_mqtt_in_flight_asked(const struct mqtt_session *session);

#endif
