// SPDX-License-Identifier: MIT
// The world around the processor: its clock, the wires at its pins, and the
// devices of a scenario. One lock guards it; MicroPython's threads and the
// hardware thread enter it in turn.
//
// Time: as a rule the world's clock follows the host's, and alarms ring in the
// hardware thread. With --fast nothing waits for the host: time passes where
// the program waits (sleep, a poll, a bus at work), and a microsecond at every
// turn of a loop and every look at the clock; alarms ring in the midst of the
// program. The same program then runs the same way every time.
#ifndef BOARD_WORLD_H
#define BOARD_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/device.h"
#include "sim/vcd.h"

#include "py/obj.h"

// Builds the world and starts its clock, after board_hardware_start() and
// before anything enters.
void board_world_start(void);

// Locks the world, brings it to this moment, and gives it. Calls nest.
struct sim_world *board_world_enter(void);

// Unlocks it. What the outermost call has collected by board_interrupt() is
// scheduled now.
void board_world_leave(void);

// Schedules callback(argument) when the world is left; for alarms and
// watchers. The objects must be referenced from elsewhere.
void board_interrupt(mp_obj_t callback, mp_obj_t argument);

// The same without a call: ends a wait of the processor, for it has news.
void board_world_wake(void);

// Lets the host catch up with a world that a bus at work took ahead, with the
// GIL released.
void board_world_settle(void);

// Whether --fast.
extern bool board_world_is_fast;

// With --fast: so much time passes now. Without it does nothing.
void board_world_pass_us(uint64_t us);

// With --fast: moves on to the next alarm, at most us (SIM_NEVER: no limit).
// Returns false when there is nothing to move on to.
bool board_world_skip(uint64_t us);

// With --fast: milliseconds until the next alarm, rounded up, or -1.
int board_world_next_ms(void);

// Microseconds since power-on, and since the last reset.
uint64_t board_world_us(void);
uint64_t board_world_uptime_us(void);

// Writes out what is buffered of the trace.
void board_world_flush(void);

// The trace of --vcd, whose file is NULL without.
extern struct sim_vcd board_vcd;

#endif
