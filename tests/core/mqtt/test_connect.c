// SPDX-License-Identifier: MIT
#include "core/mqtt/session.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static void sends(const struct mqtt_connect *connect, const char *hex) {
    struct play play;
    play_init(&play);
    assert_int_equal(blox_mqtt_connect(&play.session, connect), BLOX_OK);
    play_sends(&play, hex);
}

static void connect_is_byte_exact(void **state) {
    (void)state;
    struct mqtt_connect connect = {.clean_start = true};
    sends(&connect, "10 0d 00 04 4d 51 54 54 05 02 00 00 00 00 00");
    connect.keep_alive = 0x1234;
    connect.clean_start = false;
    connect.session_expiry_interval = 0xffffffff;
    connect.client_identifier = blox_span_text("dev");
    sends(
        &connect,
        "10 15 00 04 4d 51 54 54 05 00 12 34 05 11 ff ff ff ff 00 03 64 65 76");
}

static void user_name_and_password_stand_alone_or_together(void **state) {
    (void)state;
    struct mqtt_connect connect = {.clean_start = true,
                                   .user_name = blox_span_text("u")};
    sends(&connect, "10 10 00 04 4d 51 54 54 05 82 00 00 00 00 00 00 01 75");
    connect.password = blox_span("p\0w", 3);
    sends(
        &connect,
        "10 15 00 04 4d 51 54 54 05 c2 00 00 00 00 00 00 01 75 00 03 70 00 77");
    connect.user_name = blox_span(NULL, 0);
    sends(&connect,
          "10 12 00 04 4d 51 54 54 05 42 00 00 00 00 00 00 03 70 00 77");
    connect.password = blox_span("", 0);
    sends(&connect, "10 0f 00 04 4d 51 54 54 05 42 00 00 00 00 00 00 00");
}

static void a_will_comes_before_the_user_name(void **state) {
    (void)state;
    uint8_t properties[5];
    struct mqtt_writer writer = blox_mqtt_writer(properties, sizeof properties);
    blox_mqtt_write_property(&writer, MQTT_WILL_DELAY_INTERVAL, 10);
    struct mqtt_will will = {.topic = blox_span_text("s"),
                             .payload = blox_span_text("off"),
                             .properties = blox_span(properties, writer.size),
                             .qos = 1,
                             .retain = true};
    struct mqtt_connect connect = {
        .clean_start = true, .user_name = blox_span_text("u"), .will = &will};
    sends(&connect, "10 1e 00 04 4d 51 54 54 05 ae 00 00 00 00 00 05 18 00 00 "
                    "00 0a 00 01 73 "
                    "00 03 6f 66 66 00 01 75");
    will.properties.size = 0;
    will.payload.size = 0;
    will.qos = 2;
    will.retain = false;
    connect.user_name.data = NULL;
    connect.user_name.size = 0;
    sends(&connect,
          "10 13 00 04 4d 51 54 54 05 16 00 00 00 00 00 00 00 01 73 00 00");
}

static void refused(struct mqtt_connect connect) {
    struct play play;
    play_init(&play);
    assert_int_equal(blox_mqtt_connect(&play.session, &connect),
                     BLOX_ERROR_ARGUMENT);
    play_sends(&play, "");
    connect = (struct mqtt_connect){.clean_start = true};
    assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
}

static void what_the_standard_forbids_is_not_sent(void **state) {
    (void)state;
    static const uint8_t large[65536];
    struct mqtt_will will = {.topic = blox_span_text("a/+")};
    refused((struct mqtt_connect){.client_identifier = blox_span("\xff", 1)});
    refused((struct mqtt_connect){.user_name = blox_span("a\0", 2)});
    refused((struct mqtt_connect){.password = blox_span(large, sizeof large)});
    refused((struct mqtt_connect){.will = &will});
    will.topic = blox_span_text("a");
    will.qos = 3;
    refused((struct mqtt_connect){.will = &will});
    will.qos = 0;
    will.payload = blox_span(large, sizeof large);
    refused((struct mqtt_connect){.will = &will});
    will.payload.size = 0;
    will.properties = blox_span("\x23\x00\x01", 3);
    refused((struct mqtt_connect){.will = &will});
}

static void a_connect_larger_than_tx_says_so(void **state) {
    (void)state;
    for (size_t tx = BLOX_MQTT_TX_MIN; tx < 130; ++tx) {
        struct play play;
        play_init_small(&play, BLOX_MQTT_RX_MIN, tx);
        char password[80] = {0};
        struct mqtt_connect connect = {
            .password = blox_span(password, sizeof password)};
        // 5 for the fixed header, 13 + 2 + 80 for the body.
        int error = blox_mqtt_connect(&play.session, &connect);
        assert_int_equal(error, tx < 100 ? BLOX_ERROR_LIMIT : BLOX_OK);
        assert_int_equal(play.tx[tx], 0xa5);
    }
}

static void connects_once_at_a_time(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 0, true);
    struct mqtt_connect connect = {.clean_start = true};
    assert_int_equal(blox_mqtt_connect(&play.session, &connect),
                     BLOX_ERROR_STATE);
    blox_mqtt_close(&play.session);
    assert_false(blox_mqtt_connected(&play.session));
    play_connect(&play, 0, true);
}

static void too_small_buffers_are_refused(void **state) {
    (void)state;
    uint8_t memory[BLOX_MQTT_RX_MIN];
    struct mqtt_in_flight in_flight[1];
    struct mqtt_session session;
    const struct mqtt_buffers good = {.rx = memory,
                                      .rx_capacity = BLOX_MQTT_RX_MIN,
                                      .tx = memory,
                                      .tx_capacity = BLOX_MQTT_TX_MIN,
                                      .in_flight = in_flight,
                                      .in_flight_capacity = 1};
    assert_int_equal(blox_mqtt_init(&session, &good), BLOX_OK);
    struct mqtt_buffers bad = good;
    bad.rx_capacity--;
    assert_int_equal(blox_mqtt_init(&session, &bad), BLOX_ERROR_BUFFER);
    bad = good;
    bad.tx_capacity--;
    assert_int_equal(blox_mqtt_init(&session, &bad), BLOX_ERROR_BUFFER);
    bad = good;
    bad.in_flight_capacity = 0;
    assert_int_equal(blox_mqtt_init(&session, &bad), BLOX_ERROR_BUFFER);
}

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
        play_logged(&play,
                    whole ? "connack 00\n" : "error 81 malformed packet\n");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_is_byte_exact),
        cmocka_unit_test(user_name_and_password_stand_alone_or_together),
        cmocka_unit_test(a_will_comes_before_the_user_name),
        cmocka_unit_test(what_the_standard_forbids_is_not_sent),
        cmocka_unit_test(a_connect_larger_than_tx_says_so),
        cmocka_unit_test(connects_once_at_a_time),
        cmocka_unit_test(too_small_buffers_are_refused),
        cmocka_unit_test(connack_may_have_no_properties),
        cmocka_unit_test(connack_is_read_with_all_its_properties),
        cmocka_unit_test(a_refusal_ends_the_session),
        cmocka_unit_test(a_broken_connack_is_refused),
        cmocka_unit_test(every_cut_connack_is_malformed_or_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
