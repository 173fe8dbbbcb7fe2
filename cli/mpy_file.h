// SPDX-License-Identifier: MIT
// What the head of a .mpy file (format 6) tells, and which wheels' platforms
// are which architecture of native code.
#ifndef CLI_MPY_FILE_H
#define CLI_MPY_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"

// The architectures of MicroPython's persistent code, by number; 0 is none.
enum { MPY_NO_ARCH = 0 };

struct mpy_head {
    unsigned arch;        // MPY_NO_ARCH: bytecode, runs anywhere
    unsigned sub_version; // of native code: 6.<sub_version>
};

// Reads the head. Returns false for what is no .mpy file of format 6.
bool mpy_head_read(const uint8_t *data, size_t size, struct mpy_head *head);

// "xtensawin" and the like, as mpy-cross's -march has them. Constant.
const char *mpy_arch_name(unsigned arch);

// The architecture of a platform ("esp32c3"), or MPY_NO_ARCH when it is not
// known.
unsigned mpy_platform_arch(const char *platform);

// Whether native code of an architecture runs on a platform: it is the
// platform's own, or an older ARM's.
bool mpy_runs_on(unsigned arch, const char *platform);

#endif
