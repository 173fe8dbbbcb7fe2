// SPDX-License-Identifier: MIT
// PUBLISH, section 3.3, without its payload.
#include "core/mqtt/codec.h"
#include "core/mqtt/topic.h"

enum { QOS_MASK = 3, ALIAS_SIZE = 3 };

uint8_t blox_mqtt_publish_first_byte(const struct mqtt_publish *publish) {
    unsigned flags = (unsigned)publish->qos << MQTT_PUBLISH_QOS_SHIFT |
                     (publish->dup ? MQTT_PUBLISH_DUP : 0u) |
                     (publish->retain ? MQTT_PUBLISH_RETAIN : 0u);
    return (uint8_t)(MQTT_PUBLISH << 4 | flags);
}

void blox_mqtt_write_publish(struct mqtt_writer *writer,
                             const struct mqtt_publish *publish) {
    blox_mqtt_write_binary(writer, publish->topic);
    if (publish->qos > 0) {
        blox_mqtt_write_u16(writer, publish->packet_identifier);
    }
    if (publish->topic_alias == 0) {
        blox_mqtt_write_properties(writer, publish->properties);
        return;
    }
    size_t size = publish->properties.size + ALIAS_SIZE;
    blox_mqtt_write_vbi(writer, (uint32_t)size);
    blox_mqtt_write_u8(writer, MQTT_TOPIC_ALIAS);
    blox_mqtt_write_u16(writer, publish->topic_alias);
    blox_mqtt_write_bytes(writer, publish->properties);
}

// A topic may be empty only with an alias (section 3.3.2.3.4).
static int check_topic(const struct mqtt_publish *publish) {
    if (publish->topic.size == 0) {
        return publish->topic_alias > 0 ? MQTT_SUCCESS : MQTT_PROTOCOL_ERROR;
    }
    return blox_mqtt_topic_valid(publish->topic) ? MQTT_SUCCESS
                                                 : MQTT_MALFORMED_PACKET;
}

int blox_mqtt_read_publish(struct mqtt_reader *reader, uint8_t first_byte,
                           struct mqtt_publish *publish) {
    *publish = (struct mqtt_publish){
        .qos = first_byte >> MQTT_PUBLISH_QOS_SHIFT & QOS_MASK,
        .retain = (first_byte & MQTT_PUBLISH_RETAIN) != 0,
        .dup = (first_byte & MQTT_PUBLISH_DUP) != 0,
    };
    publish->topic = blox_mqtt_read_binary(reader);
    if (publish->qos > 0) {
        publish->packet_identifier = blox_mqtt_read_u16(reader);
    }
    publish->properties = blox_mqtt_read_properties(reader);
    if (reader->failed || reader->left > 0) {
        return MQTT_MALFORMED_PACKET;
    }
    // [MQTT-2.2.1-4]
    int refusal =
        publish->qos > 0 && publish->packet_identifier == 0
            ? MQTT_PROTOCOL_ERROR
            : blox_mqtt_properties_check(publish->properties, MQTT_PUBLISH);
    publish->topic_alias = (uint16_t)blox_mqtt_property_number(
        publish->properties, MQTT_TOPIC_ALIAS, 0);
    return refusal == MQTT_SUCCESS ? check_topic(publish) : refusal;
}
