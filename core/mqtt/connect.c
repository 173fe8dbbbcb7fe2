// SPDX-License-Identifier: MIT
// CONNECT, section 3.1.
#include "core/mqtt/codec.h"

enum { PROTOCOL_VERSION = 5 };

static uint8_t connect_flags(const struct mqtt_connect *connect) {
    unsigned flags = connect->clean_start ? MQTT_CONNECT_CLEAN_START : 0;
    if (connect->user_name.data != NULL) {
        flags |= MQTT_CONNECT_USER_NAME;
    }
    if (connect->password.data != NULL) {
        flags |= MQTT_CONNECT_PASSWORD;
    }
    if (connect->will != NULL) {
        flags |= MQTT_CONNECT_WILL |
                 (unsigned)connect->will->qos << MQTT_CONNECT_WILL_QOS_SHIFT |
                 (connect->will->retain ? MQTT_CONNECT_WILL_RETAIN : 0u);
    }
    return (uint8_t)flags;
}

static void write_properties(struct mqtt_writer *writer,
                             struct blox_span properties) {
    blox_mqtt_write_vbi(writer, (uint32_t)properties.size);
    blox_mqtt_write_bytes(writer, properties);
}

static void write_own_properties(struct mqtt_writer *writer,
                                 const struct mqtt_connect *connect) {
    if (connect->session_expiry_interval == 0) {
        blox_mqtt_write_vbi(writer, 0);
        return;
    }
    blox_mqtt_write_vbi(writer, 1 + sizeof(uint32_t));
    blox_mqtt_write_u8(writer, MQTT_SESSION_EXPIRY_INTERVAL);
    blox_mqtt_write_u32(writer, connect->session_expiry_interval);
}

void blox_mqtt_write_connect(struct mqtt_writer *writer,
                             const struct mqtt_connect *connect) {
    blox_mqtt_write_binary(writer, blox_span_text("MQTT"));
    blox_mqtt_write_u8(writer, PROTOCOL_VERSION);
    blox_mqtt_write_u8(writer, connect_flags(connect));
    blox_mqtt_write_u16(writer, connect->keep_alive);
    write_own_properties(writer, connect);
    blox_mqtt_write_binary(writer, connect->client_identifier);
    if (connect->will != NULL) {
        write_properties(writer, connect->will->properties);
        blox_mqtt_write_binary(writer, connect->will->topic);
        blox_mqtt_write_binary(writer, connect->will->payload);
    }
    if (connect->user_name.data != NULL) {
        blox_mqtt_write_binary(writer, connect->user_name);
    }
    if (connect->password.data != NULL) {
        blox_mqtt_write_binary(writer, connect->password);
    }
}
