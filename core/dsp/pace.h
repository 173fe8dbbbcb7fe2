// SPDX-License-Identifier: MIT
// Counts the ticks of a periodic timer that never arrived.
//
// A tick may come late: ticks wait in a queue while something else runs and
// then come in a row, and none is lost. One is lost when a whole run of
// BLOX_PACE_RUN ticks is late by a period or more: then the queue has drained
// meanwhile, and what is missing will not come. A timer that is faster than
// its nominal rate (periods are cut to whole clocks) is followed.
#ifndef CORE_DSP_PACE_H
#define CORE_DSP_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BLOX_PACE_RUN = 16,                   // longer than any queue of ticks
    BLOX_PACE_RATE_MAX = 100000,          // ticks a second
    BLOX_PACE_CLOCK_MASK = (1 << 30) - 1, // a clock of microseconds may wrap
                                          // at this many bits or at more
};

struct blox_pace {
    uint32_t lost; // ticks that never came

    // Private.
    uint32_t rate;
    uint32_t due;       // microseconds; when the next tick is due
    uint32_t remainder; // and this many 1 / rate of one
    uint32_t least;     // lateness of the least late tick of this run
    uint8_t run;
    bool begun;
};

// rate in ticks a second, 1 to BLOX_PACE_RATE_MAX. Time begins with the first
// tick.
void blox_pace_init(struct blox_pace *pace, uint32_t rate);

// A tick came at now, microseconds of a clock that wraps (see
// BLOX_PACE_CLOCK_MASK).
void blox_pace_tick(struct blox_pace *pace, uint32_t now);

#endif
