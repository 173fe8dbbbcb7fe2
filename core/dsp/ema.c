// SPDX-License-Identifier: MIT
#include "core/dsp/ema.h"

enum {
    ALPHA_BITS = 15,
    STATE_BITS = 14,
    ALPHA_MASK = BLOX_EMA_ONE - 1,
};

void blox_ema_float_init(struct blox_ema_float *ema, float alpha) {
    ema->alpha = alpha;
    ema->state = 0;
}

float blox_ema_float_next(struct blox_ema_float *ema, float sample) {
    ema->state += ema->alpha * (sample - ema->state);
    return ema->state;
}

int blox_ema_init(struct blox_ema *ema, int32_t alpha) {
    if (alpha < 1 || alpha > BLOX_EMA_ONE) {
        return BLOX_ERROR_ARGUMENT;
    }
    ema->alpha = alpha;
    ema->state = 0;
    return BLOX_OK;
}

// alpha * difference, rounded to nearest, in two halves that fit 32 bits.
static int32_t part(int32_t alpha, int32_t difference) {
    int32_t high = difference >> ALPHA_BITS;
    int32_t low = difference & ALPHA_MASK;
    return high * alpha + ((low * alpha + BLOX_EMA_ONE / 2) >> ALPHA_BITS);
}

static int32_t cut(int32_t sample) {
    if (sample > BLOX_EMA_SAMPLE_MAX) {
        return BLOX_EMA_SAMPLE_MAX;
    }
    return sample < -BLOX_EMA_SAMPLE_MAX ? -BLOX_EMA_SAMPLE_MAX : sample;
}

int32_t blox_ema_next(struct blox_ema *ema, int32_t sample) {
    int32_t wanted = cut(sample) * (1 << STATE_BITS);
    ema->state += part(ema->alpha, wanted - ema->state);
    return (ema->state + (1 << (STATE_BITS - 1))) >> STATE_BITS;
}
