// SPDX-License-Identifier: MIT
#include "core/mqtt/codec.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static int read(int packet_type, const char *hex, struct mqtt_ack *ack) {
    static uint8_t bytes[64];
    size_t size = play_bytes(hex, bytes, sizeof bytes);
    struct mqtt_reader reader = blox_mqtt_reader(blox_span(bytes, size));
    return blox_mqtt_read_ack(&reader, packet_type, ack);
}

static bool sentence_is(const struct mqtt_ack *ack, const char *text) {
    return blox_span_is(
        blox_mqtt_property_text(ack->properties, MQTT_REASON_STRING), text);
}

static void puback_may_end_early(void **state) {
    (void)state;
    struct mqtt_ack ack;
    assert_int_equal(read(MQTT_PUBACK, "01 02", &ack), MQTT_SUCCESS);
    assert_int_equal(ack.packet_identifier, 0x0102);
    assert_int_equal(ack.reason_code, MQTT_SUCCESS);
    assert_int_equal(read(MQTT_PUBACK, "01 02 10", &ack), MQTT_SUCCESS);
    assert_int_equal(ack.reason_code, MQTT_NO_MATCHING_SUBSCRIBERS);
    assert_int_equal(read(MQTT_PUBACK, "01 02 97 00", &ack), MQTT_SUCCESS);
    assert_int_equal(ack.reason_code, MQTT_QUOTA_EXCEEDED);
    assert_int_equal(read(MQTT_PUBACK, "01 02 97 05 1f 00 02 6e 6f", &ack),
                     MQTT_SUCCESS);
    assert_true(sentence_is(&ack, "no"));
}

static void suback_and_unsuback_have_a_code_for_each_filter(void **state) {
    (void)state;
    struct mqtt_ack ack;
    const int types[] = {MQTT_SUBACK, MQTT_UNSUBACK};
    for (size_t i = 0; i < 2; ++i) {
        assert_int_equal(
            read(types[i], "00 07 05 1f 00 02 6e 6f 00 87 8f", &ack),
            MQTT_SUCCESS);
        assert_int_equal(ack.packet_identifier, 7);
        assert_int_equal(ack.reason_code, 0);
        assert_int_equal(ack.reason_codes.size, 3);
        assert_memory_equal(ack.reason_codes.data, "\x00\x87\x8f", 3);
        assert_true(sentence_is(&ack, "no"));
    }
}

static void disconnect_may_be_empty(void **state) {
    (void)state;
    struct mqtt_ack ack;
    assert_int_equal(read(MQTT_DISCONNECT, "", &ack), MQTT_SUCCESS);
    assert_int_equal(ack.reason_code, MQTT_SUCCESS);
    assert_int_equal(read(MQTT_DISCONNECT, "8e", &ack), MQTT_SUCCESS);
    assert_int_equal(ack.reason_code, MQTT_SESSION_TAKEN_OVER);
    assert_int_equal(read(MQTT_DISCONNECT, "9d 04 1c 00 01 62", &ack),
                     MQTT_SUCCESS);
    assert_true(blox_span_is(
        blox_mqtt_property_text(ack.properties, MQTT_SERVER_REFERENCE), "b"));
}

static void every_shorter_packet_is_malformed(void **state) {
    (void)state;
    const struct {
        int type;
        const char *hex;
        unsigned whole; // bit n: the first n bytes are a packet themselves
    } cases[] = {
        {MQTT_PUBACK, "01 02 97 05 1f 00 02 6e 6f", 1u << 2 | 1u << 3},
        {MQTT_SUBACK, "00 07 05 1f 00 02 6e 6f 00", 0},
        {MQTT_UNSUBACK, "00 07 05 1f 00 02 6e 6f 00", 0},
        {MQTT_DISCONNECT, "9d 04 1c 00 01 62", 1u << 0 | 1u << 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        uint8_t bytes[16];
        size_t size = play_bytes(cases[i].hex, bytes, sizeof bytes);
        for (size_t cut = 0; cut < size; ++cut) {
            struct mqtt_ack ack;
            bool whole = (cases[i].whole >> cut & 1) != 0;
            struct mqtt_reader reader = blox_mqtt_reader(blox_span(bytes, cut));
            assert_int_equal(blox_mqtt_read_ack(&reader, cases[i].type, &ack),
                             whole ? MQTT_SUCCESS : MQTT_MALFORMED_PACKET);
        }
    }
}

static void each_is_checked_against_the_standard(void **state) {
    (void)state;
    const struct {
        int type;
        const char *hex;
        int reason_code;
    } cases[] = {
        {MQTT_PUBACK, "00 00", MQTT_PROTOCOL_ERROR},
        {MQTT_SUBACK, "00 00 00 00", MQTT_PROTOCOL_ERROR},
        {MQTT_UNSUBACK, "00 00 00 00", MQTT_PROTOCOL_ERROR},
        {MQTT_PUBACK, "00 01 00 00 00", MQTT_MALFORMED_PACKET},
        {MQTT_PUBACK, "00 01 00 02 01 01", MQTT_MALFORMED_PACKET},
        {MQTT_SUBACK, "00 01 04 1c 00 01 62 00", MQTT_MALFORMED_PACKET},
        {MQTT_DISCONNECT, "00 05 11 00 00 00 00", MQTT_PROTOCOL_ERROR},
        {MQTT_DISCONNECT, "00 08 1f 00 01 61 1f 00 01 61", MQTT_PROTOCOL_ERROR},
        {MQTT_DISCONNECT, "00 04 1f 00 01 ff", MQTT_MALFORMED_PACKET},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct mqtt_ack ack;
        assert_int_equal(read(cases[i].type, cases[i].hex, &ack),
                         cases[i].reason_code);
    }
}

static void ours_are_as_short_as_they_may_be(void **state) {
    (void)state;
    uint8_t bytes[4];
    struct mqtt_writer writer = blox_mqtt_writer(bytes, sizeof bytes);
    blox_mqtt_write_ack(&writer, 0x0102, MQTT_SUCCESS);
    assert_int_equal(writer.size, 2);
    assert_memory_equal(bytes, "\x01\x02", 2);
    writer = blox_mqtt_writer(bytes, sizeof bytes);
    blox_mqtt_write_ack(&writer, 0x0102, MQTT_QUOTA_EXCEEDED);
    assert_int_equal(writer.size, 3);
    assert_memory_equal(bytes, "\x01\x02\x97", 3);
    writer = blox_mqtt_writer(bytes, sizeof bytes);
    blox_mqtt_write_reason(&writer, MQTT_SUCCESS, blox_span(NULL, 0));
    assert_int_equal(writer.size, 0);
    blox_mqtt_write_reason(&writer, MQTT_MALFORMED_PACKET, blox_span(NULL, 0));
    assert_int_equal(writer.size, 1);
    assert_int_equal(bytes[0], 0x81);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puback_may_end_early),
        cmocka_unit_test(suback_and_unsuback_have_a_code_for_each_filter),
        cmocka_unit_test(disconnect_may_be_empty),
        cmocka_unit_test(every_shorter_packet_is_malformed),
        cmocka_unit_test(each_is_checked_against_the_standard),
        cmocka_unit_test(ours_are_as_short_as_they_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
