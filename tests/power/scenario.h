// SPDX-License-Identifier: MIT
// One scenario: a device at rest, what the broker has for it, and which set it
// must end with. tests/power/scenarios.py writes each as a folder:
//
//   image/   the files that the device is made with
//   before/  what they are once it has booted (the old set)
//   after/   what they are with the new set
//   payload/ what the broker retains; payload/index: "<file> <topic>" a line
//   conf     "<key> <value>" a line, see scenario.c
#ifndef TESTS_POWER_SCENARIO_H
#define TESTS_POWER_SCENARIO_H

#include "tests/power/image.h"

enum {
    SCENARIO_PAYLOADS = 40,
    SCENARIO_NAME = 40,
    SCENARIO_TEXT = 200,
};

// Where a run may end, and what a run may show on its way.
enum scenario_set {
    SCENARIO_OLD = 1,
    SCENARIO_NEW = 2,
    SCENARIO_TRIAL =
        4, // the new set, but for main.py, boot.py, mpy_blox.rescue
};

struct scenario {
    const char *folder; // the caller's
    char name[SCENARIO_NAME];
    int blocks;               // of the file system
    bool first_boot;          // the device has never run: it is the run
    bool downloaded;          // the run begins when all is downloaded
    int free_blocks;          // left at the start; -1: as it comes
    int worn_every;           // each so many-th block is worn; 0: none
    enum sim_flash_wear wear; // how
    int free_at_commit;       // left when it commits; -1: as it comes
    int aged;                 // times that files were written before
    unsigned uncut;           // sets that the run without a cut may end with
    int boots; // that it has at least: it got as far as its trial
    char secrets[SCENARIO_TEXT]; // what the program must find, each boot

    struct image_tree old, new, trial;
    struct {
        char topic[SCENARIO_TEXT];
        uint8_t *data;
        size_t size;
    } payload[SCENARIO_PAYLOADS];
    int payloads;
};

// Reads a scenario's folder, whose name must stay. Returns false, having said
// why, when it is not right.
bool scenario_load(struct scenario *scenario, const char *folder);

// Which set a tree is, as enum scenario_set; 0: neither. With exact, also the
// directories count.
unsigned scenario_set_of(const struct scenario *scenario,
                         const struct image_tree *tree, bool exact);

// "old", "new" ...
const char *scenario_set_name(unsigned set);

#endif
