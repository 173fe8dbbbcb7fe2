// SPDX-License-Identifier: MIT
// The data types of MQTT 5.0 (section 1.5) read from and written to memory.
//
// A reader and a writer remember the first failure, so that a packet is read
// or written field by field and checked once at the end. After a failure a
// reader gives zeros and empty spans, a writer writes nothing.
#ifndef CORE_MQTT_WIRE_H
#define CORE_MQTT_WIRE_H

#include "core/base/span.h"

struct mqtt_reader {
    const uint8_t *data; // the next byte
    size_t left;         // bytes from there on
    bool failed;         // a field went past the end or was not well-formed
    bool plain;          // MQTT 3.1.1: there are no properties
};

// A reader over span, whose bytes stay as long as it is used.
struct mqtt_reader blox_mqtt_reader(struct blox_span span);

// Byte, Two and Four Byte Integer; number: of size bytes, 1 to 4.
uint8_t blox_mqtt_read_u8(struct mqtt_reader *reader);
uint16_t blox_mqtt_read_u16(struct mqtt_reader *reader);
uint32_t blox_mqtt_read_number(struct mqtt_reader *reader, size_t size);

// Variable Byte Integer, section 1.5.5: one to four bytes, in the shortest
// form, up to 268,435,455.
uint32_t blox_mqtt_read_vbi(struct mqtt_reader *reader);

// The next size bytes; the span points into what is read.
struct blox_span blox_mqtt_read_bytes(struct mqtt_reader *reader, size_t size);

// Binary Data, section 1.5.6: two bytes of length and as many bytes.
struct blox_span blox_mqtt_read_binary(struct mqtt_reader *reader);

// UTF-8 Encoded String, section 1.5.4: fails on ill-formed UTF-8 and U+0000.
struct blox_span blox_mqtt_read_string(struct mqtt_reader *reader);

// Properties, section 2.2.2: their length and as many bytes. Returns them
// without the length; none, and nothing is read, when the reader is plain.
struct blox_span blox_mqtt_read_properties(struct mqtt_reader *reader);

struct mqtt_writer {
    uint8_t *data;   // the caller's
    size_t capacity; // bytes there
    size_t size;     // bytes written
    bool failed;     // something did not fit
    bool plain;      // MQTT 3.1.1: no properties, no reason codes
    bool starved;
    // NULL, or makes room for size bytes more, if it can: sets data and
    // capacity, and starved when it could not for want of memory. owner is its
    // own.
    void (*grow)(struct mqtt_writer *writer, size_t size);
    void *owner;
};

// A writer into data[0..capacity), which stays as long as it is used.
struct mqtt_writer blox_mqtt_writer(uint8_t *data, size_t capacity);

// The counterparts of the readers above.
void blox_mqtt_write_u8(struct mqtt_writer *writer, uint8_t value);
void blox_mqtt_write_u16(struct mqtt_writer *writer, uint16_t value);
void blox_mqtt_write_number(struct mqtt_writer *writer, uint32_t value,
                            size_t size);
void blox_mqtt_write_vbi(struct mqtt_writer *writer, uint32_t value);
void blox_mqtt_write_bytes(struct mqtt_writer *writer, struct blox_span bytes);

// Two bytes of length and the bytes: Binary Data or UTF-8 Encoded String. A
// span over 65,535 bytes fails. The text is not checked here.
void blox_mqtt_write_binary(struct mqtt_writer *writer, struct blox_span bytes);

// Properties with their length before them; nothing when the writer is plain.
void blox_mqtt_write_properties(struct mqtt_writer *writer,
                                struct blox_span properties);

// Whether span may be sent as a UTF-8 Encoded String: at most 65,535 bytes of
// well-formed UTF-8 without U+0000 (section 1.5.4).
bool blox_mqtt_string_valid(struct blox_span span);

#endif
