// SPDX-License-Identifier: MIT
// SN74HC595: a chain of 8-bit shift registers with output latches. Source:
// Texas Instruments, SN74HC595 data sheet SCLS041, function table.
//
// SRCLK rising shifts SER into QA, QA into QB and so on, QH into the next
// chip. RCLK rising copies all to the outputs. SRCLR low clears the shift
// register, not the outputs. OE low lets the outputs drive.
#ifndef SIM_HC595_H
#define SIM_HC595_H

#include "sim/device.h"

enum { SIM_HC595_CHIPS = 8 };

struct sim_hc595 {
    struct sim_device device;
    // Settings. oe: -1 is tied low; srclr: -1 is tied high.
    int ser;
    int srclk;
    int rclk;
    int oe;
    int srclr;
    double chips; // 1 to SIM_HC595_CHIPS
    // To be looked at. Bit 0 is QA of the chip SER goes to.
    uint64_t outputs;
    uint64_t latches; // rising RCLKs so far
    // Private.
    uint64_t shift;
};

extern const struct sim_kind sim_hc595;

// Whether the outputs drive.
bool sim_hc595_enabled(const struct sim_hc595 *chain);

#endif
