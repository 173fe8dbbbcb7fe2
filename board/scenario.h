// SPDX-License-Identifier: MIT
// The scenario file: which devices are connected to which pins, what they
// sense over time and when they fail. Its schema is in docs/board.md.
#ifndef BOARD_SCENARIO_H
#define BOARD_SCENARIO_H

#include <stddef.h>

struct sim_world;

// Builds what --scenario and --wav ask for. Ends the program with a sentence
// when the file is wrong.
void board_scenario_start(struct sim_world *world);

// Commands of the control socket. Each writes its answer of at most size
// bytes, or a sentence that begins with "error: ".
void board_scenario_devices(const char *arguments, char *answer, size_t size);
void board_scenario_show(const char *arguments, char *answer, size_t size);
void board_scenario_fault(const char *arguments, char *answer, size_t size);
void board_scenario_set(const char *arguments, char *answer, size_t size);

#endif
