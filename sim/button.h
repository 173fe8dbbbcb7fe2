// SPDX-License-Identifier: MIT
// A button, or anything else that pulls a pin to one level and else lets go:
// pressed for spans of time, or by hand. It bounces when asked to.
#ifndef SIM_BUTTON_H
#define SIM_BUTTON_H

#include "sim/device.h"

struct sim_button {
    struct sim_device device;
    // Settings.
    int pin;
    double active;            // the level while pressed, 0 or 1
    struct sim_spans pressed; // seconds
    double bounce;            // how often it opens again, within 5 ms
    double held;              // 1: pressed by hand
    // Private.
    int driver;
    bool down;       // as the scenario has it
    uint16_t next;   // of pressed
    uint8_t bounces; // still to come
    bool contact;    // whether it closes the circuit now
    struct sim_alarm turn;
    struct sim_alarm bouncing;
};

extern const struct sim_kind sim_button;

#endif
