// SPDX-License-Identifier: MIT
// Properties of MQTT 5.0, section 2.2.2: which there are, what type each has,
// in which packets it may stand.
#ifndef CORE_MQTT_PROPERTY_H
#define CORE_MQTT_PROPERTY_H

#include "core/base/span.h"
#include "core/mqtt/packet.h"
#include "core/mqtt/wire.h"

// Where will properties stand in for a packet type.
enum { MQTT_WILL = 0 };

enum mqtt_property_kind {
    MQTT_KIND_NUMBER,
    MQTT_KIND_TEXT,
    MQTT_KIND_BINARY,
    MQTT_KIND_PAIR,
    MQTT_KIND_UNKNOWN,
};

enum mqtt_property_kind blox_mqtt_property_kind(int identifier);

// The largest number the type of a property holds; 0 when it is no number.
uint32_t blox_mqtt_property_most(int identifier);

// One property. Of the three fields after the identifier those that its type
// has are set, the others are zero: value for Byte, Two and Four Byte Integer
// and Variable Byte Integer; text for UTF-8 Encoded String and Binary Data;
// name and text for a String Pair. Spans point into what is read.
struct mqtt_property_value {
    uint8_t identifier; // enum mqtt_property
    uint32_t value;
    struct blox_span text;
    struct blox_span name;
};

// Reads the next property from reader, which runs over properties without
// their length. The usual loop:
//
//   struct mqtt_reader reader = blox_mqtt_reader(event.publish.properties);
//   while (blox_mqtt_property_next(&reader, &property)) { ... }
//
// Returns false at the end, and, with reader->failed set, at a property that
// is unknown or cut off.
bool blox_mqtt_property_next(struct mqtt_reader *reader,
                             struct mqtt_property_value *property);

// Whether properties (without their length) may stand in a packet of type
// packet_type (enum mqtt_packet_type, or MQTT_WILL): well-formed, known,
// allowed there, none twice but where the standard says so, values in range.
// Returns MQTT_SUCCESS or the reason code to refuse the packet with:
// MQTT_MALFORMED_PACKET, MQTT_PROTOCOL_ERROR or MQTT_TOPIC_ALIAS_INVALID.
int blox_mqtt_properties_check(struct blox_span properties, int packet_type);

// Finds the first property with this identifier. Returns false when there is
// none.
bool blox_mqtt_property_find(struct blox_span properties, int identifier,
                             struct mqtt_property_value *property);

// The value of the first property with this identifier, as a number or as
// text, in properties that were checked. Returns otherwise, or an empty span,
// when there is none.
uint32_t blox_mqtt_property_number(struct blox_span properties, int identifier,
                                   uint32_t otherwise);
struct blox_span blox_mqtt_property_text(struct blox_span properties,
                                         int identifier);

// Each writes one property: an integer in the size its identifier has, a
// string or binary data, a string pair. An identifier of another type, or an
// unknown one, fails the writer.
void blox_mqtt_write_property(struct mqtt_writer *writer, int identifier,
                              uint32_t value);
void blox_mqtt_write_property_text(struct mqtt_writer *writer, int identifier,
                                   struct blox_span text);
void blox_mqtt_write_user_property(struct mqtt_writer *writer,
                                   struct blox_span name,
                                   struct blox_span value);

#endif
