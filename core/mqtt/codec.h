// SPDX-License-Identifier: MIT
// The packets of MQTT 5.0 that a client at QoS 0 and 1 sends and receives,
// chapter 3: each written to and read from memory without its fixed header.
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
    uint32_t session_expiry_interval;   // s; 0: ends with the connection
    uint16_t keep_alive;                // s; 0: off
    bool clean_start;
};

void blox_mqtt_write_connect(struct mqtt_writer *writer,
                             const struct mqtt_connect *connect);

// Section 3.2. What the broker allows and wishes stands in the properties:
// blox_mqtt_property_number, _text.
struct mqtt_connack {
    bool session_present;
    uint8_t reason_code;
    struct blox_span properties; // checked, without their length
};

int blox_mqtt_read_connack(struct blox_span body, struct mqtt_connack *connack);

// Section 3.3, without the payload.
struct mqtt_publish {
    struct blox_span topic;
    struct blox_span properties; // encoded, without their length
    uint32_t payload_size;       // bytes
    uint16_t packet_identifier;  // 0 at QoS 0
    uint8_t qos;
    bool retain;
    bool dup;
};

// The first byte of the packet: type and flags.
uint8_t blox_mqtt_publish_first_byte(const struct mqtt_publish *publish);

void blox_mqtt_write_publish(struct mqtt_writer *writer,
                             const struct mqtt_publish *publish);

// first_byte is that of the fixed header. Sets all but payload_size. A Topic
// Alias is refused with MQTT_TOPIC_ALIAS_INVALID, since this client allows
// none; so is QoS 2, with MQTT_PROTOCOL_ERROR, since it never asks for it.
int blox_mqtt_read_publish(struct blox_span header, uint8_t first_byte,
                           struct mqtt_publish *publish);

struct mqtt_subscription {
    struct blox_span filter;
    uint8_t options; // QoS and MQTT_SUBSCRIBE_ flags, section 3.8.3.1
};

// Section 3.8; properties are encoded, without their length.
void blox_mqtt_write_subscribe(struct mqtt_writer *writer,
                               uint16_t packet_identifier,
                               struct blox_span properties,
                               const struct mqtt_subscription *subscriptions,
                               size_t count);

// Section 3.10.
void blox_mqtt_write_unsubscribe(struct mqtt_writer *writer,
                                 uint16_t packet_identifier,
                                 const struct blox_span *filters, size_t count);

// What the broker says to a packet of ours, or at the end.
struct mqtt_ack {
    uint16_t packet_identifier;    // 0 in DISCONNECT
    uint8_t reason_code;           // PUBACK, DISCONNECT; else the first code
    struct blox_span reason_codes; // SUBACK, UNSUBACK: one for each filter
    struct blox_span properties;   // MQTT_REASON_STRING and others
};

// Reads PUBACK (3.4), SUBACK (3.9), UNSUBACK (3.11) or DISCONNECT (3.14).
int blox_mqtt_read_ack(struct blox_span body, int packet_type,
                       struct mqtt_ack *ack);

// PUBACK: identifier and, unless it is MQTT_SUCCESS, the reason code.
void blox_mqtt_write_puback(struct mqtt_writer *writer,
                            uint16_t packet_identifier, uint8_t reason_code);

// DISCONNECT: nothing for MQTT_SUCCESS, else the reason code.
void blox_mqtt_write_disconnect(struct mqtt_writer *writer,
                                uint8_t reason_code);

#endif
