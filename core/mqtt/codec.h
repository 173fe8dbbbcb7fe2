// SPDX-License-Identifier: MIT
// The packets of MQTT 5.0 that a client sends and receives, chapter 3: each
// written to and read from memory without its fixed header. A plain writer or
// reader (core/mqtt/wire.h) makes it MQTT 3.1.1.
//
// A write_ function writes the variable header and the payload (of PUBLISH
// the variable header alone) and leaves it to the writer to say whether it
// fitted; it does not judge its arguments. A read_ function fills its struct
// with spans that point into what was read; it returns MQTT_SUCCESS or the
// reason code to refuse the packet with: MQTT_MALFORMED_PACKET,
// MQTT_PROTOCOL_ERROR or MQTT_TOPIC_ALIAS_INVALID.
#ifndef CORE_MQTT_CODEC_H
#define CORE_MQTT_CODEC_H

#include "core/mqtt/property.h"

// connect.protocol_version; 0 stands for MQTT_VERSION_5.
enum { MQTT_VERSION_3_1_1 = 4, MQTT_VERSION_5 = 5 };

// The message a broker publishes when this connection ends without
// DISCONNECT, section 3.1.3.2.
struct mqtt_will {
    struct blox_span topic;
    struct blox_span payload;    // at most 65,535 bytes
    struct blox_span properties; // encoded will properties, may be empty
    uint8_t qos;                 // 0 to 2
    bool retain;
};

struct mqtt_connect {
    struct blox_span client_identifier; // empty: the broker assigns one
    struct blox_span user_name;         // none when data is NULL
    struct blox_span password;          // none when data is NULL
    const struct mqtt_will *will;       // NULL: none
    // Encoded, may be empty: Maximum Packet Size, Request Response
    // Information, Request Problem Information, User Property, Authentication
    // Method and Data. The others are the session's to write. With an
    // Authentication Method they must stay until the connection ends.
    struct blox_span properties;
    uint32_t session_expiry_interval; // s; 0: ends with the connection
    uint16_t keep_alive;              // s; 0: off
    uint8_t protocol_version;         // MQTT_VERSION_
    // A new session on both sides. Without it the session goes on where the
    // last connection ended; for a first connection that means that the
    // caller vouches for having lost nothing.
    bool clean_start;
};

// own: properties the session adds, encoded.
void blox_mqtt_write_connect(struct mqtt_writer *writer,
                             const struct mqtt_connect *connect,
                             struct blox_span own);

// Section 3.3, without the payload.
struct mqtt_publish {
    struct blox_span topic;
    struct blox_span properties; // encoded, without their length
    uint32_t payload_size;       // bytes
    uint16_t packet_identifier;  // 0 at QoS 0
    uint16_t topic_alias;        // the session's, 0: none
    uint8_t qos;
    bool retain;
    bool dup;
};

// The first byte of the packet: type and flags.
uint8_t blox_mqtt_publish_first_byte(const struct mqtt_publish *publish);

// The variable header: the payload is the caller's to send.
void blox_mqtt_write_publish(struct mqtt_writer *writer,
                             const struct mqtt_publish *publish);

// first_byte is that of the fixed header, its flags as they may be. Sets all
// but payload_size. The topic is empty only with a Topic Alias, which also
// stays among the properties.
int blox_mqtt_read_publish(struct mqtt_reader *reader, uint8_t first_byte,
                           struct mqtt_publish *publish);

struct mqtt_subscription {
    struct blox_span filter;
    uint8_t options; // QoS and MQTT_SUBSCRIBE_ flags, section 3.8.3.1
};

// SUBSCRIBE (3.8), or UNSUBSCRIBE (3.10), which has no options; properties are
// encoded, without their length.
void blox_mqtt_write_subscribe(struct mqtt_writer *writer, int packet_type,
                               uint16_t packet_identifier,
                               struct blox_span properties,
                               const struct mqtt_subscription *subscriptions,
                               size_t count);

// What the broker says to CONNECT, to a packet of ours, or at the end.
struct mqtt_ack {
    uint16_t packet_identifier;    // 0 in CONNACK, DISCONNECT and AUTH
    uint8_t reason_code;           // of SUBACK and UNSUBACK the first one
    struct blox_span reason_codes; // SUBACK, UNSUBACK: one for each filter
    struct blox_span properties;   // MQTT_REASON_STRING and others
    bool session_present;          // CONNACK
};

// CONNACK, section 3.2. What the broker allows and wishes stands in the
// properties: blox_mqtt_property_number, _text. The return codes of MQTT 3.1.1
// come as the reason codes of 5.0 that say the same.
// Also reads the two bytes with which a broker that speaks 3.1.1 alone refuses
// 5.0, as MQTT_UNSUPPORTED_PROTOCOL_VERSION.
int blox_mqtt_read_connack(struct mqtt_reader *reader,
                           struct mqtt_ack *connack);

// Reads PUBACK (3.4), PUBREC (3.5), PUBREL (3.6), PUBCOMP (3.7), SUBACK (3.9),
// UNSUBACK (3.11), DISCONNECT (3.14) or AUTH (3.15).
int blox_mqtt_read_ack(struct mqtt_reader *reader, int packet_type,
                       struct mqtt_ack *ack);

// PUBACK, PUBREC, PUBREL, PUBCOMP: identifier and, unless it is MQTT_SUCCESS,
// the reason code.
void blox_mqtt_write_ack(struct mqtt_writer *writer, uint16_t packet_identifier,
                         uint8_t reason_code);

// DISCONNECT and AUTH: nothing for MQTT_SUCCESS without properties, the reason
// code, and properties when there are any.
void blox_mqtt_write_reason(struct mqtt_writer *writer, uint8_t reason_code,
                            struct blox_span properties);

#endif
