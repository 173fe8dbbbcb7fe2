// SPDX-License-Identifier: MIT
// Headers of .mpy files (MicroPython's docs, reference/mpyfiles): 'M', the
// format's version, then a byte with the native sub-version (bits 0, 1) and
// the architecture (bits 2 to 5). Bytecode has no architecture, and loads
// wherever its version does.
#ifndef CORE_PKG_MPY_H
#define CORE_PKG_MPY_H

#include "core/base/text.h"

enum { BLOX_MPY_HEAD = 3 }; // bytes of a header that are read

// Whether firmware whose sys.implementation._mpy is own loads a file that
// begins with head. What is no .mpy is none of ours to judge: true.
bool blox_mpy_loads(const uint8_t head[BLOX_MPY_HEAD], uint32_t own);

// Adds "6.3", with native code "6.3 (chip 11)".
void blox_mpy_add(struct blox_text *text, uint32_t mpy);

// A header as sys.implementation._mpy is.
uint32_t blox_mpy_of(const uint8_t head[BLOX_MPY_HEAD]);

#endif
