// SPDX-License-Identifier: MIT
// The board's clock. As on an ESP32 it starts at 2000-01-01 at power-on, runs
// on through resets, and counts from the year 2000.
#ifndef BOARD_CLOCK_H
#define BOARD_CLOCK_H

#include <stdint.h>

// Seconds between the Unix epoch and 2000-01-01.
enum { BOARD_EPOCH = 946684800 };

// Microseconds since 2000-01-01, by the board's clock.
int64_t board_clock_us(void);

// Sets the board's clock to such a time.
void board_clock_set_us(int64_t us);

// Microseconds since 2000-01-01, by the host's clock.
int64_t board_clock_host_us(void);

// Milliseconds since the last reset.
uint64_t board_clock_uptime_ms(void);

#endif
