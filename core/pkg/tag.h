// SPDX-License-Identifier: MIT
// The compatibility tags a device accepts (PEP 425, PROTOCOL §8).
#ifndef CORE_PKG_TAG_H
#define CORE_PKG_TAG_H

#include "core/base/span.h"

// Whether a device of this platform ("esp32", "esp32c3", "unix_x64") takes
// a wheel of this tag, which may be a compressed set: "py2.py3-none-any".
// Accepted: py3-none-any, and mpy6-bytecode-<platform>. Case does not count.
bool blox_tag_accepted(struct blox_span tag, struct blox_span platform);

#endif
