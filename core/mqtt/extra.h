// SPDX-License-Identifier: MIT
// What not every device needs of MQTT: QoS 2 both ways, properties and
// subscription options in requests, topic aliases both ways, enhanced
// authentication, MQTT 3.1.1. A session works without it; attached, it takes
// these over. It is a native module of its own on devices.
//
// QoS 2 in: a message is delivered once, by its PUBLISH events. Its packet
// identifier is kept from PUBLISH_END to PUBREL, over connections as long as
// the broker keeps the session, and what comes again meanwhile is passed over
// without an event. QoS 2 out: PUBREC tells that the caller may drop the
// message, PUBCOMP that it is over. When a connection is lost between the two,
// PUBREL goes out again by itself; when the broker has lost its session,
// PUBCOMP comes with MQTT_PACKET_IDENTIFIER_NOT_FOUND. A message whose PUBREC
// never came is asked for by RESEND; sent again to a broker that lost its
// session it may arrive twice, which no client can know.
//
// Topic aliases in: the broker may replace topics by numbers. The table is
// bounded: when a topic does not fit, messages that name it by number alone
// are SKIPPED (at QoS 1 and 2 refused). Out: the first topics published get the
// numbers the broker allows, as far as their table reaches; later packets
// carry the number alone.
#ifndef CORE_MQTT_EXTRA_H
#define CORE_MQTT_EXTRA_H

#include "core/mqtt/session.h"

// Identifiers that came in at QoS 2, and topics by number: the caller's memory,
// which must stay as long as the session is used.
struct mqtt_extra_buffers {
    // Messages at QoS 2 between PUBLISH and PUBREL; what is free of it is
    // announced as Receive Maximum at each connect. A broker that sends more
    // at once breaks the standard; MQTT 3.1.1 announces nothing: make it as
    // large as the broker's own limit there (mosquitto: 20).
    uint16_t *inbound;
    size_t inbound_capacity; // 1 to 65,535
    // Topics of the broker's aliases, each with 4 bytes besides; 0: none.
    uint8_t *aliases_in;
    size_t aliases_in_capacity;
    // The same for our own; 0: none are used.
    uint8_t *aliases_out;
    size_t aliases_out_capacity;
    // Announced as Topic Alias Maximum; 0: no aliases in.
    uint16_t alias_maximum;
};

// A list of numbered topics, packed: number, size, bytes.
struct mqtt_aliases {
    uint8_t *data;
    size_t capacity;
    size_t size;
    uint16_t maximum; // highest number
    uint16_t count;
};

// What the session calls; extra.c has the one table.
struct mqtt_extra_ops {
    // Checks what CONNECT asks for beyond the base, and remembers it. Returns
    // BLOX_OK, BLOX_ERROR_ARGUMENT or BLOX_ERROR_UNSUPPORTED.
    int (*connect)(struct mqtt_session *session,
                   const struct mqtt_connect *connect);
    // Whether properties may go out. Returns as connect.
    int (*check)(const struct mqtt_session *session,
                 struct blox_span properties, int packet_type);
    // Whether a valid filter may be subscribed to so. Returns as connect.
    int (*check_subscription)(const struct mqtt_session *session,
                              const struct mqtt_subscription *subscription);
    // Writes the properties of CONNECT that are ours to announce.
    void (*announce)(struct mqtt_session *session, struct mqtt_writer *writer);
    // CONNACK accepted us. Returns MQTT_SUCCESS, or the reason code to refuse
    // it with.
    int (*accepted)(struct mqtt_session *session, struct blox_span properties);
    // Takes PUBREC, PUBREL, PUBCOMP or AUTH. Returns false when tx has no room
    // for the answer: it is called again.
    bool (*packet)(struct mqtt_session *session, struct mqtt_event *event);
    // A PUBLISH begins. Returns MQTT_SUCCESS, the reason code to refuse it
    // with, or one of enum mqtt_arrival.
    int (*arrived)(struct mqtt_session *session, struct mqtt_publish *publish);
    // Its header did not fit in rx, and with it maybe an alias.
    void (*passed_over)(struct mqtt_session *session);
    // Queues PUBREL for what waits for it, as far as tx has room.
    void (*resume)(struct mqtt_session *session);
    // PUBREC for this message is queued.
    void (*received)(struct mqtt_session *session, uint16_t identifier);
    // A PUBLISH of ours is about to be written; replaces its topic.
    void (*alias)(struct mqtt_session *session, struct mqtt_publish *publish);
    // It was written: the number stands for topic from now on.
    void (*aliased)(struct mqtt_session *session, struct blox_span topic,
                    uint16_t alias);
};

enum mqtt_arrival {
    MQTT_ARRIVED_AGAIN = -1,   // at QoS 2, and was delivered before
    MQTT_ARRIVED_UNKNOWN = -2, // by an alias that did not fit
};

// Everything in it is the session's own.
struct mqtt_extra {
    const struct mqtt_extra_ops *ops;
    uint16_t *inbound;
    size_t inbound_capacity;
    size_t inbound_count;
    struct mqtt_aliases in;
    struct mqtt_aliases out;
    struct blox_span method; // of authentication, in the caller's properties
    uint16_t announced;      // Receive Maximum of this connection
    bool aliases_lost;       // one did not fit in the table
    uint8_t unavailable;     // bits of what the broker does not have
};

// Attaches extra to a session that is closed; both stay as long as the session
// is used. Returns BLOX_OK; BLOX_ERROR_STATE when the session is not closed;
// BLOX_ERROR_BUFFER when inbound has no or too many places.
int blox_mqtt_extra_attach(struct mqtt_session *session,
                           struct mqtt_extra *extra,
                           const struct mqtt_extra_buffers *buffers);

// Queues AUTH: MQTT_CONTINUE_AUTHENTICATION answers an AUTH event,
// MQTT_REAUTHENTICATE begins anew when connected. properties are encoded and
// name the method of CONNECT. Returns BLOX_OK; BLOX_ERROR_STATE when CONNECT
// had no Authentication Method, or before CONNECT; BLOX_ERROR_ARGUMENT for
// another reason code, properties the standard does not allow or another
// method; BLOX_ERROR_BUFFER while tx has no room; BLOX_ERROR_LIMIT when it
// never fits.
int blox_mqtt_auth(struct mqtt_session *session, uint8_t reason_code,
                   struct blox_span properties);

#endif
