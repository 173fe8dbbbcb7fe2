// SPDX-License-Identifier: MIT
// MCP3202: two channels of 12 bits by SPI. Source: Microchip, MCP3202 data
// sheet DS21034F, sections 4 and 5.
//
// With CS low the first clock with DIN high is the start; then come SGL/DIFF,
// ODD/SIGN and MSBF. After the clock of MSBF falls DOUT is low for one clock
// (the null bit), then come twelve bits, highest first; with MSBF low they
// follow once more, lowest first. DIN counts at rising clocks, DOUT changes at
// falling ones (modes 0,0 and 1,1). The code is 4096 * (IN+ - IN-) / VDD,
// within 0 and 4095.
#ifndef SIM_MCP3202_H
#define SIM_MCP3202_H

#include "sim/device.h"

struct sim_mcp3202 {
    struct sim_device device;
    // Settings.
    int clk;
    int din;
    int dout;
    int cs;
    struct sim_source channels[2]; // volts
    double vdd;
    // Private.
    int dout_driver;
    bool selected;
    bool second_run; // MSBF is low
    uint8_t in;      // control bits taken, the start included
    uint8_t control;
    uint8_t out; // clocks since DOUT is driven
    uint16_t code;
};

extern const struct sim_kind sim_mcp3202;

#endif
