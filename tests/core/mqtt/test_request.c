// SPDX-License-Identifier: MIT
#include "core/mqtt/session.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static const uint8_t hi[] = {'h', 'i', '!'};

static struct mqtt_publish message(const char *topic, uint8_t qos) {
    return (struct mqtt_publish){
        .topic = blox_span_text(topic), .qos = qos, .payload_size = 2};
}

static void publish_is_byte_exact(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    struct mqtt_publish publish = message("a/b", 0);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 0);
    play_sends(&play, "30 08 00 03 61 2f 62 00 68 69");
    publish.retain = true;
    publish.properties = blox_span("\x01\x01", 2);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 0);
    play_sends(&play, "31 0a 00 03 61 2f 62 02 01 01 68 69");
    publish = message("t", 1);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 1);
    play_sends(&play, "32 08 00 01 74 00 01 00 68 69");
    publish.payload_size = 0;
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, NULL), 2);
    play_sends(&play, "32 06 00 01 74 00 02 00");
    play_hex(&play, "40 02 00 02 40 04 00 01 10 00");
    play_logged(&play, "puback 2 00\npuback 1 10\n");
}

static void subscribe_and_unsubscribe_are_byte_exact(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    struct mqtt_subscription subscriptions[] = {
        {blox_span_text("a/#"), 1},
        {blox_span_text("b"),
         MQTT_SUBSCRIBE_NO_LOCAL | MQTT_SUBSCRIBE_RETAIN_NEVER}};
    assert_int_equal(blox_mqtt_subscribe(&play.session, blox_span(NULL, 0),
                                         subscriptions, 2),
                     1);
    play_sends(&play, "82 0d 00 01 00 00 03 61 2f 23 01 00 01 62 24");
    assert_int_equal(blox_mqtt_subscribe(&play.session,
                                         blox_span("\x0b\x07", 2),
                                         subscriptions, 1),
                     2);
    play_sends(&play, "82 0b 00 02 02 0b 07 00 03 61 2f 23 01");
    struct blox_span filters[] = {blox_span_text("a/#"), blox_span_text("b")};
    assert_int_equal(blox_mqtt_unsubscribe(&play.session, filters, 2), 3);
    play_sends(&play, "a2 0b 00 03 00 00 03 61 2f 23 00 01 62");
    play_hex(&play, "90 05 00 01 00 01 87"
                    "90 08 00 02 04 1f 00 01 78 00"
                    "b0 05 00 03 00 00 11");
    play_logged(&play, "suback 1 01 87\nsuback 2 00 x\nunsuback 3 00 11\n");
}

static void disconnect_is_byte_exact_and_the_end(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    assert_int_equal(blox_mqtt_disconnect(&play.session, MQTT_SUCCESS),
                     BLOX_OK);
    play_sends(&play, "e0 00");
    assert_int_equal(blox_mqtt_disconnect(&play.session, MQTT_SUCCESS),
                     BLOX_ERROR_STATE);
    play_hex(&play, "30 04 00 01 74 00");
    play_logged(&play, "");
    blox_mqtt_close(&play.session);
    play_connect(&play, 60, true);
    assert_int_equal(
        blox_mqtt_disconnect(&play.session, MQTT_DISCONNECT_WITH_WILL),
        BLOX_OK);
    play_sends(&play, "e0 01 04");
}

static void nothing_goes_out_without_a_connection(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    struct mqtt_publish publish = message("t", 1);
    struct mqtt_subscription subscription = {blox_span_text("t"), 0};
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi),
                     BLOX_ERROR_STATE);
    assert_int_equal(blox_mqtt_subscribe(&play.session, blox_span(NULL, 0),
                                         &subscription, 1),
                     BLOX_ERROR_STATE);
    assert_int_equal(
        blox_mqtt_unsubscribe(&play.session, &subscription.filter, 1),
        BLOX_ERROR_STATE);
    play_connect(&play, 60, true);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 1);
    play_hex(&play, "e0 00");
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi),
                     BLOX_ERROR_STATE);
}

static void what_the_standard_forbids_is_not_sent(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    const struct mqtt_publish publishes[] = {
        {.topic = blox_span_text("")},
        {.topic = blox_span_text("a/#")},
        {.topic = blox_span("\xff", 1)},
        {.topic = blox_span_text("t"), .qos = 3},
        {.topic = blox_span_text("t"), .dup = true},
        {.topic = blox_span_text("t"), .qos = 1, .dup = true},
        {.topic = blox_span_text("t"), .packet_identifier = 1},
        {.topic = blox_span_text("t"),
         .properties = blox_span("\x21\x00\x01", 3)},
    };
    for (size_t i = 0; i < sizeof publishes / sizeof publishes[0]; ++i) {
        assert_int_equal(blox_mqtt_publish(&play.session, &publishes[i], NULL),
                         BLOX_ERROR_ARGUMENT);
    }
    const struct mqtt_subscription subscriptions[] = {
        {blox_span_text(""), 0},
        {blox_span_text("a#"), 0},
        {blox_span_text("a"), 2},
        {blox_span_text("a"), 3},
        {blox_span_text("a"), 0x30},
        {blox_span_text("a"), 0x40},
        {blox_span_text("$share/g/a"), MQTT_SUBSCRIBE_NO_LOCAL},
    };
    for (size_t i = 0; i < sizeof subscriptions / sizeof subscriptions[0];
         ++i) {
        assert_int_equal(blox_mqtt_subscribe(&play.session, blox_span(NULL, 0),
                                             &subscriptions[i], 1),
                         BLOX_ERROR_ARGUMENT);
    }
    struct mqtt_subscription good = {blox_span_text("a"), 0};
    assert_int_equal(
        blox_mqtt_subscribe(&play.session, blox_span(NULL, 0), &good, 0),
        BLOX_ERROR_ARGUMENT);
    assert_int_equal(
        blox_mqtt_subscribe(&play.session, blox_span("\x01\x00", 2), &good, 1),
        BLOX_ERROR_ARGUMENT);
    assert_int_equal(
        blox_mqtt_unsubscribe(&play.session, &subscriptions[1].filter, 1),
        BLOX_ERROR_ARGUMENT);
    assert_int_equal(blox_mqtt_unsubscribe(&play.session, &good.filter, 0),
                     BLOX_ERROR_ARGUMENT);
    struct mqtt_publish no_payload = message("t", 0);
    assert_int_equal(blox_mqtt_publish(&play.session, &no_payload, NULL),
                     BLOX_ERROR_ARGUMENT);
    blox_mqtt_forget(&play.session, 77);
    struct mqtt_publish qos2 = message("t", 2);
    assert_int_equal(blox_mqtt_publish(&play.session, &qos2, hi),
                     BLOX_ERROR_UNSUPPORTED);
    play_sends(&play, "");
}

static void connect_limited(struct play *play, const char *connack) {
    play_init(play);
    struct mqtt_connect connect = {.clean_start = true};
    assert_int_equal(blox_mqtt_connect(&play->session, &connect), BLOX_OK);
    blox_mqtt_sent(&play->session, blox_mqtt_output(&play->session).size);
    play_hex(play, connack);
    play_logged(play, "connack 00\n");
}

static void the_brokers_limits_are_kept(void **state) {
    (void)state;
    struct play play;
    struct mqtt_publish publish = message("t", 1);
    connect_limited(&play, "20 05 00 00 02 24 00"); // Maximum QoS 0
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi),
                     BLOX_ERROR_UNSUPPORTED);
    connect_limited(&play, "20 05 00 00 02 25 00"); // no retain
    publish.retain = true;
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi),
                     BLOX_ERROR_UNSUPPORTED);
    publish.retain = false;
    connect_limited(&play,
                    "20 08 00 00 05 27 00 00 00 0a"); // packets of 10 bytes
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 1);
    publish.payload_size = 3;
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi),
                     BLOX_ERROR_LIMIT);
    connect_limited(&play, "20 06 00 00 03 21 00 02"); // Receive Maximum 2
    publish.payload_size = 2;
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 1);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 2);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi),
                     BLOX_ERROR_BUFFER);
    publish.qos = 0;
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 0);
    publish.qos = 1;
    play_hex(&play, "40 02 00 01");
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 3);
}

// With every size of tx and any amount waiting: BUFFER while something waits,
// LIMIT when it never fits, never a byte past the end.
static void a_full_tx_says_whether_to_wait(void **state) {
    (void)state;
    static uint8_t payload[128];
    for (size_t tx = BLOX_MQTT_TX_MIN; tx < BLOX_MQTT_TX_MIN + 20; ++tx) {
        for (uint32_t size = 0; size < 100; ++size) {
            struct play play;
            play_init_small(&play, BLOX_MQTT_RX_MIN, tx);
            play_connect(&play, 60, true);
            struct mqtt_publish publish = {.topic = blox_span_text("t"),
                                           .payload_size = size};
            bool fits = 5 + 4 + size <= tx;
            assert_int_equal(
                blox_mqtt_publish(&play.session, &publish, payload),
                fits ? 0 : BLOX_ERROR_LIMIT);
            size_t waiting = blox_mqtt_output(&play.session).size;
            bool again = waiting + 5 + 4 + size <= tx;
            int want = again         ? 0
                       : waiting > 0 ? BLOX_ERROR_BUFFER
                                     : BLOX_ERROR_LIMIT;
            assert_int_equal(
                blox_mqtt_publish(&play.session, &publish, payload), want);
            assert_int_equal(play.tx[tx], 0xa5);
        }
    }
}

static void a_disconnect_waits_for_room(void **state) {
    (void)state;
    struct play play;
    play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
    play_connect(&play, 60, true);
    static uint8_t payload[55];
    struct mqtt_publish publish = {.topic = blox_span_text("t"),
                                   .payload_size = 55};
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, payload), 0);
    assert_int_equal(blox_mqtt_disconnect(&play.session, MQTT_SUCCESS),
                     BLOX_ERROR_BUFFER);
    assert_true(blox_mqtt_connected(&play.session));
    blox_mqtt_sent(&play.session, 1000);
    assert_int_equal(blox_mqtt_disconnect(&play.session, MQTT_SUCCESS),
                     BLOX_OK);
    play_sends(&play, "e0 00");
}

// What a broker's error ends is told to it, unless a full tx says no.
static void a_refusal_goes_without_saying_when_tx_is_full(void **state) {
    (void)state;
    struct play play;
    play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
    play_connect(&play, 60, true);
    static uint8_t payload[55];
    struct mqtt_publish publish = {.topic = blox_span_text("t"),
                                   .payload_size = 55};
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, payload), 0);
    size_t waiting = blox_mqtt_output(&play.session).size;
    play_hex(&play, "f0");
    play_logged(&play, "error 82 packet against the protocol\n");
    assert_int_equal(blox_mqtt_output(&play.session).size, waiting);
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

static void a_streamed_payload_keeps_its_place(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    struct mqtt_publish publish = message("a", 0);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 0);
    struct mqtt_publish streamed = {
        .topic = blox_span_text("t"), .qos = 1, .payload_size = 268435449};
    assert_int_equal(blox_mqtt_publish_stream(&play.session, &streamed), 1);
    assert_int_equal(blox_mqtt_publish_stream(&play.session, &streamed),
                     BLOX_ERROR_BUFFER);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 0);
    play_hex(&play, "32 06 00 01 74 00 05 00");
    assert_int_equal(blox_mqtt_payload_due(&play.session), 0);
    play_sends(&play,
               "30 06 00 01 61 00 68 69 32 ff ff ff 7f 00 01 74 00 01 00");
    assert_int_equal(blox_mqtt_payload_due(&play.session), 268435449);
    play_sends(&play, "");
    blox_mqtt_payload_sent(&play.session, 268435448);
    assert_int_equal(blox_mqtt_payload_due(&play.session), 1);
    blox_mqtt_payload_sent(&play.session, 1);
    assert_int_equal(blox_mqtt_payload_due(&play.session), 0);
    play_sends(&play, "30 06 00 01 61 00 68 69 40 02 00 05");
    streamed.payload_size = 268435450;
    assert_int_equal(blox_mqtt_publish_stream(&play.session, &streamed),
                     BLOX_ERROR_LIMIT);
}

static void output_may_go_byte_by_byte(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    struct mqtt_publish streamed = {.topic = blox_span_text("t"),
                                    .payload_size = 3};
    assert_int_equal(blox_mqtt_publish_stream(&play.session, &streamed), 0);
    struct mqtt_publish publish = message("a", 0);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 0);
    uint8_t sent[64];
    size_t size = 0;
    for (;;) {
        struct blox_span output = blox_mqtt_output(&play.session);
        if (blox_mqtt_payload_due(&play.session) > 0) {
            sent[size++] = 'P';
            blox_mqtt_payload_sent(&play.session, 1);
        } else if (output.size > 0) {
            sent[size++] = output.data[0];
            blox_mqtt_sent(&play.session, 1);
        } else {
            break;
        }
    }
    uint8_t want[64];
    size_t want_size =
        play_bytes("30 07 00 01 74 00 50 50 50 30 06 00 01 61 00 68 69", want,
                   sizeof want);
    assert_int_equal(size, want_size);
    assert_memory_equal(sent, want, size);
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
    play_init(&play);
    play_connect(&play, 60, true);
    struct mqtt_publish publish = message("t", 1);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 1);
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
    play_init(&play);
    play_connect(&play, 60, true);
    struct mqtt_publish publish = message("t", 1);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 1);
    for (int32_t want = 2; want <= 65535; ++want) {
        assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), want);
        blox_mqtt_forget(&play.session, (uint16_t)want);
        blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
    }
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 2);
}

static void an_answer_of_the_wrong_kind_is_refused(void **state) {
    (void)state;
    const char *const answers[] = {"90 04 00 01 00 00", "b0 04 00 01 00 00"};
    for (size_t i = 0; i < 2; ++i) {
        struct play play;
        play_init(&play);
        play_connect(&play, 60, true);
        struct mqtt_publish publish = message("t", 1);
        assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi), 1);
        play_hex(&play, answers[i]);
        play_logged(&play, "error 82 packet against the protocol\n");
    }
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    play_hex(&play, "40 02 00 07 90 04 00 09 00 00 d0 00");
    play_logged(&play, "pingresp\n");
}

static void two_sessions_do_not_meet(void **state) {
    (void)state;
    struct play one;
    struct play two;
    play_init(&one);
    play_init(&two);
    play_connect(&one, 60, true);
    play_connect(&two, 10, true);
    struct mqtt_publish publish = message("t", 1);
    assert_int_equal(blox_mqtt_publish(&one.session, &publish, hi), 1);
    assert_int_equal(blox_mqtt_publish(&one.session, &publish, hi), 2);
    assert_int_equal(blox_mqtt_publish(&two.session, &publish, hi), 1);
    const uint8_t a[] = {0x30, 6, 0, 1, 'a', 0, '1', '2'};
    const uint8_t b[] = {0x30, 6, 0, 1, 'b', 0, '3', '4'};
    for (size_t i = 0; i < sizeof a; ++i) {
        play_feed(&one, a + i, 1, 1);
        play_feed(&two, b + i, 1, 1);
    }
    play_logged(&one, "publish a size 2\npayload 3132 = 2\nend\n");
    play_logged(&two, "publish b size 2\npayload 3334 = 2\nend\n");
    play_hex(&one, "f0");
    assert_false(blox_mqtt_connected(&one.session));
    assert_true(blox_mqtt_connected(&two.session));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publish_is_byte_exact),
        cmocka_unit_test(subscribe_and_unsubscribe_are_byte_exact),
        cmocka_unit_test(disconnect_is_byte_exact_and_the_end),
        cmocka_unit_test(nothing_goes_out_without_a_connection),
        cmocka_unit_test(what_the_standard_forbids_is_not_sent),
        cmocka_unit_test(the_brokers_limits_are_kept),
        cmocka_unit_test(a_full_tx_says_whether_to_wait),
        cmocka_unit_test(a_disconnect_waits_for_room),
        cmocka_unit_test(a_refusal_goes_without_saying_when_tx_is_full),
        cmocka_unit_test(a_request_without_room_uses_up_no_identifier),
        cmocka_unit_test(a_streamed_payload_keeps_its_place),
        cmocka_unit_test(output_may_go_byte_by_byte),
        cmocka_unit_test(unacknowledged_messages_are_asked_for_again),
        cmocka_unit_test(a_new_session_gets_new_messages),
        cmocka_unit_test(identifiers_wrap_and_pass_over_those_in_use),
        cmocka_unit_test(an_answer_of_the_wrong_kind_is_refused),
        cmocka_unit_test(two_sessions_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
