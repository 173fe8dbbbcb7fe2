// SPDX-License-Identifier: MIT
// A voltage at a pin of the processor's own converter.
#ifndef SIM_ANALOG_H
#define SIM_ANALOG_H

#include "sim/device.h"

struct sim_analog {
    struct sim_device device;
    // Settings.
    int pin;
    struct sim_source volts;
};

extern const struct sim_kind sim_analog;

// The voltage at a wire now: that of the device connected there, or of the
// wire's level, 3.3 V or 0.
double sim_analog_volts(const struct sim_world *world, int wire);

#endif
