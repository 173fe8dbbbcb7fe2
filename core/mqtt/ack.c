// SPDX-License-Identifier: MIT
// PUBACK to PUBCOMP, SUBACK, UNSUBACK, DISCONNECT and AUTH: sections 3.4 to
// 3.7, 3.9, 3.11, 3.14, 3.15.
#include "core/mqtt/codec.h"

static bool has_codes(int packet_type) {
    return packet_type == MQTT_SUBACK || packet_type == MQTT_UNSUBACK;
}

static bool has_identifier(int packet_type) {
    return packet_type != MQTT_DISCONNECT && packet_type != MQTT_AUTH;
}

// All but SUBACK and UNSUBACK may end before the reason code and before the
// property length; then the code is MQTT_SUCCESS and there are no properties.
static void read_header(struct mqtt_reader *reader, int packet_type,
                        struct mqtt_ack *ack) {
    bool codes = has_codes(packet_type);
    if (has_identifier(packet_type)) {
        ack->packet_identifier = blox_mqtt_read_u16(reader);
    }
    if (!codes && !reader->plain && reader->left > 0) {
        ack->reason_code = blox_mqtt_read_u8(reader);
    }
    if (codes || reader->left > 0) {
        ack->properties = blox_mqtt_read_properties(reader);
    }
}

// Table 2-6: besides 0 and the failures each packet has few codes.
static bool code_known(int packet_type, uint8_t code) {
    if (code == MQTT_SUCCESS || code >= MQTT_REASON_FAILURE) {
        return true;
    }
    if (packet_type == MQTT_SUBACK) {
        return code <= MQTT_GRANTED_QOS_2;
    }
    if (packet_type == MQTT_AUTH) {
        return code == MQTT_CONTINUE_AUTHENTICATION;
    }
    if (packet_type == MQTT_UNSUBACK) {
        return code == MQTT_NO_SUBSCRIPTION_EXISTED;
    }
    return code == MQTT_NO_MATCHING_SUBSCRIBERS &&
           (packet_type == MQTT_PUBACK || packet_type == MQTT_PUBREC);
}

static bool codes_known(int packet_type, const struct mqtt_ack *ack) {
    bool known = code_known(packet_type, ack->reason_code);
    for (size_t i = 1; i < ack->reason_codes.size; ++i) {
        known = known && code_known(packet_type, ack->reason_codes.data[i]);
    }
    return known;
}

// [MQTT-2.2.1-5] names no packet by 0; [MQTT-3.14.2-2] a broker never sends a
// Session Expiry Interval.
static bool allowed(int packet_type, const struct mqtt_ack *ack) {
    struct mqtt_property_value expiry;
    return (ack->packet_identifier != 0 || !has_identifier(packet_type)) &&
           codes_known(packet_type, ack) &&
           !blox_mqtt_property_find(ack->properties,
                                    MQTT_SESSION_EXPIRY_INTERVAL, &expiry);
}

// The reason codes are what is left; UNSUBACK of MQTT 3.1.1 has none.
static bool read_codes(struct mqtt_reader *reader, int packet_type,
                       struct mqtt_ack *ack) {
    ack->reason_codes = blox_mqtt_read_bytes(reader, reader->left);
    if (ack->reason_codes.size > 0) {
        ack->reason_code = ack->reason_codes.data[0];
    }
    bool codeless = reader->plain && packet_type == MQTT_UNSUBACK;
    return codeless == (ack->reason_codes.size == 0);
}

int blox_mqtt_read_ack(struct mqtt_reader *reader, int packet_type,
                       struct mqtt_ack *ack) {
    *ack = (struct mqtt_ack){0};
    read_header(reader, packet_type, ack);
    bool complete =
        !has_codes(packet_type) || read_codes(reader, packet_type, ack);
    if (!complete || reader->failed || reader->left > 0) {
        return MQTT_MALFORMED_PACKET;
    }
    int refusal = blox_mqtt_properties_check(ack->properties, packet_type);
    bool wrong = refusal == MQTT_SUCCESS && !allowed(packet_type, ack);
    return wrong ? MQTT_PROTOCOL_ERROR : refusal;
}

void blox_mqtt_write_ack(struct mqtt_writer *writer, uint16_t packet_identifier,
                         uint8_t reason_code) {
    blox_mqtt_write_u16(writer, packet_identifier);
    if (reason_code != MQTT_SUCCESS && !writer->plain) {
        blox_mqtt_write_u8(writer, reason_code);
    }
}

void blox_mqtt_write_reason(struct mqtt_writer *writer, uint8_t reason_code,
                            struct blox_span properties) {
    bool coded = reason_code != MQTT_SUCCESS || properties.size > 0;
    if (coded && !writer->plain) {
        blox_mqtt_write_u8(writer, reason_code);
    }
    if (properties.size > 0) {
        blox_mqtt_write_properties(writer, properties);
    }
}
