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
    play_attach(&play);
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
    assert_int_equal(blox_mqtt_unsubscribe(&play.session, blox_span(NULL, 0),
                                           &subscription, 1),
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
    play_attach(&play);
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
    assert_int_equal(blox_mqtt_unsubscribe(&play.session, blox_span(NULL, 0),
                                           &subscriptions[1], 1),
                     BLOX_ERROR_ARGUMENT);
    assert_int_equal(
        blox_mqtt_unsubscribe(&play.session, blox_span(NULL, 0), &good, 0),
        BLOX_ERROR_ARGUMENT);
    struct mqtt_publish no_payload = message("t", 0);
    assert_int_equal(blox_mqtt_publish(&play.session, &no_payload, NULL),
                     BLOX_ERROR_ARGUMENT);
    blox_mqtt_forget(&play.session, 77);
    play_sends(&play, "");
}

static void what_needs_extra_is_unsupported_without(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    struct mqtt_will will = {.topic = blox_span_text("t"),
                             .properties = blox_span("\x01\x00", 2)};
    const struct mqtt_connect connects[] = {
        {.will = &will},
        {.protocol_version = MQTT_VERSION_3_1_1},
        {.properties = blox_span("\x17\x00", 2)},
    };
    for (size_t i = 0; i < sizeof connects / sizeof connects[0]; ++i) {
        assert_int_equal(blox_mqtt_connect(&play.session, &connects[i]),
                         BLOX_ERROR_UNSUPPORTED);
    }
    play_connect(&play, 60, true);
    struct mqtt_publish publish = message("t", 2);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi),
                     BLOX_ERROR_UNSUPPORTED);
    publish = message("t", 0);
    publish.properties = blox_span("\x01\x00", 2);
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, hi),
                     BLOX_ERROR_UNSUPPORTED);
    struct mqtt_subscription subscription = {blox_span_text("a"), 2};
    assert_int_equal(blox_mqtt_subscribe(&play.session, blox_span(NULL, 0),
                                         &subscription, 1),
                     BLOX_ERROR_UNSUPPORTED);
    subscription.options = 1;
    assert_int_equal(blox_mqtt_subscribe(&play.session,
                                         blox_span("\x0b\x01", 2),
                                         &subscription, 1),
                     BLOX_ERROR_UNSUPPORTED);
    assert_int_equal(blox_mqtt_disconnect(&play.session, MQTT_SUCCESS,
                                          blox_span("\x1f\x00\x00", 3)),
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publish_is_byte_exact),
        cmocka_unit_test(nothing_goes_out_without_a_connection),
        cmocka_unit_test(what_the_standard_forbids_is_not_sent),
        cmocka_unit_test(what_needs_extra_is_unsupported_without),
        cmocka_unit_test(the_brokers_limits_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
