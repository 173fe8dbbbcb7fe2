// SPDX-License-Identifier: MIT
// The file /.blox/boots, which tells crashes from resets in order. Its first
// line is "<boots that ended well> <seconds> [repl]"; behind it stands one
// character for each boot since that has not (yet) ended well, in order:
//
//     0 to 5   a boot, named by its reset cause as machine.reset_cause() has
//              it: 1 power-on, 2 hard, 3 watchdog, 4 deep sleep, 5 soft
//     r        safe mode ended the boot before, to try user_main once more
//
// So the last character is the crash mark of the boot that runs; one in front
// of it is a boot that did not end well, and the one behind it tells how. All
// of them go when a boot ends in order, passes the gate, or is interrupted from
// the REPL. rescue() of main.py counts by the same rules on trial.
#ifndef CORE_OTA_BOOTS_H
#define CORE_OTA_BOOTS_H

#include "core/base/span.h"

enum {
    BLOX_BOOTS_MAX = 96, // characters that are worth keeping
    // Where a set on trial is undone, and safe mode begins.
    BLOX_BOOTS_CRASHES = 3,
    BLOX_BOOTS_POWER_CUTS = 10,       // on trial alone
    BLOX_BOOTS_SAFE_S = 600,          // the first safe mode lasts so long,
    BLOX_BOOTS_SAFE_MAX_S = 6 * 3600, // each that follows twice as long
};

struct blox_boots {
    uint32_t crashes;    // boots that ended by a reset out of order
    uint32_t power_cuts; // boots that ended by a power cut
};

// Counts the boots of a set on trial.
void blox_boots_count(struct blox_boots *boots, struct blox_span causes);

// Whether a set on trial that counts so is undone.
bool blox_boots_undo(const struct blox_boots *boots);

// Judges a boot outside a trial, whose own cause is the last of causes. Here a
// power cycle forgives crashes before it, and a program may reset softly.
// Returns for how many seconds to stay in safe mode, 0 to run user_main.
uint32_t blox_boots_safe_mode(struct blox_span causes);

// Leaves out of causes what does not matter, so that at most BLOX_BOOTS_MAX
// remain. Returns the part to keep.
struct blox_span blox_boots_shorten(struct blox_span causes);

#endif
