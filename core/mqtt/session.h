// SPDX-License-Identifier: MIT
// One MQTT 5.0 client session (or 3.1.1, for old brokers): bytes from the
// broker in, events out; requests in, bytes for the broker out. No I/O, no
// clock, no heap.
//
// The caller moves bytes and looks at the clock:
//
//   blox_mqtt_init(&session, &buffers);
//   for each connection:
//     blox_mqtt_connect(&session, &connect);
//     while the transport lives:
//       send blox_mqtt_output(), then say blox_mqtt_sent(); when
//         blox_mqtt_payload_due() > 0 send that much of the payload instead
//         and say blox_mqtt_payload_sent()
//       feed what came in: blox_mqtt_feed() takes bytes up to the next event,
//         then blox_mqtt_next() until it gives none, then the rest
//       blox_mqtt_tick() when its last answer has passed, and after I/O
//     blox_mqtt_close(&session);
//
// A payload is never held: in comes as PUBLISH, then PAYLOAD for each run of
// bytes, as spans of the caller's own input, then PUBLISH_END; out goes from
// the caller's memory to the transport. Its size has no limit but that of the
// protocol, 268,435,455 bytes.
//
// QoS 0 and 1 both ways. With blox_mqtt_extra_attach (core/mqtt/extra.h) also
// QoS 2, properties and subscription options in requests, topic aliases,
// enhanced authentication, MQTT 3.1.1; a request that needs it is
// BLOX_ERROR_UNSUPPORTED before. A message at QoS 1 is
// acknowledged to the broker when its PUBLISH_END is taken. Of one that goes
// out the session keeps the packet identifier, the caller the message, so that
// nothing is held twice; it is over with PUBACK. What was not acknowledged when
// a connection ended is asked for again, oldest first, by RESEND events behind
// the CONNACK of the next.
//
// A session outlives its connections as far as CONNACK says session_present;
// where it does not, the caller subscribes again, and RESEND events ask for
// the messages as new ones.
//
// MQTT 3.1.1 (connect.protocol_version) has neither properties nor reason
// codes: a request with properties, or with subscription options but for the
// QoS, is then BLOX_ERROR_UNSUPPORTED, too.
//
// Any packet that breaks the standard ends the session with an ERROR event
// and a DISCONNECT with the right reason code to send.
//
// Sessions share nothing; any number work side by side.
#ifndef CORE_MQTT_SESSION_H
#define CORE_MQTT_SESSION_H

#include "core/base/error.h"
#include "core/mqtt/codec.h"

enum {
    // Smallest buffers that blox_mqtt_init takes, in bytes.
    BLOX_MQTT_RX_MIN = 64,
    BLOX_MQTT_TX_MIN = 64,
    // ms from connect without a byte from the broker until it counts as dead.
    BLOX_MQTT_CONNACK_TIMEOUT = 20000,
};

// What blox_mqtt_tick returns when nothing is due ever.
#define BLOX_MQTT_NEVER UINT32_MAX

// One request of ours the broker has not answered; the caller provides the
// memory, the session alone looks inside.
struct mqtt_in_flight {
    uint16_t packet_identifier;
    uint8_t answer; // the type of the packet it waits for
    uint8_t resend; // see internal.h
};

// Bytes of the caller's.
struct mqtt_buffer {
    uint8_t *data;
    size_t capacity; // bytes there
    size_t most;     // bytes it may be made to hold; 0: it stays as it is
};

// The caller's memory; must stay as long as the session is used.
struct mqtt_buffers {
    // The header of one packet coming in: topic and properties of a PUBLISH,
    // all of any other. A PUBLISH with a longer header is skipped (SKIPPED),
    // any other packet that is longer ends the session. 1024 serves well, at
    // least BLOX_MQTT_RX_MIN.
    struct mqtt_buffer rx;
    // Packets waiting to be sent, but for payloads that are streamed. A
    // packet needs its size plus up to 3 bytes. CONNECT must fit in. At least
    // BLOX_MQTT_TX_MIN.
    struct mqtt_buffer tx;
    // PUBLISH at QoS 1 and 2, SUBSCRIBE and UNSUBSCRIBE that may be unanswered.
    struct mqtt_in_flight *in_flight;
    size_t in_flight_capacity; // at least 1
    // Is called when rx, or tx while nothing waits there, should hold size
    // bytes, at most its most: may replace data by more memory
    // with the same bytes, and set capacity. See blox_mqtt_rests for
    // the way back. NULL where most is 0.
    void (*grow)(struct mqtt_buffer *buffer, size_t size);
};

enum mqtt_event_type {
    MQTT_EVENT_NONE,
    // The broker's answer to connect. A reason_code of 0x80 or more is a
    // refusal: the session has ended. -> connack
    MQTT_EVENT_CONNACK,
    // A request was answered. -> ack
    MQTT_EVENT_SUBACK,
    MQTT_EVENT_UNSUBACK,
    MQTT_EVENT_PUBACK,
    // A message begins; payload_size bytes follow. -> publish
    MQTT_EVENT_PUBLISH,
    // The next bytes of its payload, never none. -> payload
    MQTT_EVENT_PAYLOAD,
    // The payload is complete, and acknowledged at QoS 1 and 2.
    MQTT_EVENT_PUBLISH_END,
    // A message was passed over, for its topic and properties do not fit in
    // rx; at QoS 1 and 2 it was refused with MQTT_QUOTA_EXCEEDED.
    MQTT_EVENT_SKIPPED,
    MQTT_EVENT_PINGRESP,
    // Publish this message again. -> resend
    MQTT_EVENT_RESEND,
    // The broker ends the session: send nothing, close. -> ack
    MQTT_EVENT_DISCONNECT,
    // The session cannot go on: send what waits if that is possible at once,
    // close. -> error
    MQTT_EVENT_ERROR,
    // QoS 2, core/mqtt/extra.h: the broker has the message, the caller needs it
    // no more. A reason_code of 0x80 or more is a refusal, and its end. -> ack
    MQTT_EVENT_PUBREC,
    // The message is over, and was delivered whatever the reason_code. -> ack
    MQTT_EVENT_PUBCOMP,
    // The broker's turn in enhanced authentication, section 4.12. -> ack
    MQTT_EVENT_AUTH,
    // No event of a session: bind/mqtt says with it that there is something
    // unread (core/mqtt/unread.h).
    MQTT_EVENT_UNREAD,
};

struct mqtt_event {
    enum mqtt_event_type type;
    // Spans point into rx, payload into the caller's input; both are valid
    // until the next call of feed, connect or close.
    union {
        struct mqtt_ack connack;
        struct mqtt_ack ack;
        struct mqtt_publish publish;
        struct blox_span payload;
        struct {
            uint16_t packet_identifier;
            // The broker resumed its session: set this in the PUBLISH. Else
            // it is a new message to the broker.
            bool dup;
        } resend;
        struct {
            // BLOX_ERROR_FORMAT    the broker broke the standard
            // BLOX_ERROR_TIMEOUT   no answer to CONNECT, or within the keep
            //                      alive
            // BLOX_ERROR_LIMIT     MQTT_PACKET_TOO_LARGE: more than rx
            //                      holds; MQTT_IMPLEMENTATION_ERROR: a
            //                      Maximum Packet Size under 5
            // BLOX_ERROR_MEMORY    rx could not be made large enough
            int error;
            uint8_t reason_code; // what DISCONNECT says, section 2.4
        } error;
    };
};

struct mqtt_extra;

// Everything in it is the session's own. What is used most stands first and
// fills a word: the code that reaches it is shorter on small processors.
struct mqtt_session {
    struct mqtt_extra *extra; // NULL: not attached
    uint32_t state;
    uint32_t stage;
    uint32_t ready;
    uint32_t first_byte;
    uint32_t left;    // bytes of the incoming packet still to come
    uint32_t skip;    // of them, those to drop now
    size_t rx_size;   // bytes collected
    size_t rx_need;   // bytes to collect
    size_t tx_size;   // bytes waiting
    size_t tx_mark;   // of them, those before the streamed payload
    size_t in_flight; // entries used
    struct mqtt_buffers buffers;
    struct blox_span chunk;
    uint32_t length_bytes;
    uint32_t plain;               // 1: MQTT 3.1.1
    uint32_t payload_due;         // bytes of a streamed payload still to send
    uint32_t maximum_packet_size; // the broker's, 0: none
    uint32_t now;                 // ms, of the last tick
    uint32_t sent_at;             // ms
    uint32_t received_at;         // ms
    uint32_t largest_packet;      // ours, 0: none
    int error;
    uint16_t keep_alive; // s
    uint16_t last_packet_identifier;
    uint16_t receive_maximum;
    uint16_t acknowledge;
    uint8_t maximum_qos;
    uint8_t error_reason;
    bool clean_start;
    bool retain_available;
    bool expires;    // the session ends with the connection
    bool no_problem; // Request Problem Information is 0
    bool sent;
    bool received;
    bool ticked;
    bool pinged;
    bool session_present;
};

// Starts a session that is not connected. Returns BLOX_OK, or
// BLOX_ERROR_BUFFER when a buffer is smaller than documented.
int blox_mqtt_init(struct mqtt_session *session,
                   const struct mqtt_buffers *buffers);

// Queues CONNECT. Returns BLOX_OK; BLOX_ERROR_STATE when the session is not
// closed; BLOX_ERROR_ARGUMENT for a client identifier, user name, will topic
// or properties the standard does not allow, properties the session writes
// itself, another version, or a will at QoS over 2; BLOX_ERROR_LIMIT when the
// packet does not fit in tx; BLOX_ERROR_MEMORY when tx could not be made large
// enough.
int blox_mqtt_connect(struct mqtt_session *session,
                      const struct mqtt_connect *connect);

// The transport is gone, or is about to be closed. What waited to be sent is
// dropped, a message that was coming in never gets its PUBLISH_END,
// unanswered SUBSCRIBE and UNSUBSCRIBE are forgotten. May be called any time.
void blox_mqtt_close(struct mqtt_session *session);

// Makes tx large enough for a message of size bytes, topic and payload, that
// blox_mqtt_publish is to copy, if it may and nothing waits there.
void blox_mqtt_make_room(struct mqtt_session *session, size_t size);

// Whether nothing is in rx and tx that is still needed: both may be replaced by
// smaller ones then, which session->buffers is told.
bool blox_mqtt_rests(const struct mqtt_session *session);

// Whether CONNACK accepted us and the session has not ended since.
bool blox_mqtt_connected(const struct mqtt_session *session);

// Takes bytes from the broker, up to and with the one that makes an event.
// Returns how many it took: 0 while events wait for blox_mqtt_next, and while
// tx has no room for an acknowledgement (send output first). A session that
// has ended takes everything and looks at nothing.
size_t blox_mqtt_feed(struct mqtt_session *session, const uint8_t *data,
                      size_t size);

// Whether the next event, if there is one, is none of the three of a message,
// unless that is refused.
bool blox_mqtt_answers(const struct mqtt_session *session);

// Takes the next event. Returns false when there is none.
bool blox_mqtt_next(struct mqtt_session *session, struct mqtt_event *event);

// Moves the session to now (ms, any start, wraps at 2^32): queues PINGREQ
// when nothing was sent, or nothing received, for three quarters of the keep
// alive; queues what a full tx held back; ends the session with
// BLOX_ERROR_TIMEOUT when no byte at all came in for one and a half, or none
// before CONNACK for BLOX_MQTT_CONNACK_TIMEOUT. Feed what has arrived before.
// Returns the ms until the next call is due, or BLOX_MQTT_NEVER.
uint32_t blox_mqtt_tick(struct mqtt_session *session, uint32_t now);

// The bytes to send now; empty when there are none or a payload is due first.
// Valid until the next call that changes the session.
struct blox_span blox_mqtt_output(const struct mqtt_session *session);

// The first size bytes of the output are sent.
void blox_mqtt_sent(struct mqtt_session *session, size_t size);

// How many bytes of the payload of blox_mqtt_publish_stream are to be sent
// now, before any more output; 0 when none, or output comes first.
uint32_t blox_mqtt_payload_due(const struct mqtt_session *session);

// size more of those bytes are sent.
void blox_mqtt_payload_sent(struct mqtt_session *session, uint32_t size);

// Queues PUBLISH with its payload of publish->payload_size bytes, copied from
// payload. packet_identifier is 0 for a new message, at QoS 1 and 2 the session
// then gives it one; it is that of a RESEND event to answer it, with its dup.
// RESEND events are answered (or forgotten) in their order, and before new
// messages at QoS 1 and 2, so that all arrive in order [MQTT-4.6.0-1].
// Returns the packet identifier, 0 at QoS 0, or
// BLOX_ERROR_ARGUMENT    topic or properties not as the standard wants (a
//                        Subscription Identifier, a Topic Alias), QoS over 2,
//                        dup in a new message, no payload
// BLOX_ERROR_STATE       not connected, or no RESEND for that identifier, or
//                        not its turn
// BLOX_ERROR_BUFFER      no room in tx now, or as many unanswered as the
//                        broker or in_flight allows, or RESEND events still
//                        to answer: send, feed, try again
// BLOX_ERROR_LIMIT       never fits in tx, or over the broker's Maximum
//                        Packet Size
// BLOX_ERROR_MEMORY      would fit, but tx could not be made large enough
// BLOX_ERROR_UNSUPPORTED the broker has no retain, or not this QoS; QoS 2
//                        without extra; properties on MQTT 3.1.1
int32_t blox_mqtt_publish(struct mqtt_session *session,
                          const struct mqtt_publish *publish,
                          const uint8_t *payload);

// The same, but the payload is sent by the caller (blox_mqtt_payload_due) and
// the session never sees it. Also returns BLOX_ERROR_BUFFER while another
// payload is being streamed.
int32_t blox_mqtt_publish_stream(struct mqtt_session *session,
                                 const struct mqtt_publish *publish);

// Gives up a message at QoS 1 or 2: its answer will not be waited for, and it
// is not asked for again.
void blox_mqtt_forget(struct mqtt_session *session, uint16_t packet_identifier);

// Queues SUBSCRIBE for count filters; properties are encoded, or empty.
// Returns the packet identifier; BLOX_ERROR_ARGUMENT for no or an invalid
// filter, or options the standard does not have; BLOX_ERROR_UNSUPPORTED when
// the broker has no wildcards, shared subscriptions or subscription
// identifiers, for QoS 2 without extra, and for options on MQTT 3.1.1;
// BLOX_ERROR_STATE, _BUFFER, _LIMIT, _MEMORY as for publish.
int32_t blox_mqtt_subscribe(struct mqtt_session *session,
                            struct blox_span properties,
                            const struct mqtt_subscription *subscriptions,
                            size_t count);

// Queues UNSUBSCRIBE for count filters, whatever the options; properties are
// encoded, or empty. Returns as blox_mqtt_subscribe.
int32_t blox_mqtt_unsubscribe(struct mqtt_session *session,
                              struct blox_span properties,
                              const struct mqtt_subscription *subscriptions,
                              size_t count);

// Queues DISCONNECT; the session has ended, send the output and close.
// MQTT_SUCCESS withholds the will. properties are encoded, or empty. Returns
// BLOX_OK; BLOX_ERROR_STATE when not connected; BLOX_ERROR_ARGUMENT for
// properties the standard does not allow, such as a Session Expiry Interval
// when CONNECT had none [MQTT-3.1.2-23]; BLOX_ERROR_BUFFER while tx has no
// room; BLOX_ERROR_LIMIT when it never fits; BLOX_ERROR_MEMORY as for publish.
int blox_mqtt_disconnect(struct mqtt_session *session, uint8_t reason_code,
                         struct blox_span properties);

#endif
