// SPDX-License-Identifier: MIT
#include "board/heap.h"

#include <stdlib.h>

#include "py/gc.h"
#include "py/mpstate.h"

#include "board/options.h"
#include "board/reset.h"

enum { WATCH_BYTES = 2048 };

// Before each split, so that its size is known when it is given back.
union split_header {
    size_t size;
    max_align_t align;
};

static size_t grown;

size_t gc_get_max_new_split(void) {
    return board_options()->heap_grow - grown;
}

void *board_heap_alloc(size_t size) {
    if (size > gc_get_max_new_split()) {
        return NULL;
    }
    union split_header *header = malloc(sizeof(*header) + size);
    if (header == NULL) {
        return NULL;
    }
    header->size = size;
    grown += size;
    return header + 1;
}

void board_heap_free(void *heap) {
    union split_header *header = (union split_header *)heap - 1;
    grown -= header->size;
    free(header);
}

void board_heap_watch(void) {
    if (board_options()->heap_watch) {
        MP_STATE_MEM(gc_alloc_threshold) =
            WATCH_BYTES / MICROPY_BYTES_PER_GC_BLOCK;
    }
}

void __real_gc_collect_end(void);
void __wrap_gc_collect_end(void);

// What a collection leaves is what was alive.
void __wrap_gc_collect_end(void) {
    gc_info_t info;
    __real_gc_collect_end();
    gc_info(&info);
    if (info.used > board_always_on()->heap_peak) {
        board_always_on()->heap_peak = info.used;
    }
}

size_t board_heap_take_peak(void) {
    size_t peak = board_always_on()->heap_peak;
    board_always_on()->heap_peak = 0;
    return peak;
}
