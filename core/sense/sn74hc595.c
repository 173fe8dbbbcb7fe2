// SPDX-License-Identifier: MIT
#include "core/sense/sn74hc595.h"

#include <string.h>

void blox_sn74hc595_init(struct blox_sn74hc595 *chain, uint8_t *image,
                         size_t chips) {
    chain->image = image;
    chain->chips = chips;
    blox_sn74hc595_fill(chain, false);
}

// The byte of an output's chip: the first of the chain is sent last.
static uint8_t *byte_of(const struct blox_sn74hc595 *chain, size_t output) {
    return &chain->image[chain->chips - 1 - output / 8];
}

static uint8_t mask_of(size_t output) {
    return (uint8_t)(1u << output % 8);
}

int blox_sn74hc595_set(struct blox_sn74hc595 *chain, size_t output, bool on) {
    if (output / 8 >= chain->chips) {
        return BLOX_ERROR_ARGUMENT;
    }
    uint8_t *byte = byte_of(chain, output);
    uint8_t mask = mask_of(output);
    *byte = (uint8_t)(on ? *byte | mask : *byte & ~mask);
    return BLOX_OK;
}

void blox_sn74hc595_fill(struct blox_sn74hc595 *chain, bool on) {
    memset(chain->image, on ? 0xFF : 0, chain->chips);
}

int blox_sn74hc595_get(const struct blox_sn74hc595 *chain, size_t output) {
    if (output / 8 >= chain->chips) {
        return BLOX_ERROR_ARGUMENT;
    }
    return (*byte_of(chain, output) & mask_of(output)) != 0;
}

void blox_sn74hc595_shift(struct blox_sn74hc595 *chain, struct blox_span data) {
    if (data.size > chain->chips) {
        data = blox_span_part(data, data.size - chain->chips, chain->chips);
    }
    if (data.size == 0) {
        return;
    }
    size_t kept = chain->chips - data.size;
    memmove(chain->image, chain->image + data.size, kept);
    memcpy(chain->image + kept, data.data, data.size);
}
