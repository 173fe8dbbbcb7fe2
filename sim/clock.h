// SPDX-License-Identifier: MIT
// The time of a simulated world, in nanoseconds since it began, and what is
// to happen when. It moves only when told, so the same calls give the same
// world every time. Not thread-safe: one who shares a world locks it.
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { SIM_US = 1000, SIM_MS = 1000000 };
#define SIM_SECOND ((uint64_t)1000000000)
#define SIM_NEVER UINT64_MAX

// Something that happens at a time. Zero it, then sim_alarm_set() it. It
// belongs to the caller and stays where it is while it is set.
struct sim_alarm {
    void (*ring)(void *context);
    void *context;
    // Private.
    uint64_t due;
    uint64_t period; // 0: rings once
    bool set;
    struct sim_alarm *next;
};

struct sim_clock {
    uint64_t now;
    struct sim_alarm *first; // private: by time, then by order of setting
};

// Lets the alarm ring in `in` nanoseconds, and from then on every `period` (0:
// once). An alarm that is set already is set anew.
void sim_alarm_set(struct sim_clock *clock, struct sim_alarm *alarm,
                   uint64_t in, uint64_t period);

// Nothing happens where it is not set.
void sim_alarm_stop(struct sim_clock *clock, struct sim_alarm *alarm);

// When the next alarm rings, or SIM_NEVER.
uint64_t sim_clock_next(const struct sim_clock *clock);

// Moves on to a time, ringing what is due on the way, each at its own time.
// An earlier time than now is now. An alarm may set and stop alarms, itself
// too, and may move the clock on itself.
void sim_clock_run(struct sim_clock *clock, uint64_t until);

#endif
