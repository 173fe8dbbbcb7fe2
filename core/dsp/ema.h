// SPDX-License-Identifier: MIT
// Exponential moving average, the first-order low-pass filter
//     y[n] = y[n-1] + alpha * (x[n] - y[n-1])
// from y[-1] = 0, for floats and for integers. (R. G. Lyons, Understanding
// Digital Signal Processing, 3rd ed., chapter 11.5, "Exponential Averaging".)
#ifndef CORE_DSP_EMA_H
#define CORE_DSP_EMA_H

#include <stdint.h>

#include "core/base/error.h"

// ---- Floats, of single precision: each step rounds to 24 bits.

struct blox_ema_float {
    float alpha; // over 0, at most 1
    float state;
};

// Starts at 0. alpha is over 0 and at most 1: it is not checked.
void blox_ema_float_init(struct blox_ema_float *ema, float alpha);

// Takes a sample. Returns the new average.
float blox_ema_float_next(struct blox_ema_float *ema, float sample);

// ---- Integers of 16 bits and a sign: the state keeps 14 bits behind the
// point, to which each step is rounded to nearest; the output is rounded half
// up. It differs from the exact average of the same samples by at most 0.5 +
// 2^-15 / alpha: 0.5 and a little for common alphas, 1.5 for the smallest. No
// 64-bit arithmetic.

enum {
    BLOX_EMA_ONE = 1 << 15,      // alpha is a fraction of this
    BLOX_EMA_SAMPLE_MAX = 65535, // samples: -65535 to 65535
};

struct blox_ema {
    int32_t alpha; // 1 to BLOX_EMA_ONE, in 1 / BLOX_EMA_ONE
    int32_t state; // the average, in 1 / 16384
};

// Returns BLOX_OK, or BLOX_ERROR_ARGUMENT: alpha is not 1 to BLOX_EMA_ONE.
int blox_ema_init(struct blox_ema *ema, int32_t alpha);

// Takes a sample of at most BLOX_EMA_SAMPLE_MAX either way, else it is cut to
// that. Returns the new average.
int32_t blox_ema_next(struct blox_ema *ema, int32_t sample);

#endif
