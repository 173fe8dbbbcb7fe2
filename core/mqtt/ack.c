// SPDX-License-Identifier: MIT
// PUBACK, SUBACK, UNSUBACK and DISCONNECT: sections 3.4, 3.9, 3.11, 3.14.
#include "core/mqtt/codec.h"

static bool has_codes(int packet_type) {
    return packet_type == MQTT_SUBACK || packet_type == MQTT_UNSUBACK;
}

// PUBACK and DISCONNECT may end before the reason code and before the
// property length; then the code is MQTT_SUCCESS and there are no properties.
static void read_header(struct mqtt_reader *reader, int packet_type,
                        struct mqtt_ack *ack) {
    if (packet_type != MQTT_DISCONNECT) {
        ack->packet_identifier = blox_mqtt_read_u16(reader);
    }
    if (!has_codes(packet_type) && reader->left > 0) {
        ack->reason_code = blox_mqtt_read_u8(reader);
    }
    if (has_codes(packet_type) || reader->left > 0) {
        uint32_t size = blox_mqtt_read_vbi(reader);
        ack->properties = blox_mqtt_read_bytes(reader, size);
    }
}

// [MQTT-3.14.2-2] a broker never sends a Session Expiry Interval.
static bool has_expiry(const struct mqtt_ack *ack) {
    const int identifier = MQTT_SESSION_EXPIRY_INTERVAL;
    return blox_mqtt_property_number(ack->properties, identifier, 0) ==
           blox_mqtt_property_number(ack->properties, identifier, 1);
}

int blox_mqtt_read_ack(struct blox_span body, int packet_type,
                       struct mqtt_ack *ack) {
    struct mqtt_reader reader = blox_mqtt_reader(body);
    *ack = (struct mqtt_ack){0};
    read_header(&reader, packet_type, ack);
    if (has_codes(packet_type)) {
        ack->reason_codes = blox_mqtt_read_bytes(&reader, reader.left);
        ack->reason_code =
            ack->reason_codes.size > 0 ? ack->reason_codes.data[0] : 0;
    }
    bool codeless = has_codes(packet_type) && ack->reason_codes.size == 0;
    if (reader.failed || reader.left > 0 || codeless) {
        return MQTT_MALFORMED_PACKET;
    }
    if (packet_type != MQTT_DISCONNECT && ack->packet_identifier == 0) {
        return MQTT_PROTOCOL_ERROR;
    }
    int refusal = blox_mqtt_properties_check(ack->properties, packet_type);
    bool expiry = refusal == MQTT_SUCCESS && has_expiry(ack);
    return expiry ? MQTT_PROTOCOL_ERROR : refusal;
}

void blox_mqtt_write_puback(struct mqtt_writer *writer,
                            uint16_t packet_identifier, uint8_t reason_code) {
    blox_mqtt_write_u16(writer, packet_identifier);
    if (reason_code != MQTT_SUCCESS) {
        blox_mqtt_write_u8(writer, reason_code);
    }
}

void blox_mqtt_write_disconnect(struct mqtt_writer *writer,
                                uint8_t reason_code) {
    if (reason_code != MQTT_SUCCESS) {
        blox_mqtt_write_u8(writer, reason_code);
    }
}
