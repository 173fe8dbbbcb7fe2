// SPDX-License-Identifier: MIT
// CONNACK, section 3.2.
#include "core/mqtt/codec.h"

enum { SESSION_PRESENT = 0x01, PLAIN_SIZE = 2, PLAIN_CODES = 6 };

static bool reason_known(uint8_t reason_code) {
    return reason_code == MQTT_SUCCESS || reason_code >= MQTT_REASON_FAILURE;
}

// Return codes of MQTT 3.1.1, its section 3.2.2.3.
static uint8_t plain_reason(uint8_t code) {
    static const uint8_t reasons[PLAIN_CODES] = {
        MQTT_SUCCESS,
        MQTT_UNSUPPORTED_PROTOCOL_VERSION,
        MQTT_CLIENT_IDENTIFIER_NOT_VALID,
        MQTT_SERVER_UNAVAILABLE,
        MQTT_BAD_USER_NAME_OR_PASSWORD,
        MQTT_NOT_AUTHORIZED,
    };
    return code < PLAIN_CODES ? reasons[code] : 1;
}

int blox_mqtt_read_connack(struct mqtt_reader *reader,
                           struct mqtt_ack *connack) {
    // Without a property length it is of 3.1.1; to 5.0 that is a refusal.
    bool plain =
        reader->plain || (reader->left == PLAIN_SIZE && reader->data[1] == 1);
    *connack = (struct mqtt_ack){0};
    uint8_t flags = blox_mqtt_read_u8(reader);
    uint8_t code = blox_mqtt_read_u8(reader);
    reader->plain = plain;
    connack->session_present = (flags & SESSION_PRESENT) != 0;
    connack->reason_code = plain ? plain_reason(code) : code;
    connack->properties = blox_mqtt_read_properties(reader);
    if (reader->failed || reader->left > 0 || flags > SESSION_PRESENT) {
        return MQTT_MALFORMED_PACKET;
    }
    // [MQTT-3.2.2-6] a refusal never has a session.
    if (!reason_known(connack->reason_code) ||
        (connack->session_present && connack->reason_code != MQTT_SUCCESS)) {
        return MQTT_PROTOCOL_ERROR;
    }
    return blox_mqtt_properties_check(connack->properties, MQTT_CONNACK);
}
