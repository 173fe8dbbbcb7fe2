// SPDX-License-Identifier: MIT
// What the fuzz targets share. A target is a function of any bytes that
// aborts when what it asserts does not hold; it keeps nothing between runs
// and allocates nothing, so that it is fast and a finding can be replayed.
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "core/base/text.h"

// libFuzzer's entry, and replay.c's.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Aborts unless it holds.
void fuzz_must(bool holds);

// A digest of what a parser gave, to compare two runs of it.
uint32_t fuzz_mix(uint32_t digest, const void *data, size_t size);
uint32_t fuzz_mix_span(uint32_t digest, struct blox_span span);
uint32_t fuzz_mix_u32(uint32_t digest, uint32_t value);

// An error comes with one whole sentence that begins so: something to read,
// on one line, that fits.
void fuzz_must_say(const struct blox_text *why, const char *begin);

// The rules of paths (PROTOCOL §2), written a second time: source for `src`
// and `delete`, else a member of a wheel.
void fuzz_must_be_path(struct blox_span path, bool source);

#endif
