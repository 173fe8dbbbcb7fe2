// SPDX-License-Identifier: MIT
// PCM samples made fit for I2S, which takes signed little-endian samples of 16
// or 32 bits. In place: the samples lie at the start of a buffer that has room
// for what they become.
#ifndef CORE_SOUND_PCM_H
#define CORE_SOUND_PCM_H

#include "core/base/error.h"
#include "core/base/span.h"

// Returns the bits of a sample after blox_pcm_widen: 8 become 16, 24 become 32,
// others stay.
int blox_pcm_wide_bits(int bits);

// Widens size bytes of samples of `bits` bits. 8 (unsigned, 128 is silence)
// become 16 and 24 become 32, filled with zeros below; 16 and 32 stay. No
// sample loses a bit. Returns the new size in bytes; or BLOX_ERROR_ARGUMENT
// (size is not whole samples, or bits is none of these), or BLOX_ERROR_BUFFER
// (capacity is too small).
int32_t blox_pcm_widen(uint8_t *buffer, size_t capacity, size_t size, int bits);

#endif
