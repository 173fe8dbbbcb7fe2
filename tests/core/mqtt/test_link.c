// SPDX-License-Identifier: MIT
#include "core/mqtt/link.h"

#include "core/mqtt/packet.h"
#include "tests/core/test.h"

enum { MOST_RANDOM = 0xfff };

struct world {
    struct mqtt_link link;
    struct mqtt_link_advice advice;
    struct mqtt_link_news news;
    uint32_t now;
};

static struct world begin(uint8_t servers) {
    struct world world = {.now = UINT32_MAX - 5000}; // wraps soon
    blox_mqtt_link_init(&world.link, servers);
    return world;
}

static void lose(struct world *world, int cause, uint8_t reason_code) {
    struct mqtt_link_failure failure = {(enum mqtt_link_cause)cause,
                                        reason_code};
    blox_mqtt_link_failed(&world->link, &failure, world->now, MOST_RANDOM,
                          &world->advice);
}

static void join(struct world *world) {
    blox_mqtt_link_connected(&world->link, world->now, &world->news);
}

static void waits_longer_and_longer_up_to_a_bound(void **state) {
    (void)state;
    struct world world = begin(1);
    uint32_t bound = BLOX_MQTT_LINK_BASE;
    for (int i = 0; i < 20; ++i) {
        lose(&world, MQTT_LINK_NO_ANSWER, 0);
        assert_true(world.advice.wait < bound);
        assert_true(world.advice.wait >= bound - bound / 1000);
        world.now += world.advice.wait;
        bound *= bound < BLOX_MQTT_LINK_MOST ? 2 : 1;
    }
    assert_int_equal(bound, BLOX_MQTT_LINK_MOST);
    assert_int_equal(world.advice.failures, 20);
}

static void the_wait_is_anything_from_nothing_to_the_bound(void **state) {
    (void)state;
    struct mqtt_link_failure failure = {MQTT_LINK_NO_ANSWER, 0};
    uint32_t smallest = UINT32_MAX, largest = 0;
    for (uint32_t random = 0; random < 5000; ++random) {
        struct world world = begin(1);
        blox_mqtt_link_failed(&world.link, &failure, 0, random, &world.advice);
        uint32_t wait = world.advice.wait;
        smallest = wait < smallest ? wait : smallest;
        largest = wait > largest ? wait : largest;
    }
    assert_int_equal(smallest, 0);
    assert_int_equal(largest, BLOX_MQTT_LINK_BASE - 1);
}

static void a_connection_that_lasted_begins_anew(void **state) {
    (void)state;
    struct world world = begin(1);
    for (int i = 0; i < 10; ++i) {
        lose(&world, MQTT_LINK_NO_ANSWER, 0);
    }
    join(&world);
    world.now += BLOX_MQTT_LINK_STABLE;
    lose(&world, MQTT_LINK_CLOSED, 0);
    assert_true(world.advice.wait < BLOX_MQTT_LINK_BASE);
    assert_int_equal(world.advice.failures, 1);
}

static void one_that_ends_at_once_does_not(void **state) {
    (void)state;
    struct world world = begin(1);
    for (int i = 0; i < 10; ++i) {
        join(&world);
        world.now += 100;
        lose(&world, MQTT_LINK_CLOSED, 0);
        world.now += world.advice.wait;
    }
    assert_true(world.advice.wait > BLOX_MQTT_LINK_MOST / 2);
}

static void servers_are_tried_in_turn_with_a_pause_a_round(void **state) {
    (void)state;
    struct world world = begin(3);
    for (uint32_t round = 0; round < 4; ++round) {
        for (uint8_t server = 0; server < 3; ++server) {
            assert_int_equal(world.link.server, server);
            lose(&world, MQTT_LINK_NO_NAME, 0);
            bool last = server == 2;
            uint32_t bound = BLOX_MQTT_LINK_BASE << (last ? round : 0);
            assert_true(world.advice.wait < bound);
            assert_true(world.advice.wait > bound / 2);
        }
    }
    lose(&world, MQTT_LINK_NO_NAME, 0);
    join(&world);
    world.now += 1000000;
    lose(&world, MQTT_LINK_CLOSED, 0);
    assert_int_equal(world.link.server, 1); // the one that was lost
    lose(&world, MQTT_LINK_NO_ANSWER, 0);
    assert_int_equal(world.link.server, 2);
}

static void no_password_is_not_tried_every_second(void **state) {
    (void)state;
    struct world world = begin(1);
    uint32_t bound = BLOX_MQTT_LINK_SLOW;
    for (int i = 0; i < 10; ++i) {
        lose(&world, MQTT_LINK_REFUSED, MQTT_NOT_AUTHORIZED);
        assert_in_range(world.advice.wait, bound / 2, bound);
        bound *= bound < BLOX_MQTT_LINK_SLOW_MOST ? 2 : 1;
    }
    assert_int_equal(bound, BLOX_MQTT_LINK_SLOW_MOST);
}

static void another_server_may_know_the_password(void **state) {
    (void)state;
    struct world world = begin(2);
    lose(&world, MQTT_LINK_REFUSED, MQTT_NOT_AUTHORIZED);
    assert_true(world.advice.wait < BLOX_MQTT_LINK_BASE);
    assert_int_equal(world.link.server, 1);
    lose(&world, MQTT_LINK_NO_ANSWER, 0); // may be there soon
    assert_true(world.advice.wait < BLOX_MQTT_LINK_BASE);
    lose(&world, MQTT_LINK_REFUSED, MQTT_BANNED);
    lose(&world, MQTT_LINK_TLS, 0);
    assert_true(world.advice.wait >= BLOX_MQTT_LINK_SLOW / 2);
}

static void a_takeover_is_not_fought(void **state) {
    (void)state;
    struct world world = begin(2);
    for (int i = 0; i < 5; ++i) {
        join(&world);
        world.now += 2000;
        lose(&world, MQTT_LINK_ENDED, MQTT_SESSION_TAKEN_OVER);
        assert_true(world.advice.wait >= (uint32_t)BLOX_MQTT_LINK_SLOW / 2
                                             << i);
        assert_int_equal(world.link.server, 0);
        world.now += world.advice.wait;
    }
}

static void which_reasons_are_slow(void **state) {
    (void)state;
    static const uint8_t SLOW[] = {0x84, 0x85, 0x86, 0x87, 0x8a,
                                   0x8c, 0x8e, 0x97, 0x9d};
    for (int code = 0; code < 256; ++code) {
        bool slow = memchr(SLOW, code, sizeof SLOW) != NULL;
        assert_int_equal(blox_mqtt_link_is_slow((uint8_t)code), slow);
    }
}

static void no_wifi_is_no_servers_fault(void **state) {
    (void)state;
    struct world world = begin(2);
    for (int i = 0; i < 100; ++i) {
        lose(&world, MQTT_LINK_NO_NETWORK, 0);
        assert_int_equal(world.link.server, 0);
        assert_true(world.advice.wait <= BLOX_MQTT_LINK_BASE);
        assert_int_equal(world.advice.say, i == 0);
    }
}

// How often a failure that goes on for `minutes` is said.
static int said_within(uint32_t minutes) {
    struct world world = begin(1);
    int said = 0;
    uint32_t until = minutes * 60000;
    for (uint32_t passed = 0; passed < until; passed += 500) {
        lose(&world, MQTT_LINK_NO_ANSWER, 0);
        said += world.advice.say;
        world.now += 500;
    }
    return said;
}

static void an_outage_is_said_less_and_less(void **state) {
    (void)state;
    assert_int_equal(said_within(1), 1);
    assert_int_equal(said_within(2), 2);
    assert_int_equal(said_within(10), 4); // at 0, 1, 3 and 7 minutes
    assert_int_equal(said_within(24 * 60), 29);
}

static void another_failure_is_said_at_once(void **state) {
    (void)state;
    struct world world = begin(2);
    lose(&world, MQTT_LINK_NO_ANSWER, 0);
    assert_true(world.advice.say);
    lose(&world, MQTT_LINK_NO_ANSWER, 0); // of the other server
    assert_true(world.advice.say);
    lose(&world, MQTT_LINK_NO_ANSWER, 0);
    assert_false(world.advice.say);
    lose(&world, MQTT_LINK_NO_NAME, 0);
    assert_true(world.advice.say);
    lose(&world, MQTT_LINK_REFUSED, 0x87);
    assert_true(world.advice.say);
    lose(&world, MQTT_LINK_REFUSED, 0x88);
    assert_true(world.advice.say);
}

// More kinds than are remembered: the one said longest ago is forgotten.
static void remembers_what_was_said_last(void **state) {
    (void)state;
    struct world world = begin(1);
    for (uint8_t code = 0; code < BLOX_MQTT_LINK_SAYINGS + 1; ++code) {
        lose(&world, MQTT_LINK_REFUSED, code);
        assert_true(world.advice.say);
        ++world.now;
    }
    lose(&world, MQTT_LINK_REFUSED, BLOX_MQTT_LINK_SAYINGS);
    assert_false(world.advice.say);
    lose(&world, MQTT_LINK_REFUSED, 0);
    assert_true(world.advice.say);
}

static void says_how_long_it_was_away(void **state) {
    (void)state;
    struct world world = begin(1);
    join(&world);
    assert_true(world.news.say);
    assert_int_equal(world.news.down, 0);
    world.now += 70000;
    lose(&world, MQTT_LINK_SILENT, 0);
    world.now += 7000;
    join(&world);
    assert_true(world.news.say);
    assert_int_equal(world.news.down, 7000);
    world.now += 100;
    lose(&world, MQTT_LINK_SILENT, 0);
    assert_false(world.advice.say); // flapping
    join(&world);
    assert_false(world.news.say);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_longer_and_longer_up_to_a_bound),
        cmocka_unit_test(the_wait_is_anything_from_nothing_to_the_bound),
        cmocka_unit_test(a_connection_that_lasted_begins_anew),
        cmocka_unit_test(one_that_ends_at_once_does_not),
        cmocka_unit_test(servers_are_tried_in_turn_with_a_pause_a_round),
        cmocka_unit_test(no_password_is_not_tried_every_second),
        cmocka_unit_test(another_server_may_know_the_password),
        cmocka_unit_test(a_takeover_is_not_fought),
        cmocka_unit_test(which_reasons_are_slow),
        cmocka_unit_test(no_wifi_is_no_servers_fault),
        cmocka_unit_test(an_outage_is_said_less_and_less),
        cmocka_unit_test(another_failure_is_said_at_once),
        cmocka_unit_test(remembers_what_was_said_last),
        cmocka_unit_test(says_how_long_it_was_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
