// SPDX-License-Identifier: MIT
#include "core/mqtt/codec.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static int read(uint8_t first_byte, const char *hex,
                struct mqtt_publish *publish) {
    static uint8_t bytes[64];
    size_t size = play_bytes(hex, bytes, sizeof bytes);
    struct mqtt_reader reader = blox_mqtt_reader(blox_span(bytes, size));
    return blox_mqtt_read_publish(&reader, first_byte, publish);
}

static void a_header_is_read_whole_or_not_at_all(void **state) {
    (void)state;
    struct mqtt_publish publish;
    assert_int_equal(read(0x3b, "00 03 61 2f 62 01 02 02 01 01", &publish),
                     MQTT_SUCCESS);
    assert_true(blox_span_is(publish.topic, "a/b"));
    assert_int_equal(publish.packet_identifier, 0x0102);
    assert_int_equal(publish.qos, 1);
    assert_true(publish.dup);
    assert_true(publish.retain);
    assert_int_equal(publish.properties.size, 2);
    const char *const bad[] = {"",
                               "00",
                               "00 03 61",
                               "00 03 61 2f 62",
                               "00 03 61 2f 62 01",
                               "00 03 61 2f 62 01 02",
                               "00 03 61 2f 62 01 02 02 01",
                               "00 03 61 2f 62 01 02 02 01 01 00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
        assert_int_equal(read(0x3b, bad[i], &publish), MQTT_MALFORMED_PACKET);
    }
}

static void a_message_over_qos_0_has_an_identifier(void **state) {
    (void)state;
    struct mqtt_publish publish;
    assert_int_equal(read(0x34, "00 01 74 00 01 00", &publish), MQTT_SUCCESS);
    assert_int_equal(read(0x34, "00 01 74 00 00 00", &publish),
                     MQTT_PROTOCOL_ERROR);
    assert_int_equal(read(0x32, "00 01 74 00 00 00", &publish),
                     MQTT_PROTOCOL_ERROR);
}

static void what_is_written_is_read_again(void **state) {
    (void)state;
    for (unsigned flags = 0; flags < 16; ++flags) {
        struct mqtt_publish publish = {
            .topic = blox_span_text("some/topic"),
            .properties = blox_span("\x02\x00\x00\x00\x09", 5),
            .qos = flags >> 1 & 3,
            .retain = (flags & 1) != 0,
            .dup = (flags & 8) != 0,
        };
        if (publish.qos > 1 || (publish.dup && publish.qos == 0)) {
            continue;
        }
        publish.packet_identifier = publish.qos > 0 ? 513 : 0;
        uint8_t bytes[32];
        struct mqtt_writer writer = blox_mqtt_writer(bytes, sizeof bytes);
        blox_mqtt_write_publish(&writer, &publish);
        assert_false(writer.failed);
        uint8_t first_byte = blox_mqtt_publish_first_byte(&publish);
        assert_int_equal(first_byte, 0x30 | flags);
        struct mqtt_publish again;
        struct mqtt_reader reader =
            blox_mqtt_reader(blox_span(bytes, writer.size));
        assert_int_equal(blox_mqtt_read_publish(&reader, first_byte, &again),
                         MQTT_SUCCESS);
        assert_true(blox_span_equal(again.topic, publish.topic));
        assert_true(blox_span_equal(again.properties, publish.properties));
        assert_int_equal(again.packet_identifier, publish.packet_identifier);
        assert_int_equal(again.qos, publish.qos);
        assert_int_equal(again.retain, publish.retain);
        assert_int_equal(again.dup, publish.dup);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_read_whole_or_not_at_all),
        cmocka_unit_test(a_message_over_qos_0_has_an_identifier),
        cmocka_unit_test(what_is_written_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
