// SPDX-License-Identifier: MIT
#include "core/mqtt/session.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static const uint8_t hi[] = {'h', 'i', '!'};

static struct mqtt_publish message(const char *topic, uint8_t qos) {
    return (struct mqtt_publish){
        .topic = blox_span_text(topic), .qos = qos, .payload_size = 2};
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_tx_says_whether_to_wait),
        cmocka_unit_test(a_streamed_payload_keeps_its_place),
        cmocka_unit_test(output_may_go_byte_by_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
