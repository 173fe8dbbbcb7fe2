// SPDX-License-Identifier: MIT
#include "core/mqtt/session.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static const uint8_t hi[] = {'h', 'i', '!'};

static struct mqtt_publish message(const char *topic, uint8_t qos) {
    return (struct mqtt_publish){
        .topic = blox_span_text(topic), .qos = qos, .payload_size = 2};
}

static void a_request_without_room_uses_up_no_identifier(void **state) {
    (void)state;
    struct play play;
    play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
    play_connect(&play, 60, true);
    static uint8_t payload[128];
    struct mqtt_publish publish = {
        .topic = blox_span_text("t"), .qos = 1, .payload_size = 128};
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, payload),
                     BLOX_ERROR_LIMIT);
    publish.payload_size = 2;
    for (int i = 0; i < PLAY_IN_FLIGHT; ++i) {
        assert_true(blox_mqtt_publish(&play.session, &publish, payload) > 0);
        blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
    }
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, payload),
                     BLOX_ERROR_BUFFER);
    struct mqtt_subscription subscription = {blox_span_text("t"), 0};
    assert_int_equal(blox_mqtt_subscribe(&play.session, blox_span(NULL, 0),
                                         &subscription, 1),
                     BLOX_ERROR_BUFFER);
}

static void unacknowledged_messages_are_asked_for_again(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    struct mqtt_publish publish = message("t", 1);
    for (int i = 1; i <= 4; ++i) {
        assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), i);
    }
    struct mqtt_subscription subscription = {blox_span_text("t"), 0};
    assert_int_equal(blox_mqtt_subscribe(&play.session, blox_span(NULL, 0),
                                         &subscription, 1),
                     5);
    play_hex(&play, "40 02 00 02");
    play_logged(&play, "puback 2 00\n");
    blox_mqtt_close(&play.session);
    struct mqtt_connect connect = {.session_expiry_interval = 100};
    assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
    blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
    play_hex(&play, "20 03 01 00 00");
    play_logged(
        &play,
        "connack 00 present\nresend 1 dup\nresend 3 dup\nresend 4 dup\n");
    publish.dup = true;
    publish.packet_identifier = 2;
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi),
                     BLOX_ERROR_STATE);
    publish.packet_identifier = 1;
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 1);
    play_sends(&play, "3a 08 00 01 74 00 01 00 68 69");
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi),
                     BLOX_ERROR_STATE);
    blox_mqtt_forget(&play.session, 3);
    publish.packet_identifier = 4;
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 4);
    play_hex(&play, "40 02 00 03 40 02 00 01 40 02 00 04");
    play_logged(&play, "puback 1 00\npuback 4 00\n");
    blox_mqtt_close(&play.session);
    play_connect(&play, 60, true);
}

static void a_new_session_gets_new_messages(void **state) {
    (void)state;
    struct play play;
    struct mqtt_publish publish = play_unanswered(&play);
    for (int i = 0; i < 3; ++i) {
        blox_mqtt_close(&play.session);
        struct mqtt_connect connect = {.clean_start = true};
        assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
        blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
        play_hex(&play, "20 03 00 00 00");
        play_logged(&play, "connack 00\nresend 1\n");
        publish.packet_identifier = 1;
        assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 1);
        play_sends(&play, "32 08 00 01 74 00 01 00 68 69");
    }
}

static void identifiers_wrap_and_pass_over_those_in_use(void **state) {
    (void)state;
    struct play play;
    struct mqtt_publish publish = play_unanswered(&play);
    for (int32_t want = 2; want <= 65535; ++want) {
        assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), want);
        blox_mqtt_forget(&play.session, (uint16_t)want);
        blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
    }
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_without_room_uses_up_no_identifier),
        cmocka_unit_test(unacknowledged_messages_are_asked_for_again),
        cmocka_unit_test(a_new_session_gets_new_messages),
        cmocka_unit_test(identifiers_wrap_and_pass_over_those_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
