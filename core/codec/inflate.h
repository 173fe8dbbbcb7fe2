// SPDX-License-Identifier: MIT
// Raw deflate (RFC 1951): a front over uzlib that pulls compressed bytes
// through a read operation and fills the caller's output buffer piece by
// piece. Memory is this struct (about 1.4 KB), the caller's input buffer, and
// the window: the last bytes of output, which the data refers back to.
//
// A reference beyond the window, an impossible code, data that ends early are
// errors, and nothing outside the caller's buffers is ever touched. Some broken
// data yields wrong bytes instead (a reference before the first byte reads
// zeros), so a checksum must follow. Bytes behind the end of the compressed
// data are never read.
#ifndef CORE_CODEC_INFLATE_H
#define CORE_CODEC_INFLATE_H

#include <uzlib.h>

#include "core/base/span.h"

struct blox_inflate {
    struct _uzlib_uncomp_t uzlib; // private
    // Reads up to size bytes of compressed data. Returns how many (0: there
    // are no more), or a negative error, which blox_inflate_read returns.
    int32_t (*read)(void *context, uint8_t *data, size_t size);
    void *context;
    uint8_t *input; // private: the input buffer
    size_t input_size;
    uint32_t left;   // private: compressed bytes not yet asked for
    uint32_t output; // bytes produced so far
    int error;       // private: the first error
    bool done;
};

// What a caller provides. All of it must outlive the inflate.
struct blox_inflate_config {
    int32_t (*read)(void *context, uint8_t *data, size_t size);
    void *context;
    uint8_t *input; // buffer for compressed bytes
    size_t input_size;
    uint8_t *window;          // any size from 1 to 32768; min(size of the
    size_t window_size;       // output, sender's window) is always enough
    uint32_t compressed_size; // bytes of compressed data; never more are read
};

// Starts.
void blox_inflate_init(struct blox_inflate *inflate,
                       const struct blox_inflate_config *config);

// Fills up to size bytes of data. Returns how many: fewer than size only at
// the end of the stream, 0 after it; or BLOX_ERROR_FORMAT (broken data, or data
// that ends early), BLOX_ERROR_LIMIT (a distance beyond the window), or the
// error of the read operation.
int32_t blox_inflate_read(struct blox_inflate *inflate, uint8_t *data,
                          size_t size);

#endif
