// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <pthread.h>

#include "core/base/ring.h"

static void it_holds_one_less_than_its_length_in_order(void **state) {
    (void)state;
    for (uint32_t length = 2; length < 20; ++length) {
        uint8_t data[40];
        struct blox_ring ring;
        blox_ring_init(&ring, data, 2, length);
        for (uint32_t turn = 0; turn < 3 * length; ++turn) {
            assert_true(blox_ring_is_empty(&ring));
            for (uint32_t i = 0; i + 1 < length; ++i) {
                assert_int_equal(blox_ring_count(&ring), i);
                blox_ring_write(&ring)[1] = (uint8_t)(turn + i);
                blox_ring_written(&ring);
            }
            assert_true(blox_ring_is_full(&ring));
            for (uint32_t i = 0; i + 1 < length; ++i) {
                assert_int_equal(blox_ring_read(&ring)[1], (uint8_t)(turn + i));
                blox_ring_done(&ring);
            }
            assert_null(blox_ring_read(&ring));
            blox_ring_write(&ring); // not written: nothing happened
        }
        assert_int_equal(ring.overruns, 0);
    }
}

static void a_full_ring_counts_what_it_loses(void **state) {
    (void)state;
    uint8_t data[3] = {0};
    struct blox_ring ring;
    blox_ring_init(&ring, data, 1, 3);
    for (int i = 0; i < 5; ++i) {
        uint8_t *slot = blox_ring_write(&ring);
        assert_int_equal(slot != NULL, i < 2);
        if (slot != NULL) {
            *slot = (uint8_t)i;
            blox_ring_written(&ring);
        }
    }
    assert_int_equal(ring.overruns, 3);
    assert_int_equal(*blox_ring_read(&ring), 0);
    blox_ring_done(&ring);
    assert_int_equal(*blox_ring_read(&ring), 1);
}

enum { PASSED = 200000 };

static void *produce(void *argument) {
    struct blox_ring *ring = argument;
    for (uint32_t i = 0; i < PASSED;) {
        uint32_t *slot = (uint32_t *)(void *)blox_ring_write(ring);
        if (slot != NULL) {
            *slot = i++;
            blox_ring_written(ring);
        }
    }
    return NULL;
}

// As on two cores.
static void a_producer_and_a_consumer_run_at_once(void **state) {
    (void)state;
    uint32_t data[16];
    struct blox_ring ring;
    pthread_t thread;
    blox_ring_init(&ring, (uint8_t *)data, sizeof data[0], 16);
    assert_int_equal(pthread_create(&thread, NULL, produce, &ring), 0);
    for (uint32_t i = 0; i < PASSED;) {
        const uint8_t *slot = blox_ring_read(&ring);
        if (slot != NULL) {
            assert_memory_equal(slot, &i, sizeof i);
            blox_ring_done(&ring);
            ++i;
        }
    }
    pthread_join(thread, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_one_less_than_its_length_in_order),
        cmocka_unit_test(a_full_ring_counts_what_it_loses),
        cmocka_unit_test(a_producer_and_a_consumer_run_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
