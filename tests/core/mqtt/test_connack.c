// SPDX-License-Identifier: MIT
#include "core/mqtt/codec.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

// What the broker said to CONNECT, taken in pieces of every size.
static struct mqtt_event answer(const char *hex, bool clean_start,
                                struct play *play) {
    struct mqtt_event event;
    uint8_t bytes[256];
    size_t size = play_bytes(hex, bytes, sizeof bytes);
    for (size_t piece = 1; piece <= size; ++piece) {
        play_init(play);
        struct mqtt_connect connect = {.clean_start = clean_start,
                                       .keep_alive = 60};
        assert_int_equal(blox_mqtt_connect(&play->session, &connect), BLOX_OK);
        blox_mqtt_sent(&play->session, blox_mqtt_output(&play->session).size);
        event.type = MQTT_EVENT_NONE;
        for (size_t at = 0; at < size && event.type == MQTT_EVENT_NONE;) {
            size_t part = size - at < piece ? size - at : piece;
            at += blox_mqtt_feed(&play->session, bytes + at, part);
            blox_mqtt_next(&play->session, &event);
        }
    }
    return event;
}

static uint32_t number(const struct mqtt_event *event, int identifier,
                       uint32_t otherwise) {
    return blox_mqtt_property_number(event->connack.properties, identifier,
                                     otherwise);
}

static bool text_is(const struct mqtt_event *event, int identifier,
                    const char *text) {
    return blox_span_is(
        blox_mqtt_property_text(event->connack.properties, identifier), text);
}

static void connack_may_have_no_properties(void **state) {
    (void)state;
    struct play play;
    struct mqtt_event event = answer("20 03 00 00 00", true, &play);
    assert_int_equal(event.type, MQTT_EVENT_CONNACK);
    assert_int_equal(event.connack.reason_code, MQTT_SUCCESS);
    assert_false(event.connack.session_present);
    assert_int_equal(event.connack.properties.size, 0);
    assert_int_equal(number(&event, MQTT_RECEIVE_MAXIMUM, 65535), 65535);
    assert_true(text_is(&event, MQTT_ASSIGNED_CLIENT_IDENTIFIER, ""));
    assert_true(blox_mqtt_connected(&play.session));
}

static void connack_is_read_with_all_its_properties(void **state) {
    (void)state;
    struct play play;
    struct mqtt_event event =
        answer("20 42 01 00 3f"
               "11 00 00 01 00 21 00 14 24 00 25 00 27 00 00 10 00"
               "12 00 03 61 62 63 22 00 0a 1f 00 02 6f 6b"
               "26 00 01 6b 00 01 76 28 00 29 00 2a 00 13 00 1e"
               "1a 00 01 69 1c 00 01 73 15 00 01 6d 16 00 01 ff",
               false, &play);
    assert_int_equal(event.type, MQTT_EVENT_CONNACK);
    assert_true(event.connack.session_present);
    assert_int_equal(event.connack.properties.size, 63);
    assert_int_equal(number(&event, MQTT_SESSION_EXPIRY_INTERVAL, 0), 256);
    assert_int_equal(number(&event, MQTT_RECEIVE_MAXIMUM, 65535), 20);
    assert_int_equal(number(&event, MQTT_MAXIMUM_QOS, 2), 0);
    assert_int_equal(number(&event, MQTT_RETAIN_AVAILABLE, 1), 0);
    assert_int_equal(number(&event, MQTT_MAXIMUM_PACKET_SIZE, 0), 4096);
    assert_true(text_is(&event, MQTT_ASSIGNED_CLIENT_IDENTIFIER, "abc"));
    assert_int_equal(number(&event, MQTT_TOPIC_ALIAS_MAXIMUM, 0), 10);
    assert_true(text_is(&event, MQTT_REASON_STRING, "ok"));
    assert_int_equal(number(&event, MQTT_WILDCARD_SUBSCRIPTION_AVAILABLE, 1),
                     0);
    assert_int_equal(number(&event, MQTT_SUBSCRIPTION_IDENTIFIERS_AVAILABLE, 1),
                     0);
    assert_int_equal(number(&event, MQTT_SHARED_SUBSCRIPTION_AVAILABLE, 1), 0);
    assert_int_equal(number(&event, MQTT_SERVER_KEEP_ALIVE, 0), 30);
    assert_true(text_is(&event, MQTT_RESPONSE_INFORMATION, "i"));
    assert_true(text_is(&event, MQTT_SERVER_REFERENCE, "s"));
    assert_true(text_is(&event, MQTT_AUTHENTICATION_METHOD, "m"));
    assert_true(text_is(&event, MQTT_AUTHENTICATION_DATA, "\xff"));
}

static void a_refusal_ends_the_session(void **state) {
    (void)state;
    struct play play;
    struct mqtt_event event =
        answer("20 0a 00 87 07 1f 00 04 6e 6f 70 65", true, &play);
    assert_int_equal(event.type, MQTT_EVENT_CONNACK);
    assert_int_equal(event.connack.reason_code, MQTT_NOT_AUTHORIZED);
    assert_true(text_is(&event, MQTT_REASON_STRING, "nope"));
    assert_false(blox_mqtt_connected(&play.session));
    play_sends(&play, "");
}

static void a_broken_connack_is_refused(void **state) {
    (void)state;
    const struct {
        const char *hex;
        int reason_code;
    } cases[] = {
        {"20 00", MQTT_MALFORMED_PACKET},
        {"20 01 00", MQTT_MALFORMED_PACKET},
        {"20 02 00 00", MQTT_MALFORMED_PACKET}, // no property length
        {"20 03 02 00 00", MQTT_MALFORMED_PACKET},
        {"20 03 81 00 00", MQTT_MALFORMED_PACKET},
        {"20 03 00 00 01", MQTT_MALFORMED_PACKET},
        {"20 04 00 00 00 00", MQTT_MALFORMED_PACKET},
        {"20 03 00 01 00", MQTT_PROTOCOL_ERROR},
        {"20 03 01 87 00", MQTT_PROTOCOL_ERROR},
        {"20 03 01 00 00",
         MQTT_PROTOCOL_ERROR}, // a session after a clean start
        {"20 05 00 00 02 01 01", MQTT_MALFORMED_PACKET},
        {"20 09 00 00 06 21 00 01 21 00 01", MQTT_PROTOCOL_ERROR},
        {"20 06 00 00 03 21 00 00", MQTT_PROTOCOL_ERROR},
        {"21", MQTT_MALFORMED_PACKET},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct play play;
        struct mqtt_event event = answer(cases[i].hex, true, &play);
        assert_int_equal(event.type, MQTT_EVENT_ERROR);
        assert_int_equal(event.error.error, BLOX_ERROR_FORMAT);
        assert_int_equal(event.error.reason_code, cases[i].reason_code);
        assert_false(blox_mqtt_connected(&play.session));
    }
}

static void every_cut_connack_is_malformed_or_waits(void **state) {
    (void)state;
    uint8_t bytes[64];
    size_t size =
        play_bytes(
            "20 14 00 00 11 11 00 00 01 00 12 00 03 61 62 63 1f 00 02 6f 6b 00",
            bytes, sizeof bytes) -
        1;
    bytes[1] = (uint8_t)(size - 2);
    bytes[4] = (uint8_t)(size - 5);
    for (size_t cut = 5; cut < size; ++cut) {
        struct play play;
        play_init(&play);
        struct mqtt_connect connect = {.clean_start = true};
        assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
        blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
        play_feed(&play, bytes, cut, cut);
        play_logged(&play, "");
        uint8_t shorter[64];
        memcpy(shorter, bytes, cut);
        shorter[1] = (uint8_t)(cut - 2);
        shorter[4] = (uint8_t)(cut - 5);
        bool whole = cut == 5 || cut == 10 || cut == 16;
        blox_mqtt_close(&play.session);
        assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
        play_feed(&play, shorter, cut, cut);
        play_logged(&play, whole ? "connack 00\n" : "error 81\n");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connack_may_have_no_properties),
        cmocka_unit_test(connack_is_read_with_all_its_properties),
        cmocka_unit_test(a_refusal_ends_the_session),
        cmocka_unit_test(a_broken_connack_is_refused),
        cmocka_unit_test(every_cut_connack_is_malformed_or_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
