// SPDX-License-Identifier: MIT
// The device under test: a chip in memory, and MicroPython that boots on it
// again and again until it is at rest.
#ifndef TESTS_POWER_DEVICE_H
#define TESTS_POWER_DEVICE_H

#include "tests/power/medium.h"
#include "tests/power/scenario.h"

enum { DEVICE_SENTENCE = 400 };

// What came of running until the device was at rest.
struct device_result {
    unsigned set;                   // which it has, enum scenario_set
    int boots;                      // how many it took
    int free_at_commit;             // blocks of flash then; -1: no commit
    char sentence[DEVICE_SENTENCE]; // what is wrong; empty: nothing
};

// Makes the chip and MicroPython. Call once.
void device_start(void);

struct sim_flash *device_flash(void);

// Brings the chip to where the scenario begins. Returns false, having said
// why, when that fails.
bool device_prepare(const struct scenario *scenario);

// Power on, with a broker or without; boots until the device is at rest or
// something is wrong. record, when not NULL, gets what happened to the chip.
void device_run(const struct scenario *scenario, bool broker,
                struct medium_record *record, struct device_result *result);

// For the module _power, and for what is wrapped: the program says that it
// runs, with these secrets.
void device_reached(const char *secrets);
bool device_has_broker(void);
const struct scenario *device_scenario(void);

#endif
