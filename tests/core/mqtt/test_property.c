// SPDX-License-Identifier: MIT
#include "core/mqtt/property.h"

#include "tests/core/test.h"

// Table 2-4 of section 2.2.2.2 once more, by hand: an example of each
// property and the packets it may stand in (bit MQTT_WILL for a will).
#define IN(type) (1u << MQTT_##type)
#define EVERY_ACK                                                              \
    (IN(PUBACK) | IN(PUBREC) | IN(PUBREL) | IN(PUBCOMP) | IN(SUBACK) |         \
     IN(UNSUBACK))

struct example {
    size_t size;
    uint8_t bytes[10];
    unsigned packets;
};

static const struct example examples[] = {
    {2, {0x01, 1}, IN(PUBLISH) | IN(WILL)},
    {5, {0x02, 0, 0, 0, 1}, IN(PUBLISH) | IN(WILL)},
    {4, {0x03, 0, 1, 't'}, IN(PUBLISH) | IN(WILL)},
    {4, {0x08, 0, 1, 't'}, IN(PUBLISH) | IN(WILL)},
    {4, {0x09, 0, 1, 0}, IN(PUBLISH) | IN(WILL)},
    {3, {0x0b, 0x80, 0x01}, IN(PUBLISH) | IN(SUBSCRIBE)},
    {5, {0x11, 0, 0, 0, 0}, IN(CONNECT) | IN(CONNACK) | IN(DISCONNECT)},
    {4, {0x12, 0, 1, 't'}, IN(CONNACK)},
    {3, {0x13, 0, 0}, IN(CONNACK)},
    {4, {0x15, 0, 1, 't'}, IN(CONNECT) | IN(CONNACK) | IN(AUTH)},
    {4, {0x16, 0, 1, 0}, IN(CONNECT) | IN(CONNACK) | IN(AUTH)},
    {2, {0x17, 1}, IN(CONNECT)},
    {5, {0x18, 0, 0, 0, 0}, IN(WILL)},
    {2, {0x19, 0}, IN(CONNECT)},
    {4, {0x1a, 0, 1, 't'}, IN(CONNACK)},
    {4, {0x1c, 0, 1, 't'}, IN(CONNACK) | IN(DISCONNECT)},
    {4, {0x1f, 0, 1, 't'}, IN(CONNACK) | EVERY_ACK | IN(DISCONNECT) | IN(AUTH)},
    {3, {0x21, 0, 1}, IN(CONNECT) | IN(CONNACK)},
    {3, {0x22, 0, 0}, IN(CONNECT) | IN(CONNACK)},
    {3, {0x23, 0, 1}, IN(PUBLISH)},
    {2, {0x24, 0}, IN(CONNACK)},
    {2, {0x25, 1}, IN(CONNACK)},
    {7,
     {0x26, 0, 1, 'k', 0, 1, 'v'},
     IN(CONNECT) | IN(CONNACK) | IN(PUBLISH) | IN(WILL) | EVERY_ACK |
         IN(SUBSCRIBE) | IN(UNSUBSCRIBE) | IN(DISCONNECT) | IN(AUTH)},
    {5, {0x27, 0, 0, 0, 1}, IN(CONNECT) | IN(CONNACK)},
    {2, {0x28, 0}, IN(CONNACK)},
    {2, {0x29, 0}, IN(CONNACK)},
    {2, {0x2a, 0}, IN(CONNACK)},
};

enum { EXAMPLES = sizeof examples / sizeof examples[0] };

static bool has_properties(int type) {
    return type != MQTT_PINGREQ && type != MQTT_PINGRESP;
}

static void each_stands_where_the_standard_lets_it(void **state) {
    (void)state;
    for (size_t i = 0; i < EXAMPLES; ++i) {
        struct blox_span one = blox_span(examples[i].bytes, examples[i].size);
        for (int type = MQTT_WILL; type <= MQTT_AUTH; ++type) {
            bool allowed =
                has_properties(type) && (examples[i].packets >> type & 1) != 0;
            assert_int_equal(blox_mqtt_properties_check(one, type),
                             allowed ? MQTT_SUCCESS : MQTT_MALFORMED_PACKET);
        }
    }
}

static void none_may_be_cut_off(void **state) {
    (void)state;
    for (size_t i = 0; i < EXAMPLES; ++i) {
        for (int type = MQTT_WILL; type <= MQTT_AUTH; ++type) {
            for (size_t size = 1; size < examples[i].size; ++size) {
                struct blox_span cut = blox_span(examples[i].bytes, size);
                assert_int_equal(blox_mqtt_properties_check(cut, type),
                                 MQTT_MALFORMED_PACKET);
            }
        }
    }
}

static void only_user_properties_come_twice(void **state) {
    (void)state;
    for (size_t i = 0; i < EXAMPLES; ++i) {
        uint8_t bytes[20];
        size_t size = examples[i].size;
        memcpy(bytes, examples[i].bytes, size);
        memcpy(bytes + size, examples[i].bytes, size);
        for (int type = MQTT_WILL; type <= MQTT_AUTH; ++type) {
            if (!has_properties(type) ||
                (examples[i].packets >> type & 1) == 0) {
                continue;
            }
            int identifier = bytes[0];
            bool repeats = identifier == MQTT_USER_PROPERTY ||
                           (identifier == MQTT_SUBSCRIPTION_IDENTIFIER &&
                            type == MQTT_PUBLISH);
            assert_int_equal(
                blox_mqtt_properties_check(blox_span(bytes, 2 * size), type),
                repeats ? MQTT_SUCCESS : MQTT_PROTOCOL_ERROR);
        }
    }
}

static void unknown_ones_are_malformed(void **state) {
    (void)state;
    for (unsigned identifier = 0; identifier < 256; ++identifier) {
        uint8_t bytes[16] = {(uint8_t)identifier};
        bool known = false;
        for (size_t i = 0; i < EXAMPLES; ++i) {
            known = known || examples[i].bytes[0] == identifier;
        }
        struct mqtt_reader reader =
            blox_mqtt_reader(blox_span(bytes, sizeof bytes));
        struct mqtt_property_value property;
        assert_int_equal(blox_mqtt_property_next(&reader, &property), known);
        assert_int_equal(reader.failed, !known);
    }
}

static void values_have_their_range(void **state) {
    (void)state;
    const struct {
        size_t size;
        uint8_t bytes[5];
        int type;
        int reason_code;
    } cases[] = {
        {2, {0x01, 2}, MQTT_PUBLISH, MQTT_PROTOCOL_ERROR},
        {2, {0x17, 2}, MQTT_CONNECT, MQTT_PROTOCOL_ERROR},
        {2, {0x24, 2}, MQTT_CONNACK, MQTT_PROTOCOL_ERROR},
        {2, {0x25, 2}, MQTT_CONNACK, MQTT_PROTOCOL_ERROR},
        {3, {0x21, 0, 0}, MQTT_CONNACK, MQTT_PROTOCOL_ERROR},
        {5, {0x27, 0, 0, 0, 0}, MQTT_CONNACK, MQTT_PROTOCOL_ERROR},
        {2, {0x0b, 0}, MQTT_PUBLISH, MQTT_PROTOCOL_ERROR},
        {3, {0x23, 0, 0}, MQTT_PUBLISH, MQTT_TOPIC_ALIAS_INVALID},
        {3, {0x0b, 0x80, 0x00}, MQTT_PUBLISH, MQTT_MALFORMED_PACKET},
        {4, {0x03, 0, 1, 0xff}, MQTT_PUBLISH, MQTT_MALFORMED_PACKET},
        {4, {0x03, 0, 1, 0}, MQTT_PUBLISH, MQTT_MALFORMED_PACKET},
        {4, {0x09, 0, 1, 0xff}, MQTT_PUBLISH, MQTT_SUCCESS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        assert_int_equal(
            blox_mqtt_properties_check(blox_span(cases[i].bytes, cases[i].size),
                                       cases[i].type),
            cases[i].reason_code);
    }
}

static void are_read_one_after_the_other(void **state) {
    (void)state;
    const uint8_t bytes[] = {0x26, 0, 1, 'k', 0,    2, 'v', 'w', 0x02,
                             0,    0, 1, 0,   0x09, 0, 1,   7};
    struct mqtt_reader reader =
        blox_mqtt_reader(blox_span(bytes, sizeof bytes));
    struct mqtt_property_value property;
    assert_true(blox_mqtt_property_next(&reader, &property));
    assert_int_equal(property.identifier, MQTT_USER_PROPERTY);
    assert_true(blox_span_is(property.name, "k"));
    assert_true(blox_span_is(property.text, "vw"));
    assert_true(blox_mqtt_property_next(&reader, &property));
    assert_int_equal(property.identifier, MQTT_MESSAGE_EXPIRY_INTERVAL);
    assert_int_equal(property.value, 256);
    assert_int_equal(property.text.size, 0);
    assert_true(blox_mqtt_property_next(&reader, &property));
    assert_true(blox_span_is(property.text, "\x07"));
    assert_false(blox_mqtt_property_next(&reader, &property));
    assert_false(reader.failed);
}

static void what_is_written_is_read_again(void **state) {
    (void)state;
    for (size_t i = 0; i < EXAMPLES; ++i) {
        struct mqtt_reader reader =
            blox_mqtt_reader(blox_span(examples[i].bytes, examples[i].size));
        struct mqtt_property_value property;
        assert_true(blox_mqtt_property_next(&reader, &property));
        uint8_t bytes[10];
        struct mqtt_writer writer = blox_mqtt_writer(bytes, sizeof bytes);
        if (property.identifier == MQTT_USER_PROPERTY) {
            blox_mqtt_write_user_property(&writer, property.name,
                                          property.text);
        } else if (property.text.size > 0) {
            blox_mqtt_write_property_text(&writer, property.identifier,
                                          property.text);
        } else {
            blox_mqtt_write_property(&writer, property.identifier,
                                     property.value);
        }
        assert_false(writer.failed);
        assert_int_equal(writer.size, examples[i].size);
        assert_memory_equal(bytes, examples[i].bytes, writer.size);
    }
}

static void a_value_of_another_type_is_not_written(void **state) {
    (void)state;
    uint8_t bytes[10];
    struct mqtt_writer writer = blox_mqtt_writer(bytes, sizeof bytes);
    blox_mqtt_write_property(&writer, MQTT_REASON_STRING, 1);
    assert_true(writer.failed);
    writer = blox_mqtt_writer(bytes, sizeof bytes);
    blox_mqtt_write_property_text(&writer, MQTT_MAXIMUM_QOS,
                                  blox_span_text("x"));
    assert_true(writer.failed);
    writer = blox_mqtt_writer(bytes, sizeof bytes);
    blox_mqtt_write_property(&writer, 0x7f, 1);
    assert_true(writer.failed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stands_where_the_standard_lets_it),
        cmocka_unit_test(none_may_be_cut_off),
        cmocka_unit_test(only_user_properties_come_twice),
        cmocka_unit_test(unknown_ones_are_malformed),
        cmocka_unit_test(values_have_their_range),
        cmocka_unit_test(are_read_one_after_the_other),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_value_of_another_type_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
