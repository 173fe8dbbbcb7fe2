// SPDX-License-Identifier: MIT
#include "core/codec/uzlib_inflate.h"

#include "core/codec/inflate.h"

#include <string.h>

#include "core/base/error.h"

static int refill(struct blox_inflate *inflate) {
    size_t want = inflate->input_size;
    if (want > inflate->left) {
        want = inflate->left;
    }
    int32_t size = 0;
    if (want > 0) {
        size = inflate->read(inflate->context, inflate->input, want);
    }
    if (size <= 0) {
        inflate->error = size < 0 ? (int)size : BLOX_ERROR_FORMAT;
        return -1;
    }
    inflate->left -= (uint32_t)size;
    inflate->uzlib.source = inflate->input;
    inflate->uzlib.source_limit = inflate->input + size;
    return *inflate->uzlib.source++;
}

static int pull(void *inflate) {
    return refill(inflate);
}

void blox_inflate_init(struct blox_inflate *inflate,
                       const struct blox_inflate_config *config) {
    memset(inflate, 0, sizeof *inflate);
    memset(config->window, 0, config->window_size);
    inflate->read = config->read;
    inflate->context = config->context;
    inflate->input = config->input;
    inflate->input_size = config->input_size;
    inflate->left = config->compressed_size;
    uzlib_uncompress_init(&inflate->uzlib, config->window,
                          (unsigned)config->window_size);
    inflate->uzlib.source_read_cb = pull;
}

// uzlib goes on with zeros when its input ends, and says so in eof alone.
static int result_of(struct blox_inflate *inflate, int result) {
    if (inflate->uzlib.eof) {
        return inflate->error;
    }
    if (result == UZLIB_DICT_ERROR) {
        return BLOX_ERROR_LIMIT;
    }
    return result < 0 ? BLOX_ERROR_FORMAT : BLOX_OK;
}

int32_t blox_inflate_read(struct blox_inflate *inflate, uint8_t *data,
                          size_t size) {
    if (inflate->error < 0 || inflate->done || size == 0) {
        return inflate->error;
    }
    uzlib_uncomp_t *uzlib = &inflate->uzlib;
    uzlib->source_read_data = inflate;
    uzlib->dest_start = data;
    uzlib->dest = data;
    uzlib->dest_limit = data + size;
    int result = uzlib_uncompress(uzlib);
    inflate->error = result_of(inflate, result);
    if (inflate->error < 0) {
        return inflate->error;
    }
    inflate->done = result == UZLIB_DONE;
    inflate->output += (uint32_t)(uzlib->dest - data);
    return (int32_t)(uzlib->dest - data);
}
