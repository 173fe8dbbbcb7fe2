// SPDX-License-Identifier: MIT
// Goes through a run operation by operation, cuts each in several ways, and
// looks what the device makes of it; then cuts what it makes of it, and so on.
//
// Processes are forked in place of starting over: at any time one process
// holds the flash as it is before an operation, with a MicroPython that has
// just been initialised. A cut is a fork of it.
#ifndef TESTS_POWER_SWEEP_H
#define TESTS_POWER_SWEEP_H

#include "tests/power/device.h"

enum {
    SWEEP_DEPTH = 3, // cuts in one run at most
    SWEEP_ID = 160,
    SWEEP_FAILURES = 20, // that are kept
};

// Which cuts are made.
struct sweep_plan {
    uint64_t seed;
    double share;  // of the first cuts: 1: all; each operation is cut in
                   // one way at least, unless:
    bool sparse;   // some operations are not cut at all
    int stretches; // not 0: no share, but of each so many-th part of the
                   // operations one in each way, at a place that chance picks
    double second; // second cuts after each first one, on average
    double third;  // third cuts after each second one
    int worker;    // does every so many-th first cut:
    int workers;
    bool ignore_sync; // a planted fault
};

// In memory that all processes share.
struct sweep_tally {
    unsigned operations; // of the run without a cut
    unsigned uncut;      // how it ended, enum scenario_set
    int boots;           // that it took
    int free_at_commit;  // blocks of flash then; -1: it committed nothing
    unsigned long cuts, seconds, thirds; // cuts in all, and of which depth
    unsigned long old, new;              // how they ended
    unsigned long failures;
    struct {
        char id[SWEEP_ID];
        char sentence[DEVICE_SENTENCE];
    } failure[SWEEP_FAILURES];
};

// Makes a tally, empty.
struct sweep_tally *sweep_tally_new(void);

// Goes through a scenario. What was found is added to the tally. Returns
// false, having said why, when the scenario does not run even without a cut.
bool sweep_run(const struct scenario *scenario, const struct sweep_plan *plan,
               struct sweep_tally *tally);

// Makes the one cut that an id names, showing what the device prints. Returns
// false, having said why, when there is no such cut.
bool sweep_replay(const struct scenario *scenario, const char *id,
                  const struct sweep_plan *plan);

#endif
