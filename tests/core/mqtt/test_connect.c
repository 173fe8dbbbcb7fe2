// SPDX-License-Identifier: MIT
#include "core/mqtt/codec.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static void sends(const struct mqtt_connect *connect, const char *hex) {
    struct play play;
    play_init(&play);
    if (connect->will != NULL && connect->will->properties.size > 0) {
        play_attach(&play);
    }
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
    sends(&connect, "10 24 00 04 4d 51 54 54 05 ae 00 00 06 21 00 03 22 00 05 "
                    "00 00 05 18 00 00 00 0a 00 01 73 "
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
    play_attach(&play);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_is_byte_exact),
        cmocka_unit_test(user_name_and_password_stand_alone_or_together),
        cmocka_unit_test(a_will_comes_before_the_user_name),
        cmocka_unit_test(what_the_standard_forbids_is_not_sent),
        cmocka_unit_test(a_connect_larger_than_tx_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
