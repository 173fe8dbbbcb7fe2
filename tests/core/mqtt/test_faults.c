// SPDX-License-Identifier: MIT
// A session, its queue and its link against a broker, over a line that fails
// at every byte of what is said in either direction, in every way there is.
// Nothing is lost; nothing at QoS 2 arrives twice; what has one QoS arrives in
// its order.
//
// BLOX_FAULT_STEP=1 tries every position (make long); otherwise every 5th. A
// failure prints the fault.
#include <stdio.h>
#include <stdlib.h>

#include "tests/core/mqtt/fault_world.h"
#include "tests/core/mqtt/model_broker.h"
#include "tests/core/test.h"

static struct model_broker *broker_of(const struct fault_world *world) {
    return world->data;
}

static void open_broker(struct fault_world *world) {
    model_broker_open(broker_of(world));
}

static void close_broker(struct fault_world *world) {
    model_broker_close(broker_of(world));
}

static void run_broker(struct fault_world *world) {
    struct model_broker *broker = broker_of(world);
    size_t size = fault_line_available(world, FAULT_TO_BROKER);
    model_broker_feed(broker, world->line.bytes[FAULT_TO_BROKER], size);
    fault_line_taken(world, FAULT_TO_BROKER, size);
    fault_line_put(world, FAULT_TO_CLIENT, broker->output, broker->output_size);
    broker->output_size = 0;
    assert_false(broker->broken);
}

static bool is_broker_done(const struct fault_world *world) {
    const struct model_broker *broker = broker_of(world);
    return model_broker_done(broker) && broker->subscribed;
}

static const struct fault_peer model = {open_broker, close_broker, run_broker,
                                        is_broker_done};

// The faults that are being played, for a failure's report.
static struct fault playing[FAULTS];
static int playing_count;

static int report(void **state) {
    (void)state;
    fault_print(playing, playing_count);
    return 0;
}

// Returns how many of the faults happened.
static int play(const struct fault *faults, int count) {
    static struct fault_world world;
    static struct model_broker broker;
    memset(&broker, 0, sizeof broker);
    world.peer = &model;
    world.data = &broker;
    world.name = "c";
    world.topic = "up";
    world.filter = "d";
    memcpy(playing, faults, (size_t)count * sizeof *faults);
    playing_count = count;
    fault_world_init(&world, faults, count);
    for (uint8_t i = 0; i < FAULT_DOWN; ++i) {
        model_broker_add(&broker, i, (uint8_t)(1 + i % 2));
    }
    fault_world_play(&world);
    fault_check_arrived(broker.received, broker.received_qos,
                        broker.received_count, FAULT_UP);
    fault_check_arrived(world.client.received, world.client.received_qos,
                        world.client.received_count, FAULT_DOWN);
    if (count == 0) {
        assert_int_equal(broker.received_count, FAULT_UP);
        assert_int_equal(world.client.received_count, FAULT_DOWN);
    }
    playing_count = 0;
    return world.fault;
}

static uint32_t fault_step(void) {
    const char *text = getenv("BLOX_FAULT_STEP");
    return text != NULL ? (uint32_t)atoi(text) : 5;
}

static void nothing_fails(void **state) {
    (void)state;
    struct fault none = {FAULT_CUT, FAULT_TO_BROKER, 0};
    play(&none, 0);
}

// Prints the number of positions, both directions.
static void one_fault(void **state) {
    (void)state;
    uint32_t played = 0;
    for (int kind = 0; kind < FAULT_KINDS; ++kind) {
        for (int direction = 0; direction < 2; ++direction) {
            bool happened = true;
            for (uint32_t at = 0; happened; ++at) {
                struct fault fault = {(enum fault_kind)kind,
                                      (enum fault_direction)direction, at};
                happened = play(&fault, 1) == 1;
                played += happened;
            }
        }
    }
    printf("faults: %u positions x kinds\n", played);
    assert_true(played > 1400);
}

// A second fault while the first is being recovered from.
static void two_faults(void **state) {
    (void)state;
    uint32_t played = 0;
    uint32_t pace = fault_step();
    for (uint32_t at = 0; at < 240; at += pace) {
        for (uint32_t after = 0; after < 200; after += pace) {
            for (unsigned kinds = 0; kinds < 16; ++kinds) {
                struct fault faults[2] = {
                    {kinds & 1 ? FAULT_CUT : FAULT_BLACKHOLE,
                     kinds & 2 ? FAULT_TO_BROKER : FAULT_TO_CLIENT, at},
                    {kinds & 4 ? FAULT_CUT : FAULT_SPLIT,
                     kinds & 8 ? FAULT_TO_BROKER : FAULT_TO_CLIENT, after},
                };
                played += play(faults, 2) == 2;
            }
        }
    }
    printf("faults: %u pairs\n", played);
    assert_true(played > 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_fails),
        cmocka_unit_test_teardown(one_fault, report),
        cmocka_unit_test_teardown(two_faults, report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
