// SPDX-License-Identifier: MIT
#include "core/sense/mcp3202.h"

enum {
    START = 0x01,        // seven zeros before it
    SINGLE_ENDED = 0x80, // SGL/DIFF
    ODD_SIGN = 0x40,
    MSB_FIRST = 0x20, // MSBF: and nothing behind the value
    NULL_BIT = 0x10,
};

int blox_mcp3202_request(int input, uint8_t frame[BLOX_MCP3202_FRAME]) {
    if (input < MCP3202_CH0 || input > MCP3202_CH1_MINUS_CH0) {
        return BLOX_ERROR_ARGUMENT;
    }
    bool single = input == MCP3202_CH0 || input == MCP3202_CH1;
    bool odd = input == MCP3202_CH1 || input == MCP3202_CH1_MINUS_CH0;
    frame[0] = START;
    frame[1] = (uint8_t)((single ? SINGLE_ENDED : 0) | (odd ? ODD_SIGN : 0) |
                         MSB_FIRST);
    frame[2] = 0;
    return BLOX_OK;
}

int blox_mcp3202_value(const uint8_t frame[BLOX_MCP3202_FRAME]) {
    if ((frame[1] & NULL_BIT) != 0) {
        return BLOX_ERROR_FORMAT;
    }
    return (frame[1] & 0x0F) << 8 | frame[2];
}
