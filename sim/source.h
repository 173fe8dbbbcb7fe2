// SPDX-License-Identifier: MIT
// A quantity over time: what a sensor of a simulated world senses.
#ifndef SIM_SOURCE_H
#define SIM_SOURCE_H

#include <stdint.h>

enum { SIM_SOURCE_POINTS = 64 };

enum sim_source_kind {
    SIM_CONSTANT,
    SIM_RAMP,  // from points[0] to points[1], then it stays
    SIM_SAW,   // the same, over and over
    SIM_SINE,  // starts at the middle, rising
    SIM_TABLE, // points in order of time; the last one stays
    SIM_LINES, // the same, with straight lines between
};

struct sim_point {
    double at; // seconds
    double value;
};

// A constant is points[0].value; a sine swings `amplitude` around
// points[0].value in `seconds`; a ramp takes `seconds`.
struct sim_source {
    enum sim_source_kind kind;
    double seconds; // more than 0 for ramp, saw and sine
    double amplitude;
    uint16_t count;
    struct sim_point points[SIM_SOURCE_POINTS];
};

// Makes it constant.
void sim_source_constant(struct sim_source *source, double value);

// The value at a time in nanoseconds since the world began.
double sim_source_at(const struct sim_source *source, uint64_t ns);

#endif
