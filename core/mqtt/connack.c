// SPDX-License-Identifier: MIT
// CONNACK, section 3.2.
#include "core/mqtt/codec.h"

enum { SESSION_PRESENT = 0x01 };

static void set_number(struct mqtt_connack *connack,
                       const struct mqtt_property_value *property) {
    uint32_t value = property->value;
    int identifier = property->identifier;
    if (identifier == MQTT_SESSION_EXPIRY_INTERVAL) {
        connack->has_session_expiry_interval = true;
        connack->session_expiry_interval = value;
    } else if (identifier == MQTT_SERVER_KEEP_ALIVE) {
        connack->has_server_keep_alive = true;
        connack->server_keep_alive = (uint16_t)value;
    } else if (identifier == MQTT_RECEIVE_MAXIMUM) {
        connack->receive_maximum = (uint16_t)value;
    } else if (identifier == MQTT_TOPIC_ALIAS_MAXIMUM) {
        connack->topic_alias_maximum = (uint16_t)value;
    } else if (identifier == MQTT_MAXIMUM_PACKET_SIZE) {
        connack->maximum_packet_size = value;
    } else if (identifier == MQTT_MAXIMUM_QOS) {
        connack->maximum_qos = (uint8_t)value;
    } else if (identifier == MQTT_RETAIN_AVAILABLE) {
        connack->retain_available = value != 0;
    } else if (identifier == MQTT_WILDCARD_SUBSCRIPTION_AVAILABLE) {
        connack->wildcard_subscription_available = value != 0;
    } else if (identifier == MQTT_SUBSCRIPTION_IDENTIFIERS_AVAILABLE) {
        connack->subscription_identifiers_available = value != 0;
    } else if (identifier == MQTT_SHARED_SUBSCRIPTION_AVAILABLE) {
        connack->shared_subscription_available = value != 0;
    }
}

static void set_text(struct mqtt_connack *connack,
                     const struct mqtt_property_value *property) {
    int identifier = property->identifier;
    if (identifier == MQTT_ASSIGNED_CLIENT_IDENTIFIER) {
        connack->assigned_client_identifier = property->text;
    } else if (identifier == MQTT_REASON_STRING) {
        connack->reason_string = property->text;
    } else if (identifier == MQTT_RESPONSE_INFORMATION) {
        connack->response_information = property->text;
    } else if (identifier == MQTT_SERVER_REFERENCE) {
        connack->server_reference = property->text;
    } else if (identifier == MQTT_AUTHENTICATION_METHOD) {
        connack->authentication_method = property->text;
    } else if (identifier == MQTT_AUTHENTICATION_DATA) {
        connack->authentication_data = property->text;
    }
}

static struct mqtt_connack defaults(void) {
    return (struct mqtt_connack){
        .maximum_qos = 2,
        .retain_available = true,
        .wildcard_subscription_available = true,
        .subscription_identifiers_available = true,
        .shared_subscription_available = true,
        .receive_maximum = UINT16_MAX,
    };
}

static bool reason_known(uint8_t reason_code) {
    return reason_code == MQTT_SUCCESS || reason_code >= MQTT_REASON_FAILURE;
}

int blox_mqtt_read_connack(struct blox_span body,
                           struct mqtt_connack *connack) {
    struct mqtt_reader reader = blox_mqtt_reader(body);
    uint8_t flags = blox_mqtt_read_u8(&reader);
    *connack = defaults();
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
    int refusal = blox_mqtt_properties_check(connack->properties, MQTT_CONNACK);
    struct mqtt_property_value property;
    reader = blox_mqtt_reader(connack->properties);
    while (refusal == MQTT_SUCCESS &&
           blox_mqtt_property_next(&reader, &property)) {
        set_number(connack, &property);
        set_text(connack, &property);
    }
    return refusal;
}
