// SPDX-License-Identifier: MIT
// Bytes on their way to the broker.
#include <string.h>

#include "core/mqtt/internal.h"

bool blox_mqtt_holds(struct mqtt_session *session, struct mqtt_buffer *buffer,
                     size_t size) {
    if (size > buffer->capacity && size <= buffer->most) {
        session->buffers.grow(buffer, size);
    }
    return size <= buffer->capacity;
}

// Behind what waits already.
static void point(struct mqtt_writer *writer,
                  const struct mqtt_session *session) {
    size_t start = session->tx_size + MQTT_FIXED_HEADER_MAX;
    size_t capacity = session->buffers.tx.capacity;
    writer->data = session->buffers.tx.data + start;
    writer->capacity = capacity > start ? capacity - start : 0;
}

enum { AROUND = 16 }; // headers, lengths, an identifier

// What waits is sent first, then the packet may fit.
void blox_mqtt_make_room(struct mqtt_session *session, size_t size) {
    if (session->tx_size == 0) {
        (void)blox_mqtt_holds(session, &session->buffers.tx, size + AROUND);
    }
}

static void grow(struct mqtt_writer *writer, size_t size) {
    const struct mqtt_session *session = writer->owner;
    size_t whole = writer->size + size;
    blox_mqtt_make_room(writer->owner, whole);
    point(writer, session);
    writer->starved =
        whole + AROUND <= session->buffers.tx.most && whole > writer->capacity;
}

struct mqtt_writer blox_mqtt_packet_begin(struct mqtt_session *session) {
    struct mqtt_writer writer = {
        .plain = session->plain,
        .grow = grow,
        .owner = session,
    };
    point(&writer, session);
    return writer;
}

int blox_mqtt_packet_end(struct mqtt_session *session,
                         const struct mqtt_writer *writer, uint8_t first_byte,
                         uint32_t more) {
    size_t start = session->tx_size;
    size_t room = session->buffers.tx.capacity - start;
    if (writer->failed || room < MQTT_FIXED_HEADER_MAX) {
        return start > 0         ? BLOX_ERROR_BUFFER
               : writer->starved ? BLOX_ERROR_MEMORY
                                 : BLOX_ERROR_LIMIT;
    }
    uint8_t header[MQTT_FIXED_HEADER_MAX];
    struct mqtt_writer fixed = blox_mqtt_writer(header, sizeof header);
    if (more > MQTT_REMAINING_LENGTH_MAX - writer->size) {
        return BLOX_ERROR_LIMIT;
    }
    uint32_t remaining = (uint32_t)writer->size + more;
    blox_mqtt_write_u8(&fixed, first_byte);
    blox_mqtt_write_vbi(&fixed, remaining);
    if (session->maximum_packet_size > 0 &&
        fixed.size + remaining > session->maximum_packet_size) {
        return BLOX_ERROR_LIMIT;
    }
    uint8_t *packet = session->buffers.tx.data + start;
    memmove(packet + fixed.size, writer->data, writer->size);
    memcpy(packet, header, fixed.size);
    session->tx_size += fixed.size + writer->size;
    return BLOX_OK;
}

int blox_mqtt_send_ack(struct mqtt_session *session, int packet_type,
                       uint16_t packet_identifier, uint8_t reason_code) {
    struct mqtt_writer writer = blox_mqtt_packet_begin(session);
    int flags = packet_type == MQTT_PUBREL ? MQTT_REQUEST_FLAGS : 0;
    blox_mqtt_write_ack(&writer, packet_identifier, reason_code);
    return blox_mqtt_packet_end(session, &writer,
                                (uint8_t)(packet_type << 4 | flags), 0);
}

int blox_mqtt_send_pingreq(struct mqtt_session *session) {
    return blox_mqtt_send_reason(session, MQTT_PINGREQ, MQTT_SUCCESS,
                                 blox_span(NULL, 0));
}

int blox_mqtt_send_reason(struct mqtt_session *session, int packet_type,
                          uint8_t reason_code, struct blox_span properties) {
    struct mqtt_writer writer = blox_mqtt_packet_begin(session);
    blox_mqtt_write_reason(&writer, reason_code, properties);
    return blox_mqtt_packet_end(session, &writer, (uint8_t)(packet_type << 4),
                                0);
}

struct blox_span blox_mqtt_output(const struct mqtt_session *session) {
    bool streaming = session->payload_due > 0;
    return blox_span(session->buffers.tx.data,
                     streaming ? session->tx_mark : session->tx_size);
}

void blox_mqtt_sent(struct mqtt_session *session, size_t size) {
    size_t most = blox_mqtt_output(session).size;
    size = size < most ? size : most;
    if (size == 0) {
        return;
    }
    session->sent = true;
    session->tx_size -= size;
    session->tx_mark -= size < session->tx_mark ? size : session->tx_mark;
    memmove(session->buffers.tx.data, session->buffers.tx.data + size,
            session->tx_size);
}

uint32_t blox_mqtt_payload_due(const struct mqtt_session *session) {
    return session->tx_mark == 0 ? session->payload_due : 0;
}

void blox_mqtt_payload_sent(struct mqtt_session *session, uint32_t size) {
    uint32_t due = blox_mqtt_payload_due(session);
    session->payload_due -= size < due ? size : due;
    session->sent = session->sent || size > 0;
}
