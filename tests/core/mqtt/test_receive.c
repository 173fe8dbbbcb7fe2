// SPDX-License-Identifier: MIT
#include "core/mqtt/session.h"

#include <stdio.h>

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static void messages_come_whole_however_they_are_cut(void **state) {
    (void)state;
    play_any_split(
        "30 07 00 03 61 2f 62 00 78"          // QoS 0, "x"
        "33 0a 00 01 74 00 07 00 68 65 6c 6c" // QoS 1 retained
        "31 04 00 01 74 00"                   // empty, retained
        "d0 00"                               // PINGRESP
        "30 10 00 01 74 07 26 00 01 6b 00 01 76 31 32 33 34 35", // user
                                                                 // property
        "publish a/b size 1\npayload 78 = 1\nend\n"
        "publish t size 4 id 7 retain\npayload 68656c6c = 4\nend\n"
        "publish t size 0 retain\nend\n"
        "pingresp\n"
        "publish t size 5 properties 2600016b000176\npayload 3132333435 = "
        "5\nend\n");
}

static void payload_points_into_the_input(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_connect(&play, 60, true);
    const uint8_t packet[] = {0x30, 0x06, 0, 1, 't', 0, 'h', 'i'};
    struct mqtt_event event;
    assert_int_equal(blox_mqtt_feed(&play.session, packet, sizeof packet), 6);
    assert_int_equal(blox_mqtt_feed(&play.session, packet + 6, 2), 0);
    assert_true(blox_mqtt_next(&play.session, &event));
    assert_int_equal(event.type, MQTT_EVENT_PUBLISH);
    assert_false(blox_mqtt_next(&play.session, &event));
    assert_int_equal(blox_mqtt_feed(&play.session, packet + 6, 2), 2);
    assert_true(blox_mqtt_next(&play.session, &event));
    assert_ptr_equal(event.payload.data, packet + 6);
}

static void the_largest_packet_streams_through(void **state) {
    (void)state;
    struct play play;
    play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
    play_connect(&play, 60, true);
    play_hex(&play, "32 ff ff ff 7f 00 01 74 00 01 00");
    play_logged(&play, "publish t size 268435449 id 1\n");
    static uint8_t chunk[1 << 20];
    size_t left = 268435449;
    while (left > 0) {
        struct mqtt_event event;
        size_t size = left < sizeof chunk ? left : sizeof chunk;
        assert_int_equal(blox_mqtt_feed(&play.session, chunk, size), size);
        assert_true(blox_mqtt_next(&play.session, &event));
        assert_int_equal(event.type, MQTT_EVENT_PAYLOAD);
        assert_int_equal(event.payload.size, size);
        left -= size;
    }
    play_take(&play);
    play_logged(&play, "end\n");
    play_sends(&play, "40 02 00 01");
}

// A PUBLISH with a topic of 100 bytes, or properties of 100 bytes, met by an
// rx of 64; behind it a PINGRESP.
static size_t long_header(uint8_t *bytes, unsigned qos, bool long_topic) {
    size_t topic = long_topic ? 100 : 1;
    size_t properties = long_topic ? 0 : 100;
    size_t size = 0;
    bytes[size++] = (uint8_t)(0x30 | qos << 1);
    bytes[size++] =
        (uint8_t)(2 + topic + (qos > 0 ? 2 : 0) + 1 + properties + 3);
    bytes[size++] = 0;
    bytes[size++] = (uint8_t)topic;
    memset(bytes + size, 't', topic);
    size += topic;
    if (qos > 0) {
        bytes[size++] = 0x12;
        bytes[size++] = 0x34;
    }
    bytes[size++] = (uint8_t)properties;
    memset(bytes + size, 0x26, properties);
    size += properties;
    memcpy(bytes + size, "abc\xd0", 5);
    return size + 5;
}

static void a_header_that_does_not_fit_is_skipped_and_refused(void **state) {
    (void)state;
    for (int i = 0; i < 4; ++i) {
        unsigned qos = i & 1;
        uint8_t bytes[256];
        size_t size = long_header(bytes, qos, i < 2);
        for (size_t piece = 1; piece <= size; ++piece) {
            struct play play;
            play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
            play_connect(&play, 60, true);
            play_feed(&play, bytes, size, piece);
            play_logged(&play, "skipped\npingresp\n");
            play_sends(&play, qos == 0 ? "" : "40 03 12 34 97");
        }
    }
}

// rx is full with the first of two bytes of the property length.
static void a_property_length_that_does_not_fit_is_skipped(void **state) {
    (void)state;
    for (unsigned qos = 0; qos < 2; ++qos) {
        uint8_t bytes[256] = {(uint8_t)(0x30 | qos << 1), 0, 1, 0};
        size_t topic = BLOX_MQTT_RX_MIN - 3 - 2 * qos;
        size_t size = 5;
        bytes[1] = (uint8_t)(0x80 | ((2 + topic + 2 * qos + 2 + 128) & 0x7f));
        bytes[4] = (uint8_t)topic;
        memset(bytes + size, 't', topic);
        size += topic;
        if (qos > 0) {
            bytes[size++] = 0x12;
            bytes[size++] = 0x34;
        }
        bytes[size++] = 0x80;
        bytes[size++] = 0x01;
        size += 128;
        bytes[size++] = 0xd0;
        bytes[size++] = 0x00;
        for (size_t piece = 1; piece <= size; ++piece) {
            struct play play;
            play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
            play_connect(&play, 60, true);
            play_feed(&play, bytes, size, piece);
            play_logged(&play, "skipped\npingresp\n");
            play_sends(&play, qos == 0 ? "" : "40 03 12 34 97");
        }
    }
}

static void an_answer_that_does_not_fit_ends_the_session(void **state) {
    (void)state;
    struct play play;
    play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
    play_connect(&play, 60, true);
    play_hex(&play, "90 41");
    play_logged(&play, "error 95 limit\n");
    play_sends(&play, "e0 01 95");
    assert_false(blox_mqtt_connected(&play.session));
    play_hex(&play, "00 01 02");
    play_logged(&play, "");
}

struct refusal {
    const char *hex;
    const char *code; // two hex digits
};

static void broken_packets_are_refused_with_the_right_reason(void **state) {
    (void)state;
    const struct refusal cases[] = {
        // Fixed header: Remaining Length of five bytes, or not the shortest.
        {"30 ff ff ff ff", "81"},
        {"30 80 00", "81"},
        {"d0 80 80 00", "81"},
        // Flags that must be zero.
        {"d1", "81"},
        {"41", "81"},
        {"92", "81"},
        {"e8", "81"},
        {"b1", "81"},
        // QoS 3; DUP at QoS 0; QoS 2 never asked for.
        {"36", "81"},
        {"38", "81"},
        {"34 06 00 01 74 00 01 00", "82"},
        // Types a client never gets, and AUTH without having asked for it.
        {"00", "82"},
        {"10", "82"},
        {"50", "82"},
        {"62", "82"},
        {"70", "82"},
        {"82", "82"},
        {"a2", "82"},
        {"c0", "82"},
        {"f0", "82"},
        {"20", "82"},
        // PUBLISH: too short for its topic, identifier, properties.
        {"30 00", "81"},
        {"30 01", "81"},
        {"30 03 00 05", "81"},
        {"30 03 00 01", "81"},
        {"32 04 00 01", "81"},
        {"30 05 00 01 74 05", "81"},
        {"30 04 00 01 74 80", "81"},
        {"30 08 00 01 74 80 80 80 80", "81"},
        {"30 06 00 01 74 80 00", "81"},
        // Identifier 0; topic empty, with wildcard, with NUL, not UTF-8.
        {"32 06 00 01 74 00 00 00", "82"},
        {"30 03 00 00 00", "82"},
        {"30 04 00 01 2b 00", "81"},
        {"30 04 00 01 23 00", "81"},
        {"30 04 00 01 00 00", "81"},
        {"30 04 00 01 ff 00", "81"},
        {"30 06 00 03 ed a0 80 00", "81"},
        // Properties: alias, unknown, not for PUBLISH, twice, cut, out of
        // range.
        {"30 07 00 01 74 03 23 00 01", "94"},
        {"30 06 00 00 03 23 00 01", "94"},
        {"30 07 00 01 74 03 23 00 00", "94"},
        {"30 06 00 01 74 02 7f 00", "81"},
        {"30 07 00 01 74 03 21 00 01", "81"},
        {"30 08 00 01 74 04 01 00 01 00", "82"},
        {"30 06 00 01 74 02 02 00", "81"},
        {"30 06 00 01 74 02 01 02", "82"},
        {"30 06 00 01 74 02 0b 00", "82"},
        // PINGRESP with a body.
        {"d0 01 00", "81"},
        // PUBACK, SUBACK, UNSUBACK: short, identifier 0, no codes, trailing.
        {"40 00", "81"},
        {"40 01 00", "81"},
        {"40 02 00 00", "82"},
        {"40 05 00 01 00 00 00", "81"},
        {"40 04 00 01 00 01", "81"},
        {"90 02 00 01", "81"},
        {"90 03 00 01 00", "81"},
        {"90 04 00 00 00 00", "82"},
        {"b0 03 00 01 00", "81"},
        {"b0 04 00 00 00 00", "82"},
        {"90 06 00 01 02 01 00 00", "81"},
        // DISCONNECT: cut properties, not its own, Session Expiry Interval.
        {"e0 02 8b 01", "81"},
        {"e0 04 8b 02 01 00", "81"},
        {"e0 07 8b 05 11 00 00 00 01", "82"},
        {"e0 07 8b 05 11 00 00 00 00", "82"},
        {"e0 03 8b 00 00", "81"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        uint8_t bytes[64];
        size_t size = play_bytes(cases[i].hex, bytes, sizeof bytes);
        for (size_t piece = 1; piece <= size; ++piece) {
            struct play play;
            play_init(&play);
            play_connect(&play, 60, true);
            play_feed(&play, bytes, size, piece);
            char want[16];
            snprintf(want, sizeof want, "error %s\n", cases[i].code);
            if (strstr(play.log_data, want) == NULL) {
                print_error("%s: %s instead of %s\n", cases[i].hex,
                            play.log_data, want);
                fail();
            }
            snprintf(want, sizeof want, "e0 01 %s", cases[i].code);
            play_sends(&play, want);
        }
    }
}

static void nothing_but_connack_comes_first(void **state) {
    (void)state;
    const char *const packets[] = {"30", "d0", "90", "e0", "40", "f0"};
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; ++i) {
        struct play play;
        play_init(&play);
        struct mqtt_connect connect = {.clean_start = true};
        assert_int_equal(blox_mqtt_connect(&play.session, &connect), BLOX_OK);
        play_sends(&play, "10 0d 00 04 4d 51 54 54 05 02 00 00 00 00 00");
        play_hex(&play, packets[i]);
        play_logged(&play, "error 82\n");
    }
}

// Any bytes at all: never a crash, never a loop, always an end.
static void noise_never_hurts(void **state) {
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 20000; ++round) {
        struct play play;
        play_init_small(&play, BLOX_MQTT_RX_MIN, BLOX_MQTT_TX_MIN);
        play_connect(&play, 60, true);
        uint8_t bytes[48];
        for (size_t i = 0; i < sizeof bytes; ++i) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (uint8_t)(seed >> 24);
        }
        const uint8_t types[] = {0x30, 0x32, 0x40, 0x90,
                                 0xb0, 0xe0, 0x31, 0x3b};
        bytes[0] = types[round % 8];
        bytes[1] = bytes[1] & 0x3f;
        bytes[2] = 0;
        for (size_t at = 0; at < sizeof bytes;) {
            at += blox_mqtt_feed(&play.session, bytes + at, sizeof bytes - at);
            play_take(&play);
            blox_mqtt_sent(&play.session, blox_mqtt_output(&play.session).size);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_whole_however_they_are_cut),
        cmocka_unit_test(payload_points_into_the_input),
        cmocka_unit_test(the_largest_packet_streams_through),
        cmocka_unit_test(a_header_that_does_not_fit_is_skipped_and_refused),
        cmocka_unit_test(a_property_length_that_does_not_fit_is_skipped),
        cmocka_unit_test(an_answer_that_does_not_fit_ends_the_session),
        cmocka_unit_test(broken_packets_are_refused_with_the_right_reason),
        cmocka_unit_test(nothing_but_connack_comes_first),
        cmocka_unit_test(noise_never_hurts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
