// SPDX-License-Identifier: MIT
#include "sim/clock.h"

#include <stddef.h>

static void insert(struct sim_clock *clock, struct sim_alarm *alarm) {
    struct sim_alarm **at = &clock->first;
    while (*at != NULL && (*at)->due <= alarm->due) {
        at = &(*at)->next;
    }
    alarm->next = *at;
    alarm->set = true;
    *at = alarm;
}

void sim_alarm_stop(struct sim_clock *clock, struct sim_alarm *alarm) {
    struct sim_alarm **at = &clock->first;
    while (*at != NULL && *at != alarm) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = alarm->next;
    }
    alarm->set = false;
}

void sim_alarm_set(struct sim_clock *clock, struct sim_alarm *alarm,
                   uint64_t in, uint64_t period) {
    sim_alarm_stop(clock, alarm);
    alarm->due = clock->now + in;
    alarm->period = period;
    insert(clock, alarm);
}

uint64_t sim_clock_next(const struct sim_clock *clock) {
    return clock->first != NULL ? clock->first->due : SIM_NEVER;
}

static void ring_first(struct sim_clock *clock) {
    struct sim_alarm *alarm = clock->first;
    clock->first = alarm->next;
    alarm->set = false;
    if (alarm->due > clock->now) {
        clock->now = alarm->due;
    }
    if (alarm->period != 0) {
        alarm->due += alarm->period;
        insert(clock, alarm);
    }
    alarm->ring(alarm->context);
}

void sim_clock_run(struct sim_clock *clock, uint64_t until) {
    while (sim_clock_next(clock) <= until) {
        ring_first(clock);
    }
    if (clock->now < until) {
        clock->now = until;
    }
}
