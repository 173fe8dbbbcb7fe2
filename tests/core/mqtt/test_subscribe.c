// SPDX-License-Identifier: MIT
#include "core/mqtt/codec.h"

#include "tests/core/mqtt/play.h"
#include "tests/core/test.h"

static void subscribe_and_unsubscribe_are_byte_exact(void **state) {
    (void)state;
    struct play play;
    play_init(&play);
    play_attach(&play);
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
    assert_int_equal(blox_mqtt_unsubscribe(&play.session, blox_span(NULL, 0),
                                           subscriptions, 2),
                     3);
    play_sends(&play, "a2 0b 00 03 00 00 03 61 2f 23 00 01 62");
    play_hex(&play, "90 05 00 01 00 01 87"
                    "90 08 00 02 04 1f 00 01 78 00"
                    "b0 05 00 03 00 00 11");
    play_logged(&play, "suback 1 01 87\nsuback 2 00 x\nunsuback 3 00 11\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subscribe_and_unsubscribe_are_byte_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
