// SPDX-License-Identifier: MIT
// SN74HC595 shift registers in a chain of any length: the image of what their
// outputs shall show, and the bytes that put it there.
//
// Source: TI SCLS041, function table and logic diagram. Bits enter at SER of
// the first chip with each rising edge of SRCLK and leave at QH' for the next
// chip's SER; a rising edge of RCLK shows them all at once. So what is sent
// first ends in the chip farthest away, and of each byte the bit sent first
// ends at QH. SPI mode 0, most significant bit first.
//
// Outputs are numbered along the chain: 0 is QA of the chip at the SER line, 7
// its QH, 8 the QA of the chip behind it.
#ifndef CORE_SENSE_SN74HC595_H
#define CORE_SENSE_SN74HC595_H

#include "core/base/error.h"
#include "core/base/span.h"

struct blox_sn74hc595 {
    uint8_t *image; // the caller's; the bytes to shift out, in this order
    size_t chips;   // bytes in it, one for each chip
};

// Starts with all outputs 0. image must outlive the chain.
void blox_sn74hc595_init(struct blox_sn74hc595 *chain, uint8_t *image,
                         size_t chips);

// Sets one output of the image, or all of them. Returns BLOX_OK, or
// BLOX_ERROR_ARGUMENT: the chain has no such output.
int blox_sn74hc595_set(struct blox_sn74hc595 *chain, size_t output, bool on);
void blox_sn74hc595_fill(struct blox_sn74hc595 *chain, bool on);

// Whether an output of the image is on. Returns 1 or 0, or
// BLOX_ERROR_ARGUMENT: the chain has no such output.
int blox_sn74hc595_get(const struct blox_sn74hc595 *chain, size_t output);

// What the chips hold after more bytes were shifted out: with fewer bytes than
// chips the old ones move on, with more the first ones leave at the far end.
void blox_sn74hc595_shift(struct blox_sn74hc595 *chain, struct blox_span data);

#endif
