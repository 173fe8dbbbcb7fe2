// SPDX-License-Identifier: MIT
// CONNACK, section 3.2.
#include "core/mqtt/codec.h"

enum { SESSION_PRESENT = 0x01 };

static bool reason_known(uint8_t reason_code) {
    return reason_code == MQTT_SUCCESS || reason_code >= MQTT_REASON_FAILURE;
}

int blox_mqtt_read_connack(struct blox_span body,
                           struct mqtt_connack *connack) {
    struct mqtt_reader reader = blox_mqtt_reader(body);
    uint8_t flags = blox_mqtt_read_u8(&reader);
    connack->session_present = (flags & SESSION_PRESENT) != 0;
    connack->reason_code = blox_mqtt_read_u8(&reader);
    uint32_t size = blox_mqtt_read_vbi(&reader);
    connack->properties = blox_mqtt_read_bytes(&reader, size);
    if (reader.failed || reader.left > 0 || flags > SESSION_PRESENT) {
        return MQTT_MALFORMED_PACKET;
    }
    // [MQTT-3.2.2-6] a refusal never has a session.
    if (!reason_known(connack->reason_code) ||
        (connack->session_present && connack->reason_code != MQTT_SUCCESS)) {
        return MQTT_PROTOCOL_ERROR;
    }
    return blox_mqtt_properties_check(connack->properties, MQTT_CONNACK);
}
