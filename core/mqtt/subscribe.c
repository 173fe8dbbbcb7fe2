// SPDX-License-Identifier: MIT
// SUBSCRIBE, section 3.8, and UNSUBSCRIBE, section 3.10.
#include "core/mqtt/codec.h"

void blox_mqtt_write_subscribe(struct mqtt_writer *writer, int packet_type,
                               uint16_t packet_identifier,
                               struct blox_span properties,
                               const struct mqtt_subscription *subscriptions,
                               size_t count) {
    blox_mqtt_write_u16(writer, packet_identifier);
    blox_mqtt_write_properties(writer, properties);
    for (size_t i = 0; i < count; ++i) {
        blox_mqtt_write_binary(writer, subscriptions[i].filter);
        if (packet_type == MQTT_SUBSCRIBE) {
            blox_mqtt_write_u8(writer, subscriptions[i].options);
        }
    }
}
