// SPDX-License-Identifier: MIT
#include "core/codec/crc32.h"

#include <uzlib.h>

uint32_t blox_crc32(uint32_t crc, const uint8_t *data, size_t size) {
    return ~uzlib_crc32(data, (unsigned)size, ~crc);
}
