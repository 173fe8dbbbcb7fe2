// SPDX-License-Identifier: MIT
// The core that GNU's assembler, linker and (from version 13) compiler for
// Xtensa build for, as a shared object that they load from the path in
// XTENSA_GNU_CONFIG. Debian's are made for an ESP8266, without register
// windows; with this they speak an ESP32's instruction set. It is binutils'
// own example of a core, made little-endian: all its instructions are in an
// LX6 (ESP32) and an LX7 (ESP32-S2, S3) as well.
#include "xtensa-config.h"

#undef XCHAL_HAVE_BE
#define XCHAL_HAVE_BE 0

#define XTENSA_CONFIG_DEFINITION
#include "xtensa-dynconfig.h"

XTENSA_CONFIG_INSTANCE_LIST;
