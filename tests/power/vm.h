// SPDX-License-Identifier: MIT
// One life of MicroPython after another, in this process: the virtual board's
// interpreter without its threads, its pty and the host's clock. Time passes
// only when the program waits, so a minute of trial costs nothing.
#ifndef TESTS_POWER_VM_H
#define TESTS_POWER_VM_H

#include <stdbool.h>
#include <stddef.h>

#include "board/reset.h"

enum vm_end {
    VM_OFF = 1, // switched off by the program: it is at rest
    VM_RESET,   // by the program or the watchdog; vm_cause() says which
    VM_REPL,    // main.py came to its end
    VM_STUCK,   // waits for ever, or runs on and on
};

// Makes the heap and the chip's surroundings. Call once.
void vm_start(void);

// Runs _boot.py, boot.py and main.py on the chip of board_flash(), as it
// comes out of a reset of this kind.
enum vm_end vm_run(enum board_reset cause);

// The kind of the reset that ended the last life.
enum board_reset vm_cause(void);

// Ends the life that runs.
_Noreturn void vm_leave(enum vm_end end);

// Prints what the program prints, too; else it is only kept.
void vm_show(bool show);

// The end of what was printed; at most a few KiB.
const char *vm_said(void);

#endif
