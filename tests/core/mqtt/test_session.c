// SPDX-License-Identifier: MIT
#include "core/mqtt/session.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static const uint8_t hi[] = {'h', 'i', '!'};

static struct mqtt_publish message(const char *topic, uint8_t qos) {
    return (struct mqtt_publish){
        .topic = blox_span_text(topic), .qos = qos, .payload_size = 2};
}

static void too_small_buffers_are_refused(void **state) {
    (void)state;
    uint8_t memory[BLOX_MQTT_RX_MIN];
    struct mqtt_in_flight in_flight[1];
    struct mqtt_session session;
    const struct mqtt_buffers good = {.rx = {memory, BLOX_MQTT_RX_MIN, 0},
                                      .tx = {memory, BLOX_MQTT_TX_MIN, 0},
                                      .in_flight = in_flight,
                                      .in_flight_capacity = 1};
    assert_int_equal(blox_mqtt_init(&session, &good), BLOX_OK);
    struct mqtt_buffers bad = good;
    bad.rx.capacity--;
    assert_int_equal(blox_mqtt_init(&session, &bad), BLOX_ERROR_BUFFER);
    bad = good;
    bad.tx.capacity--;
    assert_int_equal(blox_mqtt_init(&session, &bad), BLOX_ERROR_BUFFER);
    bad = good;
    bad.in_flight_capacity = 0;
    assert_int_equal(blox_mqtt_init(&session, &bad), BLOX_ERROR_BUFFER);
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

static void a_session_without_a_connection_takes_and_drops(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_hex(&play, "30 04 00 01 74 00");
    play_logged(&play, "");
    play_connect(&play, 60, true);
    play_hex(&play, "30 14 00 01 74 00 78");
    blox_mqtt_close(&play.session);
    play_hex(&play, "78 78");
    play_take(&play);
    play_logged(&play, "publish t size 16\npayload 78 = 1\n");
    play_connect(&play, 60, true);
    play_hex(&play, "d0 00");
    play_logged(&play, "pingresp\n");
}

static void disconnect_is_byte_exact_and_the_end(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    assert_int_equal(
        blox_mqtt_disconnect(&play.session, MQTT_SUCCESS, blox_span(NULL, 0)),
        BLOX_OK);
    play_sends(&play, "e0 00");
    assert_int_equal(
        blox_mqtt_disconnect(&play.session, MQTT_SUCCESS, blox_span(NULL, 0)),
        BLOX_ERROR_STATE);
    play_hex(&play, "30 04 00 01 74 00");
    play_logged(&play, "");
    blox_mqtt_close(&play.session);
    play_connect(&play, 60, true);
    assert_int_equal(blox_mqtt_disconnect(&play.session,
                                          MQTT_DISCONNECT_WITH_WILL,
                                          blox_span(NULL, 0)),
                     BLOX_OK);
    play_sends(&play, "e0 01 04");
}

static void a_disconnect_waits_for_room(void **state) {
    (void)state;
    struct play play;
    play_connect_full(&play, 60);
    assert_int_equal(
        blox_mqtt_disconnect(&play.session, MQTT_SUCCESS, blox_span(NULL, 0)),
        BLOX_ERROR_BUFFER);
    assert_true(blox_mqtt_connected(&play.session));
    blox_mqtt_sent(&play.session, 1000);
    assert_int_equal(
        blox_mqtt_disconnect(&play.session, MQTT_SUCCESS, blox_span(NULL, 0)),
        BLOX_OK);
    play_sends(&play, "e0 00");
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

// Times are counted from some start, among them some that wrap.
static const uint32_t starts[] = {
    0, 1, 12345, UINT32_MAX, UINT32_MAX - 5000, UINT32_MAX - 61000, 0x7fffffff};

static void connect_at(struct play *play, uint16_t keep_alive, uint32_t now) {
    play_init(play);
    struct mqtt_connect connect = {.keep_alive = keep_alive,
                                   .clean_start = true};
    assert_int_equal(blox_mqtt_connect(&play->session, &connect), BLOX_OK);
    assert_int_equal(blox_mqtt_tick(&play->session, now),
                     BLOX_MQTT_CONNACK_TIMEOUT);
    blox_mqtt_sent(&play->session, blox_mqtt_output(&play->session).size);
    play_hex(play, "20 03 00 00 00");
    play_logged(play, "connack 00\n");
}

static void pings_after_three_quarters_of_silence(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; ++i) {
        uint32_t t = starts[i];
        struct play play;
        connect_at(&play, 60, t);
        assert_int_equal(blox_mqtt_tick(&play.session, t), 45000);
        assert_int_equal(blox_mqtt_tick(&play.session, t + 44999), 1);
        play_sends(&play, "");
        assert_int_equal(blox_mqtt_tick(&play.session, t + 45000), 45000);
        play_sends(&play, "c0 00");
        play_hex(&play, "d0 00");
        play_logged(&play, "pingresp\n");
        assert_int_equal(blox_mqtt_tick(&play.session, t + 45100), 44900);
        play_sends(&play, "");
    }
}

static void is_dead_after_one_and_a_half(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; ++i) {
        uint32_t t = starts[i];
        struct play play;
        connect_at(&play, 10, t);
        blox_mqtt_tick(&play.session, t);
        assert_int_equal(blox_mqtt_tick(&play.session, t + 7500), 7500);
        play_sends(&play, "c0 00");
        assert_int_equal(blox_mqtt_tick(&play.session, t + 14999), 1);
        play_take(&play);
        play_logged(&play, "");
        assert_int_equal(blox_mqtt_tick(&play.session, t + 15000), 0);
        play_take(&play);
        play_logged(&play, "error 00 timeout\n");
        play_sends(&play, "");
        assert_false(blox_mqtt_connected(&play.session));
        assert_int_equal(blox_mqtt_tick(&play.session, t + 15001),
                         BLOX_MQTT_NEVER);
    }
}

// A broker answers PINGREQ only behind the payload it is sending; each byte of
// it shows that it lives.
static void arriving_bytes_are_life_and_pings_go_on(void **state) {
    (void)state;
    struct play play;
    connect_at(&play, 10, 0);
    blox_mqtt_tick(&play.session, 0);
    play_hex(&play, "30 e8 07 00 01 74 00");
    unsigned pings = 0;
    for (uint32_t now = 1000; now <= 900000; now += 1000) {
        play_hex(&play, "78");
        assert_true(blox_mqtt_tick(&play.session, now) > 0);
        pings += blox_mqtt_output(&play.session).size > 0;
        blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
    }
    assert_true(pings >= 900 / 10 && pings <= 900 / 7);
    assert_true(blox_mqtt_connected(&play.session));
}

// Much is sent, nothing comes back: half-open TCP.
static void sending_alone_is_no_life(void **state) {
    (void)state;
    struct play play;
    connect_at(&play, 10, 0);
    struct mqtt_publish publish = {.topic = blox_span_text("t")};
    unsigned pings = 0;
    for (uint32_t now = 0; now < 15000; now += 500) {
        assert_int_equal(blox_mqtt_publish(&play.session, &publish, NULL), 0);
        size_t before = blox_mqtt_output(&play.session).size;
        assert_true(blox_mqtt_tick(&play.session, now) > 0);
        pings += blox_mqtt_output(&play.session).size > before;
        blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
    }
    assert_int_equal(pings, 1);
    assert_int_equal(blox_mqtt_tick(&play.session, 15000), 0);
    play_take(&play);
    play_logged(&play, "error 00 timeout\n");
}

// What was sent between two ticks counts from the first: the broker never
// waits longer than the keep alive.
static void a_late_tick_does_not_stretch_the_keep_alive(void **state) {
    (void)state;
    struct play play;
    connect_at(&play, 10, 0);
    blox_mqtt_tick(&play.session, 0);
    struct mqtt_publish publish = {.topic = blox_span_text("t")};
    assert_int_equal(blox_mqtt_publish(&play.session, &publish, NULL), 0);
    blox_mqtt_sent(&play.session,
                   blox_mqtt_output(&play.session).size); // at 100, say
    blox_mqtt_tick(&play.session, 7500);
    play_sends(&play, "c0 00");
}

static void a_server_keep_alive_wins(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    struct mqtt_connect connect = {.keep_alive = 60, .clean_start = true};
    assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
    blox_mqtt_tick(&play.session, 0);
    blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
    play_hex(&play, "20 06 00 00 03 13 00 04");
    assert_int_equal(blox_mqtt_tick(&play.session, 0), 3000);
    blox_mqtt_close(&play.session);
    assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
    blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
    play_hex(&play, "20 06 00 00 03 13 00 00");
    assert_int_equal(blox_mqtt_tick(&play.session, 0), BLOX_MQTT_NEVER);
}

static void zero_is_off(void **state) {
    (void)state;
    struct play play;
    connect_at(&play, 0, 5);
    assert_int_equal(blox_mqtt_tick(&play.session, 1000000000),
                     BLOX_MQTT_NEVER);
    play_sends(&play, "");
    assert_true(blox_mqtt_connected(&play.session));
}

static void the_longest_keep_alive_fits(void **state) {
    (void)state;
    struct play play;
    connect_at(&play, 65535, 7);
    assert_int_equal(blox_mqtt_tick(&play.session, 7), 49151250);
    assert_int_equal(blox_mqtt_tick(&play.session, 7 + 49151250), 49151250);
    play_sends(&play, "c0 00");
    assert_int_equal(blox_mqtt_tick(&play.session, 7 + 98302500), 0);
}

static void connack_does_not_take_for_ever(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; ++i) {
        struct play play;
        play_init(&play);
        struct mqtt_connect connect = {.clean_start = true};
        assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
        uint32_t t = starts[i];
        assert_int_equal(blox_mqtt_tick(&play.session, t), 20000);
        play_hex(&play, "20 03 00");
        assert_int_equal(blox_mqtt_tick(&play.session, t + 15000), 20000);
        assert_int_equal(blox_mqtt_tick(&play.session, t + 34999), 1);
        assert_int_equal(blox_mqtt_tick(&play.session, t + 35000), 0);
        play_take(&play);
        play_logged(&play, "error 00 timeout\n");
    }
}

static void a_full_tx_asks_again_soon(void **state) {
    (void)state;
    struct play play;
    play_connect_full(&play, 10);
    blox_mqtt_tick(&play.session, 0);
    assert_int_equal(blox_mqtt_tick(&play.session, 8000), 250);
    blox_mqtt_sent(&play.session, 61);
    blox_mqtt_tick(&play.session, 8250);
    play_sends(&play, "c0 00");
}

static void nothing_is_due_without_a_connection(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    assert_int_equal(blox_mqtt_tick(&play.session, 1), BLOX_MQTT_NEVER);
    connect_at(&play, 10, 0);
    blox_mqtt_close(&play.session);
    assert_int_equal(blox_mqtt_tick(&play.session, 100000), BLOX_MQTT_NEVER);
    play_take(&play);
    play_logged(&play, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_small_buffers_are_refused),
        cmocka_unit_test(connects_once_at_a_time),
        cmocka_unit_test(a_session_without_a_connection_takes_and_drops),
        cmocka_unit_test(disconnect_is_byte_exact_and_the_end),
        cmocka_unit_test(a_disconnect_waits_for_room),
        cmocka_unit_test(two_sessions_do_not_meet),
        cmocka_unit_test(pings_after_three_quarters_of_silence),
        cmocka_unit_test(is_dead_after_one_and_a_half),
        cmocka_unit_test(arriving_bytes_are_life_and_pings_go_on),
        cmocka_unit_test(sending_alone_is_no_life),
        cmocka_unit_test(a_late_tick_does_not_stretch_the_keep_alive),
        cmocka_unit_test(a_server_keep_alive_wins),
        cmocka_unit_test(zero_is_off),
        cmocka_unit_test(the_longest_keep_alive_fits),
        cmocka_unit_test(connack_does_not_take_for_ever),
        cmocka_unit_test(a_full_tx_asks_again_soon),
        cmocka_unit_test(nothing_is_due_without_a_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
