// SPDX-License-Identifier: MIT
#include "bind/mqtt_extra/properties.h"

#include "core/base/text.h"
#include "core/mqtt/property.h"

enum { ROOM_FIRST = 128, ROOM_MOST = 1 << 18, SENTENCE = 96 };

struct name {
    uint8_t identifier;
    const char *name;
};

static const struct name names[] = {
    {MQTT_PAYLOAD_FORMAT_INDICATOR, "payload_format_indicator"},
    {MQTT_MESSAGE_EXPIRY_INTERVAL, "message_expiry_interval"},
    {MQTT_CONTENT_TYPE, "content_type"},
    {MQTT_RESPONSE_TOPIC, "response_topic"},
    {MQTT_CORRELATION_DATA, "correlation_data"},
    {MQTT_SUBSCRIPTION_IDENTIFIER, "subscription_identifier"},
    {MQTT_SESSION_EXPIRY_INTERVAL, "session_expiry_interval"},
    {MQTT_ASSIGNED_CLIENT_IDENTIFIER, "assigned_client_identifier"},
    {MQTT_SERVER_KEEP_ALIVE, "server_keep_alive"},
    {MQTT_AUTHENTICATION_METHOD, "authentication_method"},
    {MQTT_AUTHENTICATION_DATA, "authentication_data"},
    {MQTT_REQUEST_PROBLEM_INFORMATION, "request_problem_information"},
    {MQTT_WILL_DELAY_INTERVAL, "will_delay_interval"},
    {MQTT_REQUEST_RESPONSE_INFORMATION, "request_response_information"},
    {MQTT_RESPONSE_INFORMATION, "response_information"},
    {MQTT_SERVER_REFERENCE, "server_reference"},
    {MQTT_REASON_STRING, "reason_string"},
    {MQTT_RECEIVE_MAXIMUM, "receive_maximum"},
    {MQTT_TOPIC_ALIAS_MAXIMUM, "topic_alias_maximum"},
    {MQTT_TOPIC_ALIAS, "topic_alias"},
    {MQTT_MAXIMUM_QOS, "maximum_qos"},
    {MQTT_RETAIN_AVAILABLE, "retain_available"},
    {MQTT_USER_PROPERTY, "user_property"},
    {MQTT_MAXIMUM_PACKET_SIZE, "maximum_packet_size"},
    {MQTT_WILDCARD_SUBSCRIPTION_AVAILABLE, "wildcard_subscription_available"},
    {MQTT_SUBSCRIPTION_IDENTIFIERS_AVAILABLE,
     "subscription_identifiers_available"},
    {MQTT_SHARED_SUBSCRIPTION_AVAILABLE, "shared_subscription_available"},
};

static _Noreturn void refuse(struct blox_span name, const char *what) {
    char data[SENTENCE];
    struct blox_text why;
    blox_text_init(&why, data, sizeof data);
    blox_text_fail(&why, BLOX_ERROR_ARGUMENT, "mqtt: property", name, what);
    blox_raise(BLOX_ERROR_ARGUMENT, blox_text_span(&why));
}

static int find_identifier(struct blox_span name) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(names); ++i) {
        if (blox_span_is(name, names[i].name)) {
            return names[i].identifier;
        }
    }
    refuse(name, "there is none of this name");
}

static mp_obj_t find_name(int identifier) {
    size_t i = 0;
    while (names[i].identifier != identifier) {
        ++i;
    }
    return blox_new_str(blox_span_text(names[i].name));
}

// A native module is not told when an int is cut to fit: it is made again and
// compared.
static uint32_t number(struct blox_span name, mp_obj_t value, uint32_t most) {
    uint32_t number = (uint32_t)mp_obj_get_int_truncated(value);
    mp_obj_t same = mp_binary_op(MP_BINARY_OP_EQUAL, value,
                                 mp_obj_new_int_from_uint(number));
    if (same != mp_const_true || number > most) {
        refuse(name, "the number is out of range");
    }
    return number;
}

static struct blox_span text(struct blox_span name, mp_obj_t value, int kind) {
    struct blox_span span = blox_bind_span(value);
    if (span.size > MQTT_STRING_MAX ||
        (kind != MQTT_KIND_BINARY && !blox_mqtt_string_valid(span))) {
        refuse(name, "the text is too long or not UTF-8");
    }
    return span;
}

static void write_pair(struct mqtt_writer *writer, struct blox_span name,
                       mp_obj_t pair) {
    size_t count = 0;
    mp_obj_t *items = NULL;
    mp_obj_get_array(pair, &count, &items);
    if (count != 2) {
        refuse(name, "a list of pairs is wanted");
    }
    blox_mqtt_write_user_property(writer, text(name, items[0], MQTT_KIND_PAIR),
                                  text(name, items[1], MQTT_KIND_PAIR));
}

static void write_one(struct mqtt_writer *writer, int identifier,
                      struct blox_span name, mp_obj_t value) {
    int kind = blox_mqtt_property_kind(identifier);
    if (kind == MQTT_KIND_PAIR) {
        write_pair(writer, name, value);
    } else if (kind == MQTT_KIND_TEXT || kind == MQTT_KIND_BINARY) {
        blox_mqtt_write_property_text(writer, identifier,
                                      text(name, value, kind));
    } else {
        uint32_t most = blox_mqtt_property_most(identifier);
        blox_mqtt_write_property(writer, identifier, number(name, value, most));
    }
}

static bool is_list(int identifier, mp_obj_t value) {
    return identifier == MQTT_USER_PROPERTY ||
           (identifier == MQTT_SUBSCRIPTION_IDENTIFIER &&
            !mp_obj_is_small_int(value));
}

// One item of the dict: a list is as many properties.
static void write_item(struct mqtt_writer *writer, mp_obj_t item) {
    size_t count = 0;
    mp_obj_t *pair = NULL;
    mp_obj_get_array(item, &count, &pair);
    struct blox_span name = blox_bind_span(pair[0]);
    int identifier = find_identifier(name);
    if (!is_list(identifier, pair[1])) {
        write_one(writer, identifier, name, pair[1]);
        return;
    }
    mp_obj_t iterator = blox_getiter(pair[1]);
    for (mp_obj_t value = blox_next(iterator); value != MP_OBJ_STOP_ITERATION;
         value = blox_next(iterator)) {
        write_one(writer, identifier, name, value);
    }
}

static struct mqtt_writer write_all(mp_obj_t properties, size_t room) {
    struct mqtt_writer writer = blox_mqtt_writer(m_malloc(room), room);
    mp_obj_t items =
        blox_getiter(blox_call(properties, MP_QSTR_items, MP_OBJ_NULL));
    for (mp_obj_t item = blox_next(items); item != MP_OBJ_STOP_ITERATION;
         item = blox_next(items)) {
        write_item(&writer, item);
    }
    return writer;
}

mp_obj_t blox_mqtt_encode(mp_obj_t properties) {
    size_t room = ROOM_FIRST;
    struct mqtt_writer writer = write_all(properties, room);
    while (writer.failed && room < ROOM_MOST) {
        room *= 4;
        writer = write_all(properties, room);
    }
    if (writer.failed) {
        refuse(blox_span(NULL, 0), "they are too many");
    }
    return blox_new_bytes(blox_span(writer.data, writer.size));
}

static mp_obj_t value_of(const struct mqtt_property_value *property) {
    int kind = blox_mqtt_property_kind(property->identifier);
    if (kind == MQTT_KIND_PAIR) {
        mp_obj_t pair[] = {blox_new_str(property->name),
                           blox_new_str(property->text)};
        return mp_obj_new_tuple(2, pair);
    }
    if (kind == MQTT_KIND_TEXT) {
        return blox_new_str(property->text);
    }
    return kind == MQTT_KIND_BINARY ? blox_new_bytes(property->text)
                                    : mp_obj_new_int_from_uint(property->value);
}

// What may stand more than once is a list, begun when the first comes.
static mp_obj_t listed(mp_obj_t dict, mp_obj_t *list, int identifier) {
    if (*list == MP_OBJ_NULL) {
        *list = mp_obj_new_list(0, NULL);
        mp_obj_dict_store(dict, find_name(identifier), *list);
    }
    return *list;
}

mp_obj_t blox_mqtt_decode(mp_obj_t encoded) {
    mp_obj_t dict = mp_obj_new_dict(0);
    mp_obj_t users = MP_OBJ_NULL;
    mp_obj_t identifiers = MP_OBJ_NULL;
    if (encoded == mp_const_none) {
        return dict;
    }
    struct mqtt_reader reader = blox_mqtt_reader(blox_bind_span(encoded));
    struct mqtt_property_value property;
    while (blox_mqtt_property_next(&reader, &property)) {
        mp_obj_t value = value_of(&property);
        int identifier = property.identifier;
        if (identifier == MQTT_USER_PROPERTY) {
            mp_obj_list_append(listed(dict, &users, identifier), value);
        } else if (identifier == MQTT_SUBSCRIPTION_IDENTIFIER) {
            mp_obj_list_append(listed(dict, &identifiers, identifier), value);
        } else {
            mp_obj_dict_store(dict, find_name(identifier), value);
        }
    }
    if (reader.failed) {
        refuse(blox_span(NULL, 0), "the bytes are none");
    }
    return dict;
}
