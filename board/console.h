// SPDX-License-Identifier: MIT
// The serial console: the master side of a pty that behaves as a UART. What
// is printed while nobody has the other side open is lost (but logged);
// opening it resets nothing.
#ifndef BOARD_CONSOLE_H
#define BOARD_CONSOLE_H

#include <stddef.h>

// Opens the pty and the log, or takes the pty over from before a reset. Ends
// the program with a sentence when that fails.
void board_console_start(void);

// Prints as the boot ROM would, before and without MicroPython.
void board_console_print(const char *text);

// Removes the symbolic link.
void board_console_unlink(void);

#endif
