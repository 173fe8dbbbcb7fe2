// SPDX-License-Identifier: MIT
#include "core/mqtt/session.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static void a_message_at_qos_1_is_acknowledged_at_its_end(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    play_hex(&play, "32 08 00 01 74 01 02 00 68");
    play_sends(&play, "");
    play_hex(&play, "69");
    play_sends(&play, "40 02 01 02");
    play_logged(&play, "publish t size 2 id 258\npayload 6869 = 2\nend\n");
}

static void a_redelivery_says_so(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    play_hex(&play, "3a 06 00 01 74 00 01 00");
    play_logged(&play, "publish t size 0 id 1 dup\nend\n");
    play_sends(&play, "40 02 00 01");
}

static void waits_with_the_end_until_its_answer_has_room(void **state) {
    (void)state;
    struct play play;
    play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
    play_connect(&play, 60, true);
    struct mqtt_publish publish = {.topic = blox_span_text("t"),
                                   .payload_size = 52};
    uint8_t payload[52] = {0};
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, payload), 0);
    const uint8_t packet[] = {0x32, 0x06, 0, 1, 't', 0, 9, 0, 0xd0, 0};
    assert_int_equal(blox_mqtt_feed(&play.session, packet, 8), 8);
    play_take(&play);
    play_logged(&play, "publish t size 0 id 9\n");
    assert_int_equal(blox_mqtt_feed(&play.session, packet + 8, 2), 0);
    blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
    play_take(&play);
    play_logged(&play, "end\n");
    play_sends(&play, "40 02 00 09");
    play_feed(&play, packet + 8, 2, 2);
    play_logged(&play, "pingresp\n");
}

static void the_broker_says_goodbye(void **state) {
    (void)state;
    play_any_split("e0 00", "disconnect 00\n");
    play_any_split("e0 01 8e", "disconnect 8e\n");
    play_any_split("e0 0d 9c 0b 1f 00 03 6f 75 74 1c 00 02 62 32",
                   "disconnect 9c out use b2\n");
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    play_hex(&play, "e0 01 8b");
    play_sends(&play, "");
    assert_false(blox_mqtt_connected(&play.session));
}

static void an_answer_of_the_wrong_kind_is_refused(void **state) {
    (void)state;
    const char *const answers[] = {"90 04 00 01 00 00", "b0 04 00 01 00 00"};
    for (size_t i = 0; i < 2; ++i) {
        struct play play;
        (void)play_unanswered(&play);
        play_hex(&play, answers[i]);
        play_logged(&play, "error 82\n");
    }
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    play_hex(&play, "40 02 00 07 90 04 00 09 00 00 d0 00");
    play_logged(&play, "pingresp\n");
}

// What a broker's error ends is told to it, unless a full tx says no.
static void a_refusal_goes_without_saying_when_tx_is_full(void **state) {
    (void)state;
    struct play play;
    play_connect_full(&play, 60);
    size_t waiting = blox_mqtt_output(&play.session).size;
    play_hex(&play, "f0");
    play_logged(&play, "error 82\n");
    assert_int_equal(blox_mqtt_output(&play.session).size, waiting);
}

// A caller that must have memory before it takes an answer asks.
static void tells_an_answer_from_a_message(void **state) {
    (void)state;
    struct play play;
    struct mqtt_event event;
    play_init(&play);
    play_connect(&play, 60, true);
    assert_false(blox_mqtt_answers(&play.session));
    const uint8_t packets[] = {0xd0, 0, 0x30, 5, 0, 1, 't', 0, 'x', 0xf0};
    assert_int_equal(blox_mqtt_feed(&play.session, packets, 2), 2);
    assert_true(blox_mqtt_answers(&play.session));
    assert_true(blox_mqtt_next(&play.session, &event));
    size_t at = 2;
    for (int i = 0; i < 3; ++i) {
        at += blox_mqtt_feed(&play.session, packets + at, 9 - at);
        assert_false(blox_mqtt_answers(&play.session));
        assert_true(blox_mqtt_next(&play.session, &event));
    }
    assert_int_equal(event.type, MQTT_EVENT_PUBLISH_END);
    assert_int_equal(blox_mqtt_feed(&play.session, packets + at, 1), 1);
    assert_true(blox_mqtt_answers(&play.session));
}

static void what_is_to_be_sent_again_is_an_answer(void **state) {
    (void)state;
    struct play play;
    (void)play_unanswered(&play);
    assert_false(blox_mqtt_answers(&play.session));
    blox_mqtt_close(&play.session);
    struct mqtt_connect connect = {.client_identifier = blox_span_text("c")};
    assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
    const uint8_t connack[] = {0x20, 3, 0, 0, 0};
    struct mqtt_event event;
    assert_int_equal(blox_mqtt_feed(&play.session, connack, 5), 5);
    assert_true(blox_mqtt_next(&play.session, &event));
    assert_true(blox_mqtt_answers(&play.session));
    assert_true(blox_mqtt_next(&play.session, &event));
    assert_int_equal(event.type, MQTT_EVENT_RESEND);
    assert_false(blox_mqtt_answers(&play.session));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_at_qos_1_is_acknowledged_at_its_end),
        cmocka_unit_test(a_redelivery_says_so),
        cmocka_unit_test(waits_with_the_end_until_its_answer_has_room),
        cmocka_unit_test(the_broker_says_goodbye),
        cmocka_unit_test(an_answer_of_the_wrong_kind_is_refused),
        cmocka_unit_test(a_refusal_goes_without_saying_when_tx_is_full),
        cmocka_unit_test(tells_an_answer_from_a_message),
        cmocka_unit_test(what_is_to_be_sent_again_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
