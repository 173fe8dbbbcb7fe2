// SPDX-License-Identifier: MIT
// The control socket: what a hand at the board would do, for tests. A client
// connects, sends one command line, and reads one line: "ok", what it asked
// for, or a sentence that begins with "error: ".
#ifndef BOARD_CONTROL_H
#define BOARD_CONTROL_H

// Listens where --control says; without it does nothing. Ends the program
// with a sentence when that fails.
void board_control_start(void);

// Removes the socket's path.
void board_control_unlink(void);

#endif
