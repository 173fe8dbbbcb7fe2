// SPDX-License-Identifier: MIT
// The heap's splits. MicroPython asks for another one when it is full; an
// ESP32 gives it what its system heap has left, the board what --heap says.
#include <stdlib.h>

#include "py/gc.h"

#include "board/options.h"

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
