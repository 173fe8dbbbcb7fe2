// SPDX-License-Identifier: MIT
#include "core/mqtt/property.h"

#include "core/mqtt/topic.h"

enum type { BYTE, U16, U32, VBI, TEXT, BINARY, PAIR };

// Bits of rule.packets.
enum {
    WILL = 1 << MQTT_WILL,
    CONNECT = 1 << MQTT_CONNECT,
    CONNACK = 1 << MQTT_CONNACK,
    PUBLISH = 1 << MQTT_PUBLISH,
    SUBSCRIBE = 1 << MQTT_SUBSCRIBE,
    DISCONNECT = 1 << MQTT_DISCONNECT,
    AUTH = 1 << MQTT_AUTH,
    MESSAGE = WILL | PUBLISH,
    ACKS = 1 << MQTT_PUBACK | 1 << MQTT_PUBREC | 1 << MQTT_PUBREL |
           1 << MQTT_PUBCOMP | 1 << MQTT_SUBACK | 1 << MQTT_UNSUBACK,
    REASONED = CONNACK | ACKS | DISCONNECT | AUTH,
    EVERYWHERE =
        MESSAGE | CONNECT | SUBSCRIBE | 1 << MQTT_UNSUBSCRIBE | REASONED,
};

// Bytes of an integer, BYTE to U32.
static size_t size_of(int type) {
    return (size_t)1 << type;
}

struct rule {
    uint8_t identifier;
    uint8_t type;
    uint16_t packets;
};

// Table 2-4 of section 2.2.2.2.
static const struct rule rules[] = {
    {MQTT_PAYLOAD_FORMAT_INDICATOR, BYTE, MESSAGE},
    {MQTT_MESSAGE_EXPIRY_INTERVAL, U32, MESSAGE},
    {MQTT_CONTENT_TYPE, TEXT, MESSAGE},
    {MQTT_RESPONSE_TOPIC, TEXT, MESSAGE},
    {MQTT_CORRELATION_DATA, BINARY, MESSAGE},
    {MQTT_SUBSCRIPTION_IDENTIFIER, VBI, PUBLISH | SUBSCRIBE},
    {MQTT_SESSION_EXPIRY_INTERVAL, U32, CONNECT | CONNACK | DISCONNECT},
    {MQTT_ASSIGNED_CLIENT_IDENTIFIER, TEXT, CONNACK},
    {MQTT_SERVER_KEEP_ALIVE, U16, CONNACK},
    {MQTT_AUTHENTICATION_METHOD, TEXT, CONNECT | CONNACK | AUTH},
    {MQTT_AUTHENTICATION_DATA, BINARY, CONNECT | CONNACK | AUTH},
    {MQTT_REQUEST_PROBLEM_INFORMATION, BYTE, CONNECT},
    {MQTT_WILL_DELAY_INTERVAL, U32, WILL},
    {MQTT_REQUEST_RESPONSE_INFORMATION, BYTE, CONNECT},
    {MQTT_RESPONSE_INFORMATION, TEXT, CONNACK},
    {MQTT_SERVER_REFERENCE, TEXT, CONNACK | DISCONNECT},
    {MQTT_REASON_STRING, TEXT, REASONED},
    {MQTT_RECEIVE_MAXIMUM, U16, CONNECT | CONNACK},
    {MQTT_TOPIC_ALIAS_MAXIMUM, U16, CONNECT | CONNACK},
    {MQTT_TOPIC_ALIAS, U16, PUBLISH},
    {MQTT_MAXIMUM_QOS, BYTE, CONNACK},
    {MQTT_RETAIN_AVAILABLE, BYTE, CONNACK},
    {MQTT_USER_PROPERTY, PAIR, (uint16_t)EVERYWHERE},
    {MQTT_MAXIMUM_PACKET_SIZE, U32, CONNECT | CONNACK},
    {MQTT_WILDCARD_SUBSCRIPTION_AVAILABLE, BYTE, CONNACK},
    {MQTT_SUBSCRIPTION_IDENTIFIERS_AVAILABLE, BYTE, CONNACK},
    {MQTT_SHARED_SUBSCRIPTION_AVAILABLE, BYTE, CONNACK},
};

enum { RULES = sizeof rules / sizeof rules[0] };

// The index of identifier in rules, RULES when it is unknown.
static size_t find_rule(uint32_t identifier) {
    size_t i = 0;
    while (i < RULES && rules[i].identifier != identifier) {
        ++i;
    }
    return i;
}

enum mqtt_property_kind blox_mqtt_property_kind(int identifier) {
    size_t i = find_rule((uint32_t)identifier);
    if (i == RULES) {
        return MQTT_KIND_UNKNOWN;
    }
    return rules[i].type < TEXT ? MQTT_KIND_NUMBER
                                : (enum mqtt_property_kind)(
                                      rules[i].type - TEXT + MQTT_KIND_TEXT);
}

uint32_t blox_mqtt_property_most(int identifier) {
    static const uint32_t most[] = {UINT8_MAX, UINT16_MAX, UINT32_MAX,
                                    MQTT_REMAINING_LENGTH_MAX};
    size_t i = find_rule((uint32_t)identifier);
    return i < RULES && rules[i].type < TEXT ? most[rules[i].type] : 0;
}

static uint32_t read_value(struct mqtt_reader *reader, int type) {
    if (type <= U32) {
        return blox_mqtt_read_number(reader, size_of(type));
    }
    return type == VBI ? blox_mqtt_read_vbi(reader) : 0;
}

bool blox_mqtt_property_next(struct mqtt_reader *reader,
                             struct mqtt_property_value *property) {
    if (reader->failed || reader->left == 0) {
        return false;
    }
    size_t i = find_rule(blox_mqtt_read_vbi(reader));
    if (i == RULES) {
        reader->failed = true;
        return false;
    }
    int type = rules[i].type;
    *property = (struct mqtt_property_value){.identifier = rules[i].identifier};
    property->value = read_value(reader, type);
    if (type == PAIR) {
        property->name = blox_mqtt_read_string(reader);
    }
    if (type == BINARY) {
        property->text = blox_mqtt_read_binary(reader);
    } else if (type == TEXT || type == PAIR) {
        property->text = blox_mqtt_read_string(reader);
    }
    return !reader->failed;
}

bool blox_mqtt_property_find(struct blox_span properties, int identifier,
                             struct mqtt_property_value *property) {
    struct mqtt_reader reader = blox_mqtt_reader(properties);
    while (blox_mqtt_property_next(&reader, property)) {
        if (property->identifier == identifier) {
            return true;
        }
    }
    return false;
}

uint32_t blox_mqtt_property_number(struct blox_span properties, int identifier,
                                   uint32_t otherwise) {
    struct mqtt_property_value property;
    return blox_mqtt_property_find(properties, identifier, &property)
               ? property.value
               : otherwise;
}

struct blox_span blox_mqtt_property_text(struct blox_span properties,
                                         int identifier) {
    struct mqtt_property_value property;
    return blox_mqtt_property_find(properties, identifier, &property)
               ? property.text
               : blox_span(NULL, 0);
}

// Whether a property may stand more than once: sections 3.3.2.3.8 and, for
// user properties, 2.2.2.2.
static bool may_repeat(int identifier, int packet_type) {
    return identifier == MQTT_USER_PROPERTY ||
           (identifier == MQTT_SUBSCRIPTION_IDENTIFIER &&
            packet_type == MQTT_PUBLISH);
}

// The values that the standard calls a Protocol Error.
static int check_value(const struct mqtt_property_value *property, int type) {
    int identifier = property->identifier;
    if (type == BYTE && property->value > 1) {
        return MQTT_PROTOCOL_ERROR;
    }
    // [MQTT-3.3.2-14]
    if (identifier == MQTT_RESPONSE_TOPIC) {
        return blox_mqtt_topic_valid(property->text) ? MQTT_SUCCESS
                                                     : MQTT_PROTOCOL_ERROR;
    }
    if (property->value > 0) {
        return MQTT_SUCCESS;
    }
    if (identifier == MQTT_TOPIC_ALIAS) {
        return MQTT_TOPIC_ALIAS_INVALID;
    }
    bool zero = identifier == MQTT_RECEIVE_MAXIMUM ||
                identifier == MQTT_MAXIMUM_PACKET_SIZE ||
                identifier == MQTT_SUBSCRIPTION_IDENTIFIER;
    return zero ? MQTT_PROTOCOL_ERROR : MQTT_SUCCESS;
}

int blox_mqtt_properties_check(struct blox_span properties, int packet_type) {
    struct mqtt_reader reader = blox_mqtt_reader(properties);
    struct mqtt_property_value property;
    uint32_t seen = 0;
    while (blox_mqtt_property_next(&reader, &property)) {
        size_t i = find_rule(property.identifier);
        uint32_t bit = (uint32_t)1 << i;
        if ((rules[i].packets >> packet_type & 1) == 0) {
            return MQTT_MALFORMED_PACKET;
        }
        if ((seen & bit) != 0 &&
            !may_repeat(property.identifier, packet_type)) {
            return MQTT_PROTOCOL_ERROR;
        }
        seen |= bit;
        int reason_code = check_value(&property, rules[i].type);
        if (reason_code != MQTT_SUCCESS) {
            return reason_code;
        }
    }
    return reader.failed ? MQTT_MALFORMED_PACKET : MQTT_SUCCESS;
}

// Writes the identifier when it has one of the types from first to last.
// Returns its type, or -1.
static int write_identifier(struct mqtt_writer *writer, int identifier,
                            int first, int last) {
    size_t i = find_rule((uint32_t)identifier);
    if (i == RULES || rules[i].type < first || rules[i].type > last) {
        writer->failed = true;
        return -1;
    }
    blox_mqtt_write_u8(writer, (uint8_t)identifier);
    return rules[i].type;
}

void blox_mqtt_write_property(struct mqtt_writer *writer, int identifier,
                              uint32_t value) {
    int type = write_identifier(writer, identifier, BYTE, VBI);
    if (type == VBI) {
        blox_mqtt_write_vbi(writer, value);
    } else if (type >= BYTE) {
        blox_mqtt_write_number(writer, value, size_of(type));
    }
}

void blox_mqtt_write_property_text(struct mqtt_writer *writer, int identifier,
                                   struct blox_span text) {
    write_identifier(writer, identifier, TEXT, BINARY);
    blox_mqtt_write_binary(writer, text);
}

void blox_mqtt_write_user_property(struct mqtt_writer *writer,
                                   struct blox_span name,
                                   struct blox_span value) {
    write_identifier(writer, MQTT_USER_PROPERTY, PAIR, PAIR);
    blox_mqtt_write_binary(writer, name);
    blox_mqtt_write_binary(writer, value);
}
