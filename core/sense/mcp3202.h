// SPDX-License-Identifier: MIT
// MCP3202, a 12-bit A/D converter of two channels on SPI: the three bytes that
// go out, and the value in the three that come in.
//
// Source: Microchip DS21034: configuration bits table 5-1, transfer in 8-bit
// segments figure 6-1. SPI mode 0,0 (or 1,1), most significant bit first; CS
// goes low before and high after every transfer. Clock: at least 10 kHz (the
// sample must not droop), at most 0.9 MHz at 2.7 V and 1.8 MHz at 5 V.
#ifndef CORE_SENSE_MCP3202_H
#define CORE_SENSE_MCP3202_H

#include "core/base/error.h"
#include "core/base/span.h"

enum {
    BLOX_MCP3202_FRAME = 3,   // bytes, both ways
    BLOX_MCP3202_MAX = 0xFFF, // the largest value
};

// What is measured, against what. In the pseudo-differential inputs a value
// below zero reads as 0.
enum blox_mcp3202_input {
    MCP3202_CH0,           // channel 0 against VSS
    MCP3202_CH1,           // channel 1 against VSS
    MCP3202_CH0_MINUS_CH1, // IN+ is channel 0, IN- is channel 1
    MCP3202_CH1_MINUS_CH0,
};

// Writes the bytes to send. Returns BLOX_OK, or BLOX_ERROR_ARGUMENT: no such
// input.
int blox_mcp3202_request(int input, uint8_t frame[BLOX_MCP3202_FRAME]);

// The value in the bytes that came in meanwhile: 0 to BLOX_MCP3202_MAX.
// Returns it, or BLOX_ERROR_FORMAT: the null bit before it is 1, as on a line
// that nothing drives low.
int blox_mcp3202_value(const uint8_t frame[BLOX_MCP3202_FRAME]);

#endif
