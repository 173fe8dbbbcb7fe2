// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include "core/dsp/pace.h"

// Ticks that come one period after the other, but for those of a gap.
struct line {
    struct blox_pace pace;
    uint64_t index;
    uint32_t rate;
    uint32_t start;
};

static void begin(struct line *line, uint32_t rate, uint32_t start) {
    *line = (struct line){.rate = rate, .start = start};
    blox_pace_init(&line->pace, rate);
}

static uint32_t when(const struct line *line) {
    return line->start + (uint32_t)(line->index * 1000000 / line->rate);
}

static void ticks(struct line *line, int count, uint32_t late) {
    for (int i = 0; i < count; ++i) {
        uint32_t now = when(line) + late;
        blox_pace_tick(&line->pace, now & BLOX_PACE_CLOCK_MASK);
        ++line->index;
    }
}

static const uint32_t rates[] = {1, 7, 100, 999, 8000, 10000, 44100, 65536};

static void ticks_in_time_lose_nothing_even_when_the_clock_wraps(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; ++i) {
        struct line line;
        begin(&line, rates[i], BLOX_PACE_CLOCK_MASK - 20000000);
        ticks(&line, 100000, 0);
        assert_int_equal(line.pace.lost, 0);
    }
}

// As from a queue of eight, behind something that takes long.
static void ticks_that_wait_are_not_lost(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; ++i) {
        struct line line;
        begin(&line, rates[i], 0);
        uint32_t period = 1000000 / rates[i];
        for (int turn = 0; turn < 200; ++turn) {
            ticks(&line, 20, 0);
            for (uint32_t left = 8; left > 0; --left) {
                ticks(&line, 1, left * period);
            }
        }
        assert_int_equal(line.pace.lost, 0);
    }
}

static void ticks_that_never_come_are_counted(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; ++i) {
        for (uint32_t gap = 1; gap < 40; gap += 3) {
            struct line line;
            begin(&line, rates[i], 12345);
            ticks(&line, 50, 0);
            line.index += gap;
            ticks(&line, 2 * BLOX_PACE_RUN, 0);
            assert_int_equal(line.pace.lost, gap);
            ticks(&line, 1000, 0); // and not again
            assert_int_equal(line.pace.lost, gap);
        }
    }
}

// A period cut to whole clocks of 10 MHz, as an ESP32 does: 0.3 % too fast.
static void a_timer_that_is_a_little_fast_is_followed(void **state) {
    (void)state;
    struct blox_pace pace;
    blox_pace_init(&pace, 44100);
    for (uint64_t i = 0; i < 1000000; ++i) {
        blox_pace_tick(&pace, (uint32_t)(i * 226 / 10) & BLOX_PACE_CLOCK_MASK);
    }
    assert_int_equal(pace.lost, 0);
}

static void a_long_pause_is_counted_without_overflow(void **state) {
    (void)state;
    struct line line;
    begin(&line, 100000, 0);
    ticks(&line, 32, 0);
    line.index += 50000000; // 500 s
    ticks(&line, 64, 0);
    assert_int_equal(line.pace.lost, 50000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_in_time_lose_nothing_even_when_the_clock_wraps),
        cmocka_unit_test(ticks_that_wait_are_not_lost),
        cmocka_unit_test(ticks_that_never_come_are_counted),
        cmocka_unit_test(a_timer_that_is_a_little_fast_is_followed),
        cmocka_unit_test(a_long_pause_is_counted_without_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
