// SPDX-License-Identifier: MIT
#include "core/mqtt/queue.h"

#include "tests/core/test.h"

enum { ROOM = 4, MANY = 64 };

static int messages[MANY];

static struct mqtt_queue make(enum mqtt_queue_policy policy,
                              struct mqtt_queued *entries) {
    static const uint32_t BYTES = 100;
    struct mqtt_queue queue;
    struct mqtt_queue_limits limits = {ROOM, BYTES, policy};
    blox_mqtt_queue_init(&queue, &limits, entries, MANY);
    return queue;
}

static int add(struct mqtt_queue *queue, int number, uint8_t qos,
               uint32_t size) {
    return blox_mqtt_queue_add(queue, &messages[number], qos, size);
}

static int next(const struct mqtt_queue *queue) {
    int *message = blox_mqtt_queue_next(queue);
    return message == NULL ? -1 : (int)(message - messages);
}

static int number(void *message) {
    return message == NULL ? -1 : (int)((int *)message - messages);
}

static void goes_out_in_order_and_stays_until_it_is_done(void **state) {
    (void)state;
    struct mqtt_queued entries[MANY];
    struct mqtt_queue queue = make(BLOX_MQTT_QUEUE_REFUSE, entries);
    assert_int_equal(add(&queue, 0, 1, 10), BLOX_OK);
    assert_int_equal(add(&queue, 1, 0, 20), BLOX_OK);
    assert_int_equal(add(&queue, 2, 2, 30), BLOX_OK);
    assert_int_equal(next(&queue), 0);
    blox_mqtt_queue_sent(&queue, 7);
    assert_int_equal(next(&queue), 1);
    blox_mqtt_queue_sent(&queue, 0);
    assert_int_equal(next(&queue), 2);
    blox_mqtt_queue_sent(&queue, 8);
    assert_int_equal(next(&queue), -1);
    assert_int_equal(queue.count, 2);
    assert_int_equal(queue.bytes, 40);
    assert_int_equal(number(blox_mqtt_queue_find(&queue, 8)), 2);
    assert_null(blox_mqtt_queue_find(&queue, 9));
    assert_int_equal(number(blox_mqtt_queue_done(&queue, 8)), 2);
    assert_null(blox_mqtt_queue_done(&queue, 8));
    assert_int_equal(number(blox_mqtt_queue_done(&queue, 7)), 0);
    assert_int_equal(queue.count, 0);
    assert_int_equal(queue.bytes, 0);
}

static void a_new_session_sends_all_again(void **state) {
    (void)state;
    struct mqtt_queued entries[MANY];
    struct mqtt_queue queue = make(BLOX_MQTT_QUEUE_REFUSE, entries);
    add(&queue, 0, 1, 1);
    add(&queue, 1, 1, 1);
    blox_mqtt_queue_sent(&queue, 3);
    blox_mqtt_queue_restart(&queue);
    assert_int_equal(next(&queue), 0);
    assert_null(blox_mqtt_queue_find(&queue, 3));
}

static void refuses_what_does_not_fit(void **state) {
    (void)state;
    struct mqtt_queued entries[MANY];
    struct mqtt_queue queue = make(BLOX_MQTT_QUEUE_REFUSE, entries);
    assert_int_equal(add(&queue, 0, 0, 101), BLOX_ERROR_LIMIT);
    assert_int_equal(add(&queue, 0, 0, 100), BLOX_OK);
    assert_int_equal(add(&queue, 1, 0, 1), BLOX_ERROR_LIMIT);
    assert_int_equal(add(&queue, 1, 0, UINT32_MAX), BLOX_ERROR_LIMIT);
    for (int i = 1; i < ROOM; ++i) {
        assert_int_equal(add(&queue, i, 0, 0), BLOX_OK);
    }
    assert_int_equal(add(&queue, ROOM, 0, 0), BLOX_ERROR_LIMIT);
    assert_int_equal(queue.refused, 4);
    assert_int_equal(queue.dropped, 0);
}

static void the_oldest_at_qos_0_makes_room(void **state) {
    (void)state;
    struct mqtt_queued entries[MANY];
    struct mqtt_queue queue = make(BLOX_MQTT_QUEUE_DROP, entries);
    add(&queue, 0, 1, 20);
    add(&queue, 1, 0, 30);
    add(&queue, 2, 0, 30);
    add(&queue, 3, 2, 20);
    assert_int_equal(add(&queue, 4, 1, 10), BLOX_OK);
    assert_int_equal(queue.dropped, 1);
    assert_int_equal(number(blox_mqtt_queue_take(&queue)), 0);
    assert_int_equal(number(blox_mqtt_queue_take(&queue)), 2);
    assert_int_equal(number(blox_mqtt_queue_take(&queue)), 3);
    assert_int_equal(number(blox_mqtt_queue_take(&queue)), 4);
    assert_null(blox_mqtt_queue_take(&queue));
}

static void what_is_promised_is_never_dropped(void **state) {
    (void)state;
    struct mqtt_queued entries[MANY];
    struct mqtt_queue queue = make(BLOX_MQTT_QUEUE_DROP, entries);
    add(&queue, 0, 0, 30);
    add(&queue, 1, 1, 60);
    assert_int_equal(add(&queue, 2, 0, 41), BLOX_ERROR_LIMIT);
    assert_int_equal(queue.count, 2); // dropping 0 would not have helped
    assert_int_equal(add(&queue, 2, 0, 40), BLOX_OK);
    assert_int_equal(next(&queue), 1);
    assert_int_equal(queue.dropped, 1);
    assert_int_equal(queue.refused, 1);
}

static void asks_for_memory_only_when_the_limits_allow_more(void **state) {
    (void)state;
    struct mqtt_queued small[1], large[ROOM];
    struct mqtt_queue queue;
    struct mqtt_queue_limits limits = {2, 100, BLOX_MQTT_QUEUE_REFUSE};
    blox_mqtt_queue_init(&queue, &limits, NULL, 0);
    assert_int_equal(add(&queue, 0, 0, 1), BLOX_ERROR_BUFFER);
    blox_mqtt_queue_grow(&queue, small, 1);
    assert_int_equal(add(&queue, 0, 0, 1), BLOX_OK);
    assert_int_equal(add(&queue, 1, 0, 1), BLOX_ERROR_BUFFER);
    blox_mqtt_queue_grow(&queue, large, ROOM);
    assert_int_equal(add(&queue, 1, 0, 1), BLOX_OK);
    assert_int_equal(add(&queue, 2, 0, 1), BLOX_ERROR_LIMIT);
    assert_int_equal(next(&queue), 0);
}

static void the_limits_can_be_passed_over(void **state) {
    (void)state;
    struct mqtt_queued entries[1];
    struct mqtt_queue queue;
    struct mqtt_queue_limits limits = {1, 10, BLOX_MQTT_QUEUE_DROP};
    blox_mqtt_queue_init(&queue, &limits, entries, 1);
    assert_true(blox_mqtt_queue_fits(&queue, 10));
    assert_false(blox_mqtt_queue_fits(&queue, 11));
    assert_int_equal(blox_mqtt_queue_push(&queue, &messages[0], 0, 11),
                     BLOX_OK);
    assert_false(blox_mqtt_queue_fits(&queue, 0));
    assert_int_equal(blox_mqtt_queue_push(&queue, &messages[1], 0, 1),
                     BLOX_ERROR_BUFFER);
    assert_int_equal(add(&queue, 1, 0, 1), BLOX_OK); // 0 went for it
    assert_int_equal(queue.bytes, 1);
}

static void one_that_cannot_be_sent_goes(void **state) {
    (void)state;
    struct mqtt_queued entries[MANY];
    struct mqtt_queue queue = make(BLOX_MQTT_QUEUE_REFUSE, entries);
    add(&queue, 0, 1, 1);
    add(&queue, 1, 1, 1);
    add(&queue, 2, 1, 1);
    blox_mqtt_queue_sent(&queue, 1);
    blox_mqtt_queue_fail(&queue);
    assert_int_equal(next(&queue), 2);
    assert_int_equal(number(blox_mqtt_queue_find(&queue, 1)), 0);
}

// A plain model: what is accepted comes out once, in order, but for QoS 0.
static void agrees_with_a_plain_model(void **state) {
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 2000; ++round) {
        struct mqtt_queued entries[MANY];
        struct mqtt_queue queue = make(round % 2, entries);
        bool promised[MANY] = {false};
        int last = -1;
        for (int i = 0; i < MANY; ++i) {
            seed = seed * 1664525u + 1013904223u;
            uint8_t qos = (uint8_t)(seed >> 16 & 1);
            if (add(&queue, i, qos, seed >> 20 & 63) == BLOX_OK) {
                promised[i] = qos > 0;
            }
            assert_true(queue.count <= ROOM && queue.bytes <= 100);
            if ((seed >> 28 & 3) == 0) {
                int taken = number(blox_mqtt_queue_take(&queue));
                assert_true(taken == -1 || taken > last);
                last = taken > last ? taken : last;
                if (taken >= 0) {
                    promised[taken] = false;
                }
            }
        }
        for (int taken; (taken = number(blox_mqtt_queue_take(&queue))) >= 0;) {
            assert_true(taken > last);
            last = taken;
            promised[taken] = false;
        }
        for (int i = 0; i < MANY; ++i) {
            assert_false(promised[i]);
        }
        assert_int_equal(queue.bytes, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_out_in_order_and_stays_until_it_is_done),
        cmocka_unit_test(a_new_session_sends_all_again),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(the_oldest_at_qos_0_makes_room),
        cmocka_unit_test(what_is_promised_is_never_dropped),
        cmocka_unit_test(asks_for_memory_only_when_the_limits_allow_more),
        cmocka_unit_test(the_limits_can_be_passed_over),
        cmocka_unit_test(one_that_cannot_be_sent_goes),
        cmocka_unit_test(agrees_with_a_plain_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
