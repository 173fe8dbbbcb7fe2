// SPDX-License-Identifier: MIT
#include "core/mqtt/wire.h"

#include <string.h>

#include "core/codec/utf8.h"
#include "core/mqtt/packet.h"

enum { VBI_BYTES_MAX = 4, VBI_MORE = 0x80, VBI_BITS = 7 };

struct mqtt_reader blox_mqtt_reader(struct blox_span span) {
    return (struct mqtt_reader){.data = span.data, .left = span.size};
}

static const uint8_t *take(struct mqtt_reader *reader, size_t size) {
    if (reader->failed || size > reader->left) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *data = reader->data;
    reader->data += size;
    reader->left -= size;
    return data;
}

uint32_t blox_mqtt_read_number(struct mqtt_reader *reader, size_t size) {
    const uint8_t *data = take(reader, size);
    uint32_t value = 0;
    for (size_t i = 0; data != NULL && i < size; ++i) {
        value = value << 8 | data[i];
    }
    return value;
}

uint8_t blox_mqtt_read_u8(struct mqtt_reader *reader) {
    return (uint8_t)blox_mqtt_read_number(reader, 1);
}

uint16_t blox_mqtt_read_u16(struct mqtt_reader *reader) {
    return (uint16_t)blox_mqtt_read_number(reader, 2);
}

uint32_t blox_mqtt_read_vbi(struct mqtt_reader *reader) {
    uint32_t value = 0;
    uint32_t shift = 0;
    for (size_t i = 0; i < VBI_BYTES_MAX; ++i, shift += VBI_BITS) {
        uint8_t byte = blox_mqtt_read_u8(reader);
        value |= (uint32_t)(byte & ~VBI_MORE) << shift;
        if ((byte & VBI_MORE) == 0) {
            // [MQTT-1.5.5-1] the shortest form only.
            reader->failed = reader->failed || (byte == 0 && i > 0);
            return reader->failed ? 0 : value;
        }
    }
    reader->failed = true;
    return 0;
}

struct blox_span blox_mqtt_read_bytes(struct mqtt_reader *reader, size_t size) {
    const uint8_t *data = take(reader, size);
    return blox_span(data, data != NULL ? size : 0);
}

struct blox_span blox_mqtt_read_binary(struct mqtt_reader *reader) {
    return blox_mqtt_read_bytes(reader, blox_mqtt_read_u16(reader));
}

struct blox_span blox_mqtt_read_string(struct mqtt_reader *reader) {
    struct blox_span text = blox_mqtt_read_binary(reader);
    if (!blox_mqtt_string_valid(text)) {
        reader->failed = true;
        return blox_span(NULL, 0);
    }
    return text;
}

struct blox_span blox_mqtt_read_properties(struct mqtt_reader *reader) {
    uint32_t size = reader->plain ? 0 : blox_mqtt_read_vbi(reader);
    return blox_mqtt_read_bytes(reader, size);
}

struct mqtt_writer blox_mqtt_writer(uint8_t *data, size_t capacity) {
    return (struct mqtt_writer){.data = data, .capacity = capacity};
}

static bool fits(const struct mqtt_writer *writer, size_t size) {
    return size <= writer->capacity - writer->size;
}

static uint8_t *put(struct mqtt_writer *writer, size_t size) {
    if (!fits(writer, size) && writer->grow != NULL) {
        writer->grow(writer, size);
    }
    if (writer->failed || !fits(writer, size)) {
        writer->failed = true;
        return NULL;
    }
    writer->size += size;
    return writer->data + writer->size - size;
}

void blox_mqtt_write_number(struct mqtt_writer *writer, uint32_t value,
                            size_t size) {
    uint8_t *data = put(writer, size);
    for (; data != NULL && size > 0; value >>= 8) {
        data[--size] = (uint8_t)value;
    }
}

void blox_mqtt_write_u8(struct mqtt_writer *writer, uint8_t value) {
    blox_mqtt_write_number(writer, value, 1);
}

void blox_mqtt_write_u16(struct mqtt_writer *writer, uint16_t value) {
    blox_mqtt_write_number(writer, value, 2);
}

void blox_mqtt_write_vbi(struct mqtt_writer *writer, uint32_t value) {
    do {
        uint8_t byte = (uint8_t)(value & (VBI_MORE - 1));
        value >>= VBI_BITS;
        blox_mqtt_write_u8(writer,
                           (uint8_t)(value > 0 ? byte | VBI_MORE : byte));
    } while (value > 0);
}

void blox_mqtt_write_bytes(struct mqtt_writer *writer, struct blox_span bytes) {
    uint8_t *data = put(writer, bytes.size);
    if (data != NULL && bytes.size > 0) {
        memcpy(data, bytes.data, bytes.size);
    }
}

void blox_mqtt_write_binary(struct mqtt_writer *writer,
                            struct blox_span bytes) {
    writer->failed = writer->failed || bytes.size > MQTT_STRING_MAX;
    blox_mqtt_write_u16(writer, (uint16_t)bytes.size);
    blox_mqtt_write_bytes(writer, bytes);
}

void blox_mqtt_write_properties(struct mqtt_writer *writer,
                                struct blox_span properties) {
    if (!writer->plain) {
        blox_mqtt_write_vbi(writer, (uint32_t)properties.size);
        blox_mqtt_write_bytes(writer, properties);
    }
}

bool blox_mqtt_string_valid(struct blox_span span) {
    return span.size <= MQTT_STRING_MAX && blox_utf8_valid(span) &&
           blox_span_find(span, 0) == span.size;
}
