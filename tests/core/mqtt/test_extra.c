// SPDX-License-Identifier: MIT
#include "core/mqtt/extra.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static const uint8_t hi[] = {'h', 'i'};

static struct mqtt_publish message(const char *topic, uint8_t qos) {
    return (struct mqtt_publish){
        .topic = blox_span_text(topic), .qos = qos, .payload_size = 2};
}

static void start(struct play *play) {
    play_init(play);
    play_attach(play);
    play_connect(play, 60, true);
}

static int32_t publish(struct play *play, const char *topic, uint8_t qos) {
    struct mqtt_publish request = message(topic, qos);
    return blox_mqtt_publish(&play->session, &request, hi);
}

// Publishes again what RESEND asked for.
static int32_t publish_again(struct play *play, uint16_t identifier,
                             uint8_t qos, bool dup) {
    struct mqtt_publish request = message("t", qos);
    request.packet_identifier = identifier;
    request.dup = dup;
    return blox_mqtt_publish(&play->session, &request, hi);
}

static void drop_output(struct play *play) {
    blox_mqtt_sent(&play->session, blox_mqtt_output(&play->session).size);
}

// The connection was lost, and is there again.
static void connect_again(struct play *play, const char *connack) {
    blox_mqtt_close(&play->session);
    struct mqtt_connect connect = {.session_expiry_interval = 100};
    assert_int_equal(blox_mqtt_connect(&play->session, &connect), BLOX_OK);
    drop_output(play);
    play_hex(play, connack);
}

static const char present[] = "20 03 01 00 00";
static const char lost[] = "20 03 00 00 00";

static void qos_2_goes_out_in_four_packets(void **state) {
    (void)state;
    struct play play;
    start(&play);
    assert_int_equal(publish(&play, "t", 2), 1);
    play_sends(&play, "34 08 00 01 74 00 01 00 68 69");
    play_hex(&play, "50 02 00 01");
    play_logged(&play, "pubrec 1 00\n");
    play_sends(&play, "62 02 00 01");
    play_hex(&play, "70 02 00 01");
    play_logged(&play, "pubcomp 1 00\n");
    play_sends(&play, "");
    connect_again(&play, present);
    play_logged(&play, "connack 00 present\n");
}

static void what_was_not_received_is_published_again(void **state) {
    (void)state;
    struct play play;
    start(&play);
    assert_int_equal(publish(&play, "t", 2), 1);
    assert_int_equal(publish(&play, "t", 1), 2);
    connect_again(&play, present);
    play_logged(&play, "connack 00 present\nresend 1 dup\nresend 2 dup\n");
    assert_int_equal(publish_again(&play, 1, 2, true), 1);
    play_sends(&play, "3c 08 00 01 74 00 01 00 68 69");
    assert_int_equal(publish_again(&play, 2, 1, true), 2);
    play_sends(&play, "3a 08 00 01 74 00 02 00 68 69");
}

static void resent_messages_keep_their_order(void **state) {
    (void)state;
    struct play play;
    start(&play);
    for (int i = 1; i <= 3; ++i) {
        assert_int_equal(publish(&play, "t", 1), i);
    }
    connect_again(&play, present);
    // The second is not the first, and nothing new comes before.
    assert_int_equal(publish_again(&play, 2, 1, true), BLOX_ERROR_STATE);
    assert_int_equal(publish(&play, "t", 1), BLOX_ERROR_BUFFER);
    assert_int_equal(publish(&play, "t", 0), 0);
    assert_int_equal(publish_again(&play, 1, 2, true), BLOX_ERROR_STATE);
    assert_int_equal(publish_again(&play, 1, 1, true), 1);
    blox_mqtt_forget(&play.session, 2);
    assert_int_equal(publish(&play, "t", 1), BLOX_ERROR_BUFFER);
    assert_int_equal(publish_again(&play, 3, 1, true), 3);
    assert_int_equal(publish(&play, "t", 1), 4);
}

static void what_was_released_is_released_again_by_itself(void **state) {
    (void)state;
    struct play play;
    start(&play);
    for (int i = 1; i <= 3; ++i) {
        assert_int_equal(publish(&play, "t", 2), i);
    }
    // The order of PUBREC, not of PUBLISH.
    play_hex(&play, "50 02 00 03 50 02 00 01");
    connect_again(&play, present);
    play_logged(&play, "pubrec 3 00\npubrec 1 00\n"
                       "connack 00 present\nresend 2 dup\n");
    play_sends(&play, "62 02 00 03 62 02 00 01");
    assert_int_equal(publish_again(&play, 1, 2, true), BLOX_ERROR_STATE);
    assert_int_equal(publish_again(&play, 2, 2, true), 2);
    play_hex(&play, "70 02 00 03 70 02 00 01");
    play_logged(&play, "pubcomp 3 00\npubcomp 1 00\n");
}

static void a_release_waits_for_room(void **state) {
    (void)state;
    struct play play;
    play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
    play_attach(&play);
    play_connect(&play, 60, true);
    for (int i = 1; i <= 3; ++i) {
        assert_int_equal(publish(&play, "t", 2), i);
        drop_output(&play);
        const uint8_t pubrec[] = {0x50, 2, 0, (uint8_t)i};
        play_feed(&play, pubrec, sizeof pubrec, 4);
        drop_output(&play);
    }
    blox_mqtt_close(&play.session);
    struct mqtt_connect connect = {.session_expiry_interval = 100};
    assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
    drop_output(&play);
    blox_text_clear(&play.log);
    // No room while CONNACK comes: tick sends what it held back.
    play.session.buffers.tx.capacity = 10;
    play_hex(&play, present);
    play_sends(&play, "62 02 00 01");
    blox_mqtt_tick(&play.session, 1);
    play_sends(&play, "62 02 00 02");
    blox_mqtt_tick(&play.session, 1);
    play_sends(&play, "62 02 00 03");
    play_logged(&play, "connack 00 present\n");
}

static void a_broker_that_lost_its_session_gets_new_messages(void **state) {
    (void)state;
    struct play play;
    start(&play);
    assert_int_equal(publish(&play, "t", 2), 1);
    assert_int_equal(publish(&play, "t", 2), 2);
    play_hex(&play, "50 02 00 01");
    connect_again(&play, lost);
    play_logged(&play, "pubrec 1 00\nconnack 00\nresend 2\npubcomp 1 92\n");
    assert_int_equal(publish_again(&play, 2, 2, false), 2);
    play_sends(&play, "34 08 00 01 74 00 02 00 68 69");
}

static void a_refused_message_is_over(void **state) {
    (void)state;
    struct play play;
    start(&play);
    assert_int_equal(publish(&play, "t", 2), 1);
    assert_int_equal(publish(&play, "t", 1), 2);
    drop_output(&play);
    play_hex(&play, "50 03 00 01 97 40 03 00 02 87");
    play_logged(&play, "pubrec 1 97\npuback 2 87\n");
    play_sends(&play, "");
    connect_again(&play, present);
    play_logged(&play, "connack 00 present\n");
}

static void qos_2_comes_once_over_connections(void **state) {
    (void)state;
    struct play play;
    start(&play);
    play_hex(&play, "34 07 00 01 74 00 07 00 78");
    play_logged(&play, "publish t size 1 id 7\npayload 78 = 1\nend\n");
    connect_again(&play, present);
    play_hex(&play, "3c 07 00 01 74 00 07 00 78");
    play_logged(&play, "connack 00 present\n");
    play_sends(&play, "50 02 00 07");
    play_hex(&play, "62 02 00 07 62 02 00 07");
    play_sends(&play, "70 02 00 07 70 03 00 07 92");
    play_hex(&play, "34 07 00 01 74 00 07 00 79");
    play_logged(&play, "publish t size 1 id 7\npayload 79 = 1\nend\n");
    // Without the broker's session the identifier means something else.
    connect_again(&play, lost);
    play_hex(&play, "34 07 00 01 74 00 07 00 7a");
    play_logged(&play,
                "connack 00\npublish t size 1 id 7\npayload 7a = 1\nend\n");
}

static void half_a_message_at_qos_2_was_not_delivered(void **state) {
    (void)state;
    struct play play;
    start(&play);
    play_hex(&play, "34 08 00 01 74 00 07 00 78");
    connect_again(&play, present);
    blox_text_clear(&play.log);
    play.payload_bytes = 0;
    play_hex(&play, "3c 08 00 01 74 00 07 00 78 79");
    play_logged(&play, "publish t size 2 id 7 dup\npayload 7879 = 2\nend\n");
    play_sends(&play, "50 02 00 07");
}

static void a_message_passed_over_at_qos_2_is_refused_and_new(void **state) {
    (void)state;
    struct play play;
    play_init_small(&play, BLOX_MQTT_RX_MIN, PLAY_BUFFER);
    play_attach(&play);
    play_connect(&play, 60, true);
    uint8_t packet[90] = {0x34, 88, 0, 80};
    memset(packet + 4, 't', 80);
    packet[85] = 7;
    for (int i = 0; i < 2; ++i) {
        play_feed(&play, packet, sizeof packet, 7);
        play_logged(&play, "skipped\n");
        play_sends(&play, "50 03 00 07 97");
    }
    play_hex(&play, "62 02 00 07");
    play_sends(&play, "70 03 00 07 92");
}

static void receive_maximum_is_what_is_free(void **state) {
    (void)state;
    struct play play;
    start(&play);
    for (uint8_t i = 1; i <= PLAY_INBOUND; ++i) {
        const uint8_t packet[] = {0x34, 6, 0, 1, 't', 0, i, 0};
        play_feed(&play, packet, sizeof packet, 8);
        blox_mqtt_close(&play.session);
        struct mqtt_connect connect = {.client_identifier =
                                           blox_span_text("c")};
        assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
        struct blox_span output = blox_mqtt_output(&play.session);
        uint8_t room = i < PLAY_INBOUND ? PLAY_INBOUND - i : 1;
        assert_int_equal(output.data[13], MQTT_RECEIVE_MAXIMUM);
        assert_int_equal(output.data[15], room);
        drop_output(&play);
        play_hex(&play, present);
    }
    // One at a time, and one more than there is room for.
    play_hex(&play, "34 06 00 01 74 00 09 00");
    play_sends(&play, "e0 01 93");
}

static void the_brokers_receive_maximum_counts_qos_2_to_its_end(void **state) {
    (void)state;
    struct play play;
    start(&play);
    connect_again(&play, "20 06 00 00 03 21 00 02");
    assert_int_equal(publish(&play, "t", 2), 1);
    assert_int_equal(publish(&play, "t", 1), 2);
    assert_int_equal(publish(&play, "t", 2), BLOX_ERROR_BUFFER);
    play_hex(&play, "50 02 00 01");
    assert_int_equal(publish(&play, "t", 2), BLOX_ERROR_BUFFER);
    // All else goes on [MQTT-3.3.4-8].
    struct mqtt_subscription subscription = {blox_span_text("t"), 2};
    assert_int_equal(blox_mqtt_subscribe(&play.session, blox_span(NULL, 0),
                                         &subscription, 1),
                     3);
    play_hex(&play, "30 04 00 01 74 00");
    play_hex(&play, "70 02 00 01");
    assert_int_equal(publish(&play, "t", 2), 4);
    assert_int_equal(publish(&play, "t", 2), BLOX_ERROR_BUFFER);
    play_hex(&play, "40 02 00 02");
    assert_int_equal(publish(&play, "t", 2), 5);
}

static void topics_go_out_as_numbers_once_they_are_known(void **state) {
    (void)state;
    struct play play;
    start(&play);
    connect_again(&play, "20 06 00 00 03 22 00 02");
    publish(&play, "a", 0);
    play_sends(&play, "30 09 00 01 61 03 23 00 01 68 69");
    publish(&play, "a", 0);
    play_sends(&play, "30 08 00 00 03 23 00 01 68 69");
    publish(&play, "b", 1);
    play_sends(&play, "32 0b 00 01 62 00 01 03 23 00 02 68 69");
    publish(&play, "c", 0);
    play_sends(&play, "30 06 00 01 63 00 68 69");
    struct mqtt_publish more = message("b", 0);
    more.properties = blox_span("\x01\x01", 2);
    blox_mqtt_publish(&play.session, &more, hi);
    play_sends(&play, "30 0a 00 00 05 23 00 02 01 01 68 69");
    // A new connection knows none of them.
    connect_again(&play, "20 06 01 00 03 22 00 01");
    assert_int_equal(publish_again(&play, 1, 1, true), 1);
    play_sends(&play, "3a 0b 00 01 74 00 01 03 23 00 01 68 69");
    connect_again(&play, lost);
    publish(&play, "t", 0);
    play_sends(&play, "30 06 00 01 74 00 68 69");
}

static void a_topic_that_was_not_sent_has_no_number(void **state) {
    (void)state;
    struct play play;
    play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
    play_attach(&play);
    play_connect(&play, 60, true);
    connect_again(&play, "20 06 00 00 03 22 00 02");
    static uint8_t payload[BLOX_MQTT_TX_MIN];
    struct mqtt_publish large = message("a", 0);
    large.payload_size = sizeof payload;
    assert_int_equal(blox_mqtt_publish(&play.session, &large, payload),
                     BLOX_ERROR_LIMIT);
    publish(&play, "a", 0);
    play_sends(&play, "30 09 00 01 61 03 23 00 01 68 69");
    // Nor has one that does not fit in the table.
    publish(&play, "a/long/topic/of/thirty-bytes", 0);
    play_sends(&play, "30 21 00 1c 61 2f 6c 6f 6e 67 2f 74 6f 70 69 63 2f 6f "
                      "66 2f 74 68 69 72 74 79 2d 62 79 74 65 73 00 68 69");
}

static void numbers_of_topics_end_with_the_connection(void **state) {
    (void)state;
    struct play play;
    start(&play);
    play_hex(&play, "30 07 00 01 74 03 23 00 01");
    play_hex(&play, "30 06 00 00 03 23 00 01");
    play_logged(&play, "publish t size 0 properties 230001\nend\n"
                       "publish t size 0 properties 230001\nend\n");
    connect_again(&play, present);
    play_hex(&play, "30 06 00 00 03 23 00 01");
    play_logged(&play, "connack 00 present\nerror 82\n");
}

static void a_header_passed_over_takes_the_numbers_with_it(void **state) {
    (void)state;
    struct play play;
    play_init_small(&play, BLOX_MQTT_RX_MIN, PLAY_BUFFER);
    play_attach(&play);
    play_connect(&play, 60, true);
    play_hex(&play, "30 07 00 01 74 03 23 00 01");
    // It may have given the number to another topic.
    uint8_t packet[90] = {0x30, 88, 0, 80};
    play_feed(&play, packet, sizeof packet, 90);
    play_hex(&play, "32 08 00 00 00 05 03 23 00 01");
    play_sends(&play, "40 03 00 05 97");
    play_hex(&play, "30 07 00 01 75 03 23 00 01 30 06 00 00 03 23 00 01");
    play_logged(&play, "publish t size 0 properties 230001\nend\nskipped\n"
                       "skipped\n"
                       "publish u size 0 properties 230001\nend\n"
                       "publish u size 0 properties 230001\nend\n");
}

static void connect_with(struct play *play, const char *properties, size_t size,
                         const char *connack) {
    play_init(play);
    play_attach(play);
    struct mqtt_connect connect = {.properties = blox_span(properties, size)};
    assert_int_equal(blox_mqtt_connect(&play->session, &connect), BLOX_OK);
    drop_output(play);
    play_hex(play, connack);
    blox_text_clear(&play->log);
}

static void a_packet_over_our_maximum_is_refused(void **state) {
    (void)state;
    struct play play;
    connect_with(&play, "\x27\x00\x00\x00\x0a", 5, lost);
    play_hex(&play, "30 08 00 01 74 00 31 32 33 34");
    play_logged(&play, "publish t size 4\npayload 31323334 = 4\nend\n");
    play_hex(&play, "30 09 00 01 74 00");
    play_logged(&play, "error 95\n");
    play_sends(&play, "e0 01 95");
}

static void a_reason_that_was_not_asked_for_is_refused(void **state) {
    (void)state;
    struct play play;
    connect_with(&play, "\x17\x00", 2, lost);
    assert_int_equal(publish(&play, "t", 1), 1);
    drop_output(&play);
    play_hex(&play, "40 07 00 01 00 03 1f 00 00");
    play_logged(&play, "error 82\n");
    connect_with(&play, "\x17\x00", 2, lost);
    play_hex(&play, "e0 06 8b 04 1f 00 01 78");
    play_logged(&play, "disconnect 8b x\n");
}

static void what_the_broker_does_not_have_is_not_asked_for(void **state) {
    (void)state;
    struct play play;
    struct mqtt_subscription plus = {blox_span_text("a/+"), 0};
    struct mqtt_subscription shared = {blox_span_text("$share/g/a"), 0};
    struct mqtt_subscription plain = {blox_span_text("a"), 0};
    const struct blox_span none = {NULL, 0};
    const struct blox_span identifier = blox_span("\x0b\x05", 2);
    connect_with(&play, "", 0, "20 05 00 00 02 28 00");
    assert_int_equal(blox_mqtt_subscribe(&play.session, none, &plus, 1),
                     BLOX_ERROR_UNSUPPORTED);
    assert_int_equal(blox_mqtt_subscribe(&play.session, none, &shared, 1), 1);
    connect_with(&play, "", 0, "20 05 00 00 02 2a 00");
    assert_int_equal(blox_mqtt_subscribe(&play.session, none, &shared, 1),
                     BLOX_ERROR_UNSUPPORTED);
    assert_int_equal(blox_mqtt_subscribe(&play.session, none, &plus, 1), 1);
    connect_with(&play, "", 0, "20 05 00 00 02 29 00");
    assert_int_equal(blox_mqtt_subscribe(&play.session, identifier, &plain, 1),
                     BLOX_ERROR_UNSUPPORTED);
    assert_int_equal(blox_mqtt_subscribe(&play.session, none, &plain, 1), 1);
}

static void a_session_may_end_later_than_asked_for_but_not_begin(void **state) {
    (void)state;
    struct play play;
    const struct blox_span expiry = blox_span("\x11\x00\x00\x00\x05", 5);
    connect_with(&play, "", 0, lost);
    assert_int_equal(blox_mqtt_disconnect(&play.session, 0, expiry),
                     BLOX_ERROR_ARGUMENT);
    connect_again(&play, lost);
    assert_int_equal(blox_mqtt_disconnect(&play.session, 0, expiry), BLOX_OK);
    play_sends(&play, "e0 07 00 05 11 00 00 00 05");
}

static void only_auth_goes_out_before_connack(void **state) {
    (void)state;
    struct play play;
    const struct blox_span method = blox_span("\x15\x00\x01m", 4);
    connect_with(&play, "\x15\x00\x01m", 4, "");
    struct mqtt_subscription subscription = {blox_span_text("t"), 0};
    assert_int_equal(publish(&play, "t", 0), BLOX_ERROR_STATE);
    assert_int_equal(blox_mqtt_subscribe(&play.session, blox_span(NULL, 0),
                                         &subscription, 1),
                     BLOX_ERROR_STATE);
    assert_int_equal(blox_mqtt_auth(&play.session, 0x19, method),
                     BLOX_ERROR_STATE);
    assert_int_equal(blox_mqtt_auth(&play.session, 0x18, method), BLOX_OK);
    play_sends(&play, "f0 06 18 04 15 00 01 6d");
    play_hex(&play, "20 07 00 00 04 15 00 01 6d");
    play_logged(&play, "connack 00\n");
    assert_int_equal(blox_mqtt_auth(&play.session, 0x19, method), BLOX_OK);
    play_sends(&play, "f0 06 19 04 15 00 01 6d");
    play_hex(&play, "f0 06 00 04 15 00 01 6d");
    play_logged(&play, "auth 00\n");
}

// A broker that is refused has not said that it lost anything.
static void a_connack_that_is_refused_discards_nothing(void **state) {
    (void)state;
    struct play play;
    start(&play);
    play_hex(&play, "34 07 00 01 74 00 07 00 78");
    connect_again(&play, "20 06 00 00 03 15 00 00");
    connect_again(&play, present);
    blox_text_clear(&play.log);
    play_hex(&play, "3c 07 00 01 74 00 07 00 78");
    play_logged(&play, "");
    play_sends(&play, "50 02 00 07");
}

static void extra_is_attached_before_a_connection(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    struct mqtt_extra_buffers buffers = {.inbound = play.inbound};
    assert_int_equal(
        blox_mqtt_extra_attach(&play.session, &play.extra, &buffers),
        BLOX_ERROR_BUFFER);
    buffers.inbound_capacity = 65536;
    assert_int_equal(
        blox_mqtt_extra_attach(&play.session, &play.extra, &buffers),
        BLOX_ERROR_BUFFER);
    buffers.inbound_capacity = 1;
    play_connect(&play, 60, true);
    assert_int_equal(
        blox_mqtt_extra_attach(&play.session, &play.extra, &buffers),
        BLOX_ERROR_STATE);
    assert_int_equal(
        blox_mqtt_auth(&play.session, 0x18, blox_span("\x15\x00\x01m", 4)),
        BLOX_ERROR_STATE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qos_2_goes_out_in_four_packets),
        cmocka_unit_test(what_was_not_received_is_published_again),
        cmocka_unit_test(resent_messages_keep_their_order),
        cmocka_unit_test(what_was_released_is_released_again_by_itself),
        cmocka_unit_test(a_release_waits_for_room),
        cmocka_unit_test(a_broker_that_lost_its_session_gets_new_messages),
        cmocka_unit_test(a_refused_message_is_over),
        cmocka_unit_test(qos_2_comes_once_over_connections),
        cmocka_unit_test(half_a_message_at_qos_2_was_not_delivered),
        cmocka_unit_test(a_message_passed_over_at_qos_2_is_refused_and_new),
        cmocka_unit_test(receive_maximum_is_what_is_free),
        cmocka_unit_test(the_brokers_receive_maximum_counts_qos_2_to_its_end),
        cmocka_unit_test(topics_go_out_as_numbers_once_they_are_known),
        cmocka_unit_test(a_topic_that_was_not_sent_has_no_number),
        cmocka_unit_test(numbers_of_topics_end_with_the_connection),
        cmocka_unit_test(a_header_passed_over_takes_the_numbers_with_it),
        cmocka_unit_test(a_packet_over_our_maximum_is_refused),
        cmocka_unit_test(a_reason_that_was_not_asked_for_is_refused),
        cmocka_unit_test(what_the_broker_does_not_have_is_not_asked_for),
        cmocka_unit_test(a_session_may_end_later_than_asked_for_but_not_begin),
        cmocka_unit_test(only_auth_goes_out_before_connack),
        cmocka_unit_test(a_connack_that_is_refused_discards_nothing),
        cmocka_unit_test(extra_is_attached_before_a_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
