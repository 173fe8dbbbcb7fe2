// SPDX-License-Identifier: MIT
#include "core/codec/uzlib_inflate.h"

// Checksums are core/codec/crc32.h's business: this keeps uzlib's functions
// for them from being wanted at link time.
#define uzlib_adler32(data, length, sum) ((void)(data), (sum))
#define uzlib_crc32(data, length, crc) ((void)(data), (crc))

// uzlib looks up a distance symbol after testing `dist >= 30` alone, so that
// the -3 of a failed decode would read in front of its table. These macros
// send each mention of tinf_decode_symbol in tinflate.c (its definition, two
// calls with the tree `lt`, one with `dt`) where it belongs, and the one with
// `dt` through a function that turns a failure into a symbol uzlib refuses.
#define tinf_decode_symbol(state, tree) uzlib_decode_##tree)
#define uzlib_decode_TINF_TREE decode_symbol(uzlib_uncomp_t *d, TINF_TREE
#define uzlib_decode_lt decode_symbol(d, lt
#define uzlib_decode_dt decode_distance(d, dt

enum { NO_DISTANCE = 30 };

static int decode_symbol(uzlib_uncomp_t *d, TINF_TREE *t);

static int decode_distance(uzlib_uncomp_t *d, TINF_TREE *t) {
    int symbol = decode_symbol(d, t);
    return symbol < 0 ? NO_DISTANCE : symbol;
}

// Firmware builds turn warnings into errors, in uzlib's lines too.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
#include <tinflate.c>
#pragma GCC diagnostic pop
