// SPDX-License-Identifier: MIT
// Buffers that are small and may be made larger.
#include "tests/core/mqtt/play.h"

#include <stdlib.h>
#include <string.h>

#include "tests/core/test.h"

enum { SMALL = BLOX_MQTT_RX_MIN, MOST = 512 };

// What was there before is gone: whoever still looks at it is found out.
static void grow(struct mqtt_buffer *buffer, size_t size) {
    assert_true(size > buffer->capacity && size <= buffer->most);
    uint8_t *data = malloc(size);
    memcpy(data, buffer->data, buffer->capacity);
    free(buffer->data);
    buffer->data = data;
    buffer->capacity = size;
}

static void no_memory(struct mqtt_buffer *buffer, size_t size) {
    (void)buffer;
    (void)size;
}

static void begin(struct play *play) {
    struct mqtt_buffers *buffers = &play->session.buffers;
    play_init_small(play, SMALL, SMALL);
    buffers->rx = (struct mqtt_buffer){malloc(SMALL), SMALL, MOST};
    buffers->tx = (struct mqtt_buffer){malloc(SMALL), SMALL, MOST};
    buffers->grow = grow;
    play_connect(play, 60, true);
    assert_int_equal(buffers->rx.capacity, SMALL);
    assert_int_equal(buffers->tx.capacity, SMALL);
}

static void end(struct play *play) {
    free(play->session.buffers.rx.data);
    free(play->session.buffers.tx.data);
}

// A PUBLISH whose topic has size bytes, and a PINGRESP behind it.
static size_t publish(uint8_t *bytes, size_t topic) {
    size_t size = topic + 6;
    const uint8_t head[] = {0x32, (uint8_t)(size % 128 | 128),
                            (uint8_t)(size / 128), (uint8_t)(topic >> 8),
                            (uint8_t)topic};
    memcpy(bytes, head, sizeof head);
    memset(bytes + sizeof head, 't', topic);
    memcpy(bytes + sizeof head + topic, "\x00\x07\x00\x78\xd0\x00", 6);
    return sizeof head + topic + 6;
}

static void a_long_header_makes_room_for_itself(void **state) {
    (void)state;
    uint8_t bytes[MOST * 2];
    for (size_t topic = 130; topic <= MOST; topic += 17) {
        size_t size = publish(bytes, topic);
        bool fits = topic + 5 <= MOST;
        for (size_t piece = 1; piece <= size; piece += 13) {
            struct play play;
            begin(&play);
            play_feed(&play, bytes, size, piece);
            assert_true(
                strstr(play.log_data, fits ? "payload 78 = 1\nend\npingresp"
                                           : "skipped\npingresp"));
            play_sends(&play, fits ? "40 02 00 07" : "40 03 00 07 97");
            end(&play);
        }
    }
}

static void a_long_answer_makes_room_for_itself(void **state) {
    (void)state;
    struct play play;
    uint8_t answer[5 + 300] = {0x90, 0xae, 0x02};
    begin(&play);
    struct mqtt_subscription asked = {.filter = blox_span_text("f")};
    int32_t identifier =
        blox_mqtt_subscribe(&play.session, blox_span(NULL, 0), &asked, 1);
    answer[3] = (uint8_t)(identifier >> 8);
    answer[4] = (uint8_t)identifier;
    play_feed(&play, answer, sizeof answer, 11);
    assert_true(strstr(play.log_data, "suback") != NULL);
    end(&play);
}

static void a_long_request_makes_room_where_nothing_waits(void **state) {
    (void)state;
    struct play play;
    char filter[200];
    begin(&play);
    memset(filter, 'f', sizeof filter);
    struct mqtt_subscription asked = {.filter =
                                          blox_span(filter, sizeof filter)};
    struct blox_span none = blox_span(NULL, 0);
    assert_true(blox_mqtt_subscribe(&play.session, none, &asked, 1) > 0);
    struct blox_span out = blox_mqtt_output(&play.session);
    assert_int_equal(out.size, 3 + 2 + 1 + 2 + sizeof filter + 1);
    assert_memory_equal(out.data + 8, filter, sizeof filter);
    assert_int_equal(blox_mqtt_subscribe(&play.session, none, &asked, 1),
                     BLOX_ERROR_BUFFER);
    assert_false(blox_mqtt_rests(&play.session));
    blox_mqtt_sent(&play.session, out.size);
    assert_true(blox_mqtt_rests(&play.session));
    assert_true(blox_mqtt_subscribe(&play.session, none, &asked, 1) > 0);
    end(&play);
}

static void a_payload_makes_no_room_unless_it_is_asked_for(void **state) {
    (void)state;
    struct play play;
    const uint8_t payload[400] = {0};
    const struct mqtt_publish message = {.topic = blox_span_text("t"),
                                         .payload_size = sizeof payload};
    begin(&play);
    assert_int_equal(blox_mqtt_publish(&play.session, &message, payload),
                     BLOX_ERROR_LIMIT);
    assert_int_equal(play.session.buffers.tx.capacity, SMALL);
    blox_mqtt_make_room(&play.session, 1 + sizeof payload);
    assert_int_equal(blox_mqtt_publish(&play.session, &message, payload), 0);
    assert_int_equal(blox_mqtt_output(&play.session).size, 407);
    end(&play);
}

static void without_memory_they_stay_as_they_are(void **state) {
    (void)state;
    struct play play;
    uint8_t bytes[MOST];
    begin(&play);
    play.session.buffers.grow = no_memory;
    play_feed(&play, bytes, publish(bytes, 200), 1);
    play_logged(&play, "skipped\npingresp\n");
    char filter[200];
    memset(filter, 'f', sizeof filter);
    struct mqtt_subscription asked = {.filter =
                                          blox_span(filter, sizeof filter)};
    play_sends(&play, "40 03 00 07 97");
    assert_int_equal(
        blox_mqtt_subscribe(&play.session, blox_span(NULL, 0), &asked, 1),
        BLOX_ERROR_MEMORY);
    struct mqtt_publish message = {.topic = asked.filter};
    assert_int_equal(blox_mqtt_publish_stream(&play.session, &message),
                     BLOX_ERROR_MEMORY);
    char longer[MOST];
    memset(longer, 'f', sizeof longer);
    asked.filter = blox_span(longer, sizeof longer);
    assert_int_equal(
        blox_mqtt_subscribe(&play.session, blox_span(NULL, 0), &asked, 1),
        BLOX_ERROR_LIMIT);
    end(&play);
}

static void without_memory_for_an_answer_the_session_ends(void **state) {
    (void)state;
    struct play play;
    const uint8_t answer[] = {0x90, 0xae, 0x02};
    begin(&play);
    play.session.buffers.grow = no_memory;
    play_feed(&play, answer, sizeof answer, 1);
    play_logged(&play, "error 97\n");
    end(&play);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_header_makes_room_for_itself),
        cmocka_unit_test(a_long_answer_makes_room_for_itself),
        cmocka_unit_test(a_long_request_makes_room_where_nothing_waits),
        cmocka_unit_test(a_payload_makes_no_room_unless_it_is_asked_for),
        cmocka_unit_test(without_memory_they_stay_as_they_are),
        cmocka_unit_test(without_memory_for_an_answer_the_session_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
