// SPDX-License-Identifier: MIT
// MicroPython's compiler mpy-cross, a program of its own.
#ifndef CLI_MPY_CROSS_H
#define CLI_MPY_CROSS_H

#include "cli/file.h"

struct mpy_cross {
    char *tool;     // the program, as it is called
    char *output;   // a temporary file
    unsigned march; // of enum in cli/mpy_file.h, for native decorators
};

// Finds the program: given, unless NULL, else mpy-cross on the PATH, else the
// one built beside this tool. On failure says why and returns CLI_INPUT.
// mpy_cross_close is called in either case.
enum cli_exit mpy_cross_open(struct mpy_cross *cross, const char *given,
                             unsigned march);

// Compiles a file; name is what tracebacks call it. bytes are for the caller to
// free. On failure says why and returns CLI_INPUT.
enum cli_exit mpy_cross_compile(const struct mpy_cross *cross, const char *file,
                                const char *name, struct file_bytes *bytes);

void mpy_cross_close(struct mpy_cross *cross);

#endif
