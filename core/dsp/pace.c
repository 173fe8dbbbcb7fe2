// SPDX-License-Identifier: MIT
#include "core/dsp/pace.h"

enum { SECOND = 1000000 };

void blox_pace_init(struct blox_pace *pace, uint32_t rate) {
    *pace = (struct blox_pace){.rate = rate, .least = BLOX_PACE_CLOCK_MASK};
}

static void advance(struct blox_pace *pace) {
    pace->due += SECOND / pace->rate;
    pace->remainder += SECOND % pace->rate;
    if (pace->remainder >= pace->rate) {
        pace->remainder -= pace->rate;
        ++pace->due;
    }
}

static void begin_run(struct blox_pace *pace) {
    pace->run = 0;
    pace->least = BLOX_PACE_CLOCK_MASK;
}

// Ticks in so many microseconds, cut; no product leaves 32 bits.
static uint32_t ticks_in(uint32_t micros, uint32_t rate) {
    uint32_t millis = micros / 1000;
    uint32_t parts = millis % 1000 * rate;
    uint32_t rest = parts % 1000 * 1000 + micros % 1000 * rate;
    return millis / 1000 * rate + parts / 1000 + rest / SECOND;
}

// The least late tick was on time: it only was counted too low. Microseconds
// are cut, so a period may look one shorter.
static void count_lost(struct blox_pace *pace) {
    uint32_t lost = ticks_in(pace->least + 1, pace->rate);
    if (lost > 0) {
        pace->lost += lost;
        pace->due += pace->least;
    }
}

void blox_pace_tick(struct blox_pace *pace, uint32_t now) {
    uint32_t late = (now - pace->due) & BLOX_PACE_CLOCK_MASK;
    bool early = late > BLOX_PACE_CLOCK_MASK / 2;
    if (!pace->begun || early) {
        pace->begun = true;
        pace->due = now;
        late = 0;
    }
    advance(pace);
    pace->least = late < pace->least ? late : pace->least;
    if (++pace->run >= BLOX_PACE_RUN) {
        count_lost(pace);
        begin_run(pace);
    }
}
