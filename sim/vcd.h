// SPDX-License-Identifier: MIT
// A trace of wires as a value change dump (IEEE 1364-2001, chapter 18), for
// waveform viewers. Wires are gpio0, gpio1 and so on; a wire with PWM has two
// real numbers, its frequency and its duty, beside it.
#ifndef SIM_VCD_H
#define SIM_VCD_H

#include <stdio.h>

#include "sim/device.h"

struct sim_vcd {
    FILE *file;
    struct sim_world *world;
    uint64_t time; // the last one written
};

// Begins a file and traces all wires from now on. Returns 0, or -1 with
// errno.
int sim_vcd_open(struct sim_vcd *vcd, const char *path,
                 struct sim_world *world);

// A wire's PWM changed; duty is 0 to 1.
void sim_vcd_pwm(struct sim_vcd *vcd, int wire, double hertz, double duty);

// Writes out what is buffered, with the time that it is now.
void sim_vcd_flush(struct sim_vcd *vcd);

#endif
