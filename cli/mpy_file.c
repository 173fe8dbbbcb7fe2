// SPDX-License-Identifier: MIT
#include "cli/mpy_file.h"

#include <string.h>

enum {
    HEAD = 4,
    FORMAT = 6,
    ARMV6 = 3, // the first and last ARM: a later one runs an earlier one's code
    ARMV7EMDP = 8,
};

// By number in the head of a file.
static const struct {
    const char *name;
    const char *platform; // as python/mpy_blox/platform.py has them
} ARCHS[] = {
    {"none", ""},
    {"x86", "x86"},
    {"x64", "unix_x64"},
    {"armv6", "armv6"},
    {"armv6m", "armv6m"},
    {"armv7m", "armv7m"},
    {"armv7em", "armv7em"},
    {"armv7emsp", "armv7emsp"},
    {"armv7emdp", "armv7emdp"},
    {"xtensa", "xtensa"},
    {"xtensawin", "esp32"},
    {"rv32imc", "esp32c3"},
};

enum { ARCH_COUNT = sizeof ARCHS / sizeof *ARCHS };

bool mpy_head_read(const uint8_t *data, size_t size, struct mpy_head *head) {
    if (size < HEAD || data[0] != 'M' || data[1] != FORMAT) {
        return false;
    }
    *head = (struct mpy_head){.arch = data[2] >> 2 & 15,
                              .sub_version = data[2] & 3};
    return true;
}

const char *mpy_arch_name(unsigned arch) {
    return arch < ARCH_COUNT ? ARCHS[arch].name : "an unknown chip";
}

unsigned mpy_platform_arch(const char *platform) {
    for (unsigned arch = 1; arch < ARCH_COUNT; ++arch) {
        if (strcmp(ARCHS[arch].platform, platform) == 0) {
            return arch;
        }
    }
    return MPY_NO_ARCH;
}

bool mpy_runs_on(unsigned arch, const char *platform) {
    unsigned own = mpy_platform_arch(platform);
    return arch == own || (arch >= ARMV6 && arch < own && own <= ARMV7EMDP);
}
