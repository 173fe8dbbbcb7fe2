// SPDX-License-Identifier: MIT
#include "core/sound/pcm.h"

#include <string.h>

int blox_pcm_wide_bits(int bits) {
    return bits == 8 ? 16 : bits == 24 ? 32 : bits;
}

static bool known(int bits) {
    return bits == 8 || bits == 16 || bits == 24 || bits == 32;
}

// Both work from the end, so that no sample is overwritten before its turn.
static void widen_8(uint8_t *buffer, size_t samples) {
    for (size_t i = samples; i-- > 0;) {
        uint8_t sample = buffer[i];
        buffer[2 * i + 1] = sample ^ 0x80;
        buffer[2 * i] = 0;
    }
}

static void widen_24(uint8_t *buffer, size_t samples) {
    for (size_t i = samples; i-- > 0;) {
        memmove(buffer + 4 * i + 1, buffer + 3 * i, 3);
        buffer[4 * i] = 0;
    }
}

int32_t blox_pcm_widen(uint8_t *buffer, size_t capacity, size_t size,
                       int bits) {
    size_t bytes = (size_t)bits / 8;
    if (!known(bits) || size % bytes != 0) {
        return BLOX_ERROR_ARGUMENT;
    }
    size_t samples = size / bytes;
    size_t wide = samples * (size_t)blox_pcm_wide_bits(bits) / 8;
    if (wide > capacity) {
        return BLOX_ERROR_BUFFER;
    }
    if (bits == 8) {
        widen_8(buffer, samples);
    } else if (bits == 24) {
        widen_24(buffer, samples);
    }
    return (int32_t)wide;
}
