// SPDX-License-Identifier: MIT
#include "core/mqtt/unread.h"

#include "tests/core/test.h"

static void of_a_digest_topic_payloads_are_hashed(void **state) {
    (void)state;
    assert_int_equal(blox_mqtt_unread(false, 1, false), MQTT_UNREAD_PAYLOAD);
    assert_int_equal(blox_mqtt_unread(false, UINT32_MAX, true),
                     MQTT_UNREAD_PAYLOAD);
}

static void
an_empty_message_on_a_digest_topic_takes_the_last_away(void **state) {
    (void)state;
    assert_int_equal(blox_mqtt_unread(false, 0, false), MQTT_UNREAD_GONE);
    assert_int_equal(blox_mqtt_unread(false, 0, true), MQTT_UNREAD_GONE);
}

static void of_a_file_topic_payloads_are_kept(void **state) {
    (void)state;
    assert_int_equal(blox_mqtt_unread(true, 1, false), MQTT_UNREAD_PAYLOAD);
    assert_int_equal(blox_mqtt_unread(true, UINT32_MAX, false),
                     MQTT_UNREAD_PAYLOAD);
}

static void what_is_retained_on_a_file_topic_comes_again(void **state) {
    (void)state;
    assert_int_equal(blox_mqtt_unread(true, 5, true), MQTT_UNREAD_RETAINED);
    assert_int_equal(blox_mqtt_unread(true, 0, true), MQTT_UNREAD_RETAINED);
}

static void an_empty_message_on_a_file_topic_says_nothing(void **state) {
    (void)state;
    assert_int_equal(blox_mqtt_unread(true, 0, false), MQTT_UNREAD_NOTHING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_digest_topic_payloads_are_hashed),
        cmocka_unit_test(
            an_empty_message_on_a_digest_topic_takes_the_last_away),
        cmocka_unit_test(of_a_file_topic_payloads_are_kept),
        cmocka_unit_test(what_is_retained_on_a_file_topic_comes_again),
        cmocka_unit_test(an_empty_message_on_a_file_topic_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
