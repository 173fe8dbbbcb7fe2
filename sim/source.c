// SPDX-License-Identifier: MIT
#include "sim/source.h"

#include <math.h>

void sim_source_constant(struct sim_source *source, double value) {
    source->kind = SIM_CONSTANT;
    source->count = 1;
    source->points[0].value = value;
}

static double ramp(const struct sim_source *source, double part) {
    double from = source->points[0].value;
    return from + (source->points[1].value - from) * part;
}

static double table(const struct sim_source *source, double seconds) {
    const struct sim_point *point = source->points;
    const struct sim_point *last = point + source->count - 1;
    while (point < last && point[1].at <= seconds) {
        point++;
    }
    if (source->kind == SIM_TABLE || point == last || seconds < point->at) {
        return point->value;
    }
    double part = (seconds - point->at) / (point[1].at - point->at);
    return point->value + (point[1].value - point->value) * part;
}

double sim_source_at(const struct sim_source *source, uint64_t ns) {
    double seconds = (double)ns / 1e9;
    double turns = source->seconds > 0 ? seconds / source->seconds : 0;
    switch (source->kind) {
    case SIM_RAMP:
        return ramp(source, turns < 1 ? turns : 1);
    case SIM_SAW:
        return ramp(source, turns - floor(turns));
    case SIM_SINE:
        return source->points[0].value +
               source->amplitude * sin(2 * 3.14159265358979323846 * turns);
    case SIM_TABLE:
    case SIM_LINES:
        return table(source, seconds);
    default:
        return source->points[0].value;
    }
}
