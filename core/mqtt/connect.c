// SPDX-License-Identifier: MIT
// CONNECT, section 3.1.
#include "core/mqtt/codec.h"

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

void blox_mqtt_write_connect(struct mqtt_writer *writer,
                             const struct mqtt_connect *connect,
                             struct blox_span own) {
    blox_mqtt_write_binary(writer, blox_span_text("MQTT"));
    blox_mqtt_write_u8(writer,
                       writer->plain ? MQTT_VERSION_3_1_1 : MQTT_VERSION_5);
    blox_mqtt_write_u8(writer, connect_flags(connect));
    blox_mqtt_write_u16(writer, connect->keep_alive);
    if (!writer->plain) {
        size_t size = own.size + connect->properties.size;
        blox_mqtt_write_vbi(writer, (uint32_t)size);
        blox_mqtt_write_bytes(writer, own);
        blox_mqtt_write_bytes(writer, connect->properties);
    }
    blox_mqtt_write_binary(writer, connect->client_identifier);
    if (connect->will != NULL) {
        blox_mqtt_write_properties(writer, connect->will->properties);
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
